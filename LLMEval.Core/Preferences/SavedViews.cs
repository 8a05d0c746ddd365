using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Preferences;

/// <param name="IsOwn">May be changed and deleted by the one who asked.</param>
public sealed record SavedViewRow(long Id, string Name, string Query, bool IsShared, bool IsOwn, string OwnerName);

public sealed class SavedViewQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    private const int Most = 200;

    /// <summary>One's own views of a page and those that others share, by name; 200 at most.</summary>
    public async Task<IReadOnlyList<SavedViewRow>> OfPageAsync(string page, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.SavedViews.AsNoTracking().Where(v => v.Page == page && (v.IsShared || v.OwnerId == actor.UserId))
            .OrderBy(v => v.Name).ThenBy(v => v.Id).Take(Most)
            .Select(v => new SavedViewRow(v.Id, v.Name, v.Query, v.IsShared, v.OwnerId == actor.UserId, v.OwnerName))
            .ToListAsync(cancellationToken);
    }
}

/// <param name="Query">The address' query with its question mark; empty for the page as it opens.</param>
public sealed record SaveViewRequest(string Page, string Name, string Query, bool IsShared);

/// <summary>Keeps a view under a name; one's own view of that name is replaced.</summary>
public sealed class SaveView(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(SaveViewRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.UserId == 0)
        {
            return Failure.Invalid("AccountOnly");
        }
        var name = request.Name.Trim();
        if (name.Length is 0 or > SavedView.MaxNameLength)
        {
            return Failure.Invalid("ViewName", nameof(request.Name), SavedView.MaxNameLength);
        }
        if (request.Query.Length > SavedView.MaxQueryLength)
        {
            return Failure.Invalid("ViewTooLong", nameof(request.Query), SavedView.MaxQueryLength);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var view = await db.SavedViews.SingleOrDefaultAsync(v => v.OwnerId == actor.UserId && v.Page == request.Page && v.Name == name, cancellationToken);
        if (view is null)
        {
            db.SavedViews.Add(view = new SavedView { OwnerId = actor.UserId, Page = request.Page, Name = name });
        }
        (view.OwnerName, view.Query, view.IsShared, view.UpdatedAt) = (actor.Name, request.Query, request.IsShared, clock.GetUtcNow().UtcDateTime);
        db.AuditEntries.Add(AuditEntry.Of(actor, view.UpdatedAt, "view.save", name, null, new { request.Page, request.IsShared }));
        await db.SaveChangesAsync(cancellationToken);
        return view.Id;
    }
}

/// <summary>Deletes one's own view.</summary>
public sealed class DeleteView(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Failure?> ExecuteAsync(long id, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (actor.UserId == 0 || await db.SavedViews.SingleOrDefaultAsync(v => v.Id == id && v.OwnerId == actor.UserId, cancellationToken) is not { } view)
        {
            return Failure.NotFound("ViewNotFound");
        }
        db.SavedViews.Remove(view);
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "view.delete", view.Name, id));
        await db.SaveChangesAsync(cancellationToken);
        return null;
    }
}

/// <summary>What an account has set for itself, by key. Nobody and keys of the API have no settings.</summary>
public sealed class UserSettings(IDbContextFactory<LLMEvalDbContext> contexts)
{
    public async Task<string?> GetAsync(string key, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.UserId == 0)
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.UserSettings.AsNoTracking().Where(s => s.UserId == actor.UserId && s.Key == key).Select(s => s.Value).SingleOrDefaultAsync(cancellationToken);
    }

    /// <param name="value">Null forgets the setting.</param>
    public async Task<Failure?> SetAsync(string key, string? value, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.UserId == 0)
        {
            return Failure.Invalid("AccountOnly");
        }
        if (value?.Length > SavedView.MaxQueryLength)
        {
            return Failure.Invalid("ViewTooLong", nameof(value), SavedView.MaxQueryLength);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var setting = await db.UserSettings.SingleOrDefaultAsync(s => s.UserId == actor.UserId && s.Key == key, cancellationToken);
        if (value is null)
        {
            if (setting is not null)
            {
                db.UserSettings.Remove(setting);
            }
        }
        else if (setting is null)
        {
            db.UserSettings.Add(new UserSetting { UserId = actor.UserId, Key = key, Value = value });
        }
        else
        {
            setting.Value = value;
        }
        await db.SaveChangesAsync(cancellationToken);
        return null;
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>A set with all that is said of it, but its items.</summary>
/// <param name="SetNames">Of the sets that the rule or the source speaks of.</param>
public sealed record SetOutline(
    long Id, string Name, string? Purpose, string? Description, IReadOnlyList<string> Tags, int ContextLength, int ItemCount, int? NewestVersion, IReadOnlyList<string> BizCodes,
    SampleFilter? Rule, SetSource? Source, IReadOnlyDictionary<long, string> SetNames, string OwnerName, DateTime CreatedAt, DateTime UpdatedAt);

/// <summary>Sets as programs address them: by name. Who may change sets may read this much of them too.</summary>
public sealed class SetOutlineQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<long?> FindAsync(string name, Actor actor, CancellationToken cancellationToken)
    {
        if (!MayKnow(actor))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.VisibleSets(actor).Where(s => s.Name == name).Select(s => (long?)s.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Of those that had the name and can still be brought back, the one deleted last.</summary>
    public async Task<long?> FindDeletedAsync(string name, Actor actor, CancellationToken cancellationToken)
    {
        if (!MayKnow(actor))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var since = clock.GetUtcNow().UtcDateTime - RestoreSet.UndoPeriod;
        var hidden = await db.VisibleSetsEvenDeleted(actor).AsNoTracking().Where(s => s.DeletedAt != null && s.DeletedAt > since && s.Name.StartsWith(name + "~"))
            .OrderByDescending(s => s.DeletedAt).ThenByDescending(s => s.Id).ToListAsync(cancellationToken);
        return hidden.Find(s => DeleteSet.NameOf(s) == name)?.Id;
    }

    public async Task<SetOutline?> OfAsync(long setId, Actor actor, CancellationToken cancellationToken)
    {
        if (!MayKnow(actor))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.VisibleSets(actor).AsNoTracking().Include(s => s.Tags).FirstOrDefaultAsync(s => s.Id == setId, cancellationToken);
        if (found is null)
        {
            return null;
        }
        var newest = await db.SetVersions.Where(v => v.SetId == setId).MaxAsync(v => (int?)v.Number, cancellationToken);
        var codes = await db.SetScopes.AsNoTracking().Where(c => c.SetId == setId).Select(c => c.BizCode).ToListAsync(cancellationToken);
        var rule = found.RuleJson is { } ruleJson ? Json.Read<SampleFilter>(ruleJson) : null;
        var source = found.SourceJson is { } sourceJson ? Json.Read<SetSource>(sourceJson) : null;
        var named = new[] { rule?.SetId, source?.Filter?.SetId }.OfType<long>().ToList();
        var names = await db.VisibleSetsEvenDeleted(actor).AsNoTracking().Where(s => named.Contains(s.Id)).ToListAsync(cancellationToken);
        return new SetOutline(
            found.Id, found.Name, found.Purpose, found.Description, [.. found.Tags.Select(t => t.Name).Order(StringComparer.Ordinal)], found.ContextLength, found.ItemCount, newest,
            [.. codes.Order(StringComparer.Ordinal)], rule, source, names.ToDictionary(s => s.Id, DeleteSet.NameOf), found.OwnerName, found.CreatedAt, found.UpdatedAt);
    }

    /// <summary>Newest first. The cursor's key is a version's number.</summary>
    public async Task<Page<SetVersionRow>> VersionsAsync(long setId, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return Page<SetVersionRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var versions = db.SetVersions.AsNoTracking().Where(v => v.SetId == setId && db.VisibleSets(actor).Any(s => s.Id == v.SetId));
        if ((page.Before ?? page.After) is { Number: { } number })
        {
            versions = page.IsBackward ? versions.Where(v => v.Number > number) : versions.Where(v => v.Number < number);
        }
        var ordered = page.IsBackward ? versions.OrderBy(v => v.Number) : versions.OrderByDescending(v => v.Number);
        var rows = await ordered.Take(page.Limit + 1).Select(v => new SetVersionRow(v.Id, v.Number, v.ItemCount, v.Fingerprint, v.CreatedAt, v.CreatedByName)).ToListAsync(cancellationToken);
        return Page.Of(rows, page, row => Cursor.At((long)row.Number, row.Id));
    }

    public async Task<SetVersionRow?> VersionAsync(long setId, int number, Actor actor, CancellationToken cancellationToken)
    {
        if (!MayKnow(actor))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.SetVersions.AsNoTracking().Where(v => v.SetId == setId && v.Number == number && db.VisibleSets(actor).Any(s => s.Id == v.SetId))
            .Select(v => new SetVersionRow(v.Id, v.Number, v.ItemCount, v.Fingerprint, v.CreatedAt, v.CreatedByName)).FirstOrDefaultAsync(cancellationToken);
    }

    private static bool MayKnow(Actor actor) => actor.May(Permissions.SetsView) || actor.May(Permissions.SetsEdit);
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="Text">Part of the name; null for all.</param>
public sealed record SetFilter(string? Text = null);

public sealed record SetRow(long Id, string Name, string? Purpose, int ContextLength, int ItemCount, int? NewestVersion, string OwnerName, DateTime CreatedAt, DateTime UpdatedAt);

public sealed record SetDetail(long Id, string Name, string? Purpose, string? Description, int ContextLength, int ItemCount, int? NewestVersion, string OwnerName, DateTime CreatedAt, DateTime UpdatedAt, IReadOnlyList<string> BizCodes);

public sealed record SetVersionRow(long Id, int Number, int ItemCount, string Fingerprint, DateTime CreatedAt, string CreatedByName);

/// <summary>Sets and their versions. Their items: <see cref="SetItemQueries"/>.</summary>
public sealed class SetQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    private const int MaxVersions = 500;

    /// <summary>Newest change first.</summary>
    public async Task<Page<SetRow>> PageAsync(SetFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return Page<SetRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = db.VisibleSets(actor).AsNoTracking();
        if (!string.IsNullOrWhiteSpace(filter.Text))
        {
            var text = filter.Text.Trim();
            matching = matching.Where(s => s.Name.Contains(text));
        }
        var total = await matching.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var descending = page.Descending != page.IsBackward;
        if ((page.Before ?? page.After) is { Instant: { } at, Id: var id })
        {
            matching = matching.Past(s => s.UpdatedAt, s => s.Id, at, id, descending);
        }
        var rows = await matching.InOrder(s => s.UpdatedAt, s => s.Id, descending).Take(page.Limit + 1)
            .Select(s => new SetRow(s.Id, s.Name, s.Purpose, s.ContextLength, s.ItemCount, db.SetVersions.Where(v => v.SetId == s.Id).Max(v => (int?)v.Number), s.OwnerName, s.CreatedAt, s.UpdatedAt))
            .ToListAsync(cancellationToken);
        return Page.Of(rows, page, row => Cursor.At(row.UpdatedAt, row.Id), total);
    }

    public Task<SetDetail?> DetailAsync(long setId, Actor actor, CancellationToken cancellationToken) => FirstAsync(setId, null, actor, cancellationToken);

    public Task<SetDetail?> NamedAsync(string name, Actor actor, CancellationToken cancellationToken) => FirstAsync(null, name, actor, cancellationToken);

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<SetVersionRow>> VersionsAsync(long setId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.SetVersions.AsNoTracking()
            .Where(v => v.SetId == setId && db.VisibleSetsEvenDeleted(actor).Any(s => s.Id == v.SetId))
            .OrderByDescending(v => v.Number).Take(MaxVersions)
            .Select(v => new SetVersionRow(v.Id, v.Number, v.ItemCount, v.Fingerprint, v.CreatedAt, v.CreatedByName))
            .ToListAsync(cancellationToken);
    }

    private async Task<SetDetail?> FirstAsync(long? setId, string? name, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var set = await db.VisibleSets(actor).AsNoTracking()
            .Where(s => setId != null ? s.Id == setId : s.Name == name)
            .Select(s => new { Set = s, Newest = db.SetVersions.Where(v => v.SetId == s.Id).Max(v => (int?)v.Number) })
            .FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return null;
        }
        var codes = await db.SetScopes.AsNoTracking().Where(c => c.SetId == set.Set.Id).OrderBy(c => c.BizCode).Select(c => c.BizCode).ToListAsync(cancellationToken);
        var s = set.Set;
        return new SetDetail(s.Id, s.Name, s.Purpose, s.Description, s.ContextLength, s.ItemCount, set.Newest, s.OwnerName, s.CreatedAt, s.UpdatedAt, codes);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="Text">Part of the name; null for all.</param>
/// <param name="Tag">A node of the sets' own tag tree: those that carry it or one below it.</param>
/// <param name="Owner">The owner's name.</param>
public sealed record SetFilter(string? Text = null, string? Tag = null, string? Owner = null);

public sealed record SetRow(long Id, string Name, string? Purpose, int ContextLength, int ItemCount, int? NewestVersion, string OwnerName, DateTime CreatedAt, DateTime UpdatedAt)
{
    /// <summary>True where its items come from a saved query.</summary>
    public bool HasRule { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
}

public sealed record SetDetail(long Id, string Name, string? Purpose, string? Description, int ContextLength, int ItemCount, int? NewestVersion, string OwnerName, DateTime CreatedAt, DateTime UpdatedAt, IReadOnlyList<string> BizCodes)
{
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The saved query that its items come from; null where people put them in.</summary>
    public SampleFilter? Rule { get; init; }

    /// <summary>How it was made; null where it began empty.</summary>
    public SetSource? Source { get; init; }
}

/// <summary>A branch of the sets' tag tree with how many sets are in it.</summary>
public sealed record SetFolder(string Path, int Count);

/// <summary>What filters of the list of sets offer to choose from.</summary>
/// <param name="Folders">The branches directly below the node asked for.</param>
public sealed record SetFacets(IReadOnlyList<string> Owners, IReadOnlyList<SetFolder> Folders);

public sealed record SetVersionRow(long Id, int Number, int ItemCount, string Fingerprint, DateTime CreatedAt, string CreatedByName);

/// <summary>Sets and their versions. Their items: <see cref="SetItemQueries"/>.</summary>
public sealed class SetQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    private const int MaxVersions = 500;
    private const int MostFacets = 500;
    private const int MostTags = 50_000;

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
        if (TagPath.Clean(filter.Tag ?? "") is { Length: > 0 } tag)
        {
            var carrying = db.SetTags.Where(TagPath.AtOrBelow<SetTag>(tag)).Select(t => t.SetId);
            matching = matching.Where(s => carrying.Contains(s.Id));
        }
        if (filter.Owner is { Length: > 0 } owner)
        {
            matching = matching.Where(s => s.OwnerName == owner);
        }
        var total = await matching.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var descending = page.Descending != page.IsBackward;
        if ((page.Before ?? page.After) is { Instant: { } at, Id: var id })
        {
            matching = matching.Past(s => s.UpdatedAt, s => s.Id, at, id, descending);
        }
        var rows = await matching.InOrder(s => s.UpdatedAt, s => s.Id, descending).Take(page.Limit + 1)
            .Select(s => new SetRow(s.Id, s.Name, s.Purpose, s.ContextLength, s.ItemCount, db.SetVersions.Where(v => v.SetId == s.Id).Max(v => (int?)v.Number), s.OwnerName, s.CreatedAt, s.UpdatedAt)
            {
                HasRule = s.RuleJson != null,
            })
            .ToListAsync(cancellationToken);
        var ids = rows.ConvertAll(r => r.Id);
        var tags = (await db.SetTags.AsNoTracking().Where(t => ids.Contains(t.SetId)).OrderBy(t => t.Name).ToListAsync(cancellationToken)).ToLookup(t => t.SetId, t => t.Name);
        return Page.Of(rows.ConvertAll(r => r with { Tags = [.. tags[r.Id]] }), page, row => Cursor.At(row.UpdatedAt, row.Id), total);
    }

    /// <param name="below">The node of the tag tree whose branches are asked for; null for the top level.</param>
    public async Task<SetFacets> FacetsAsync(string? below, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return new SetFacets([], []);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var sets = db.VisibleSets(actor).AsNoTracking();
        var owners = await sets.Select(s => s.OwnerName).Distinct().OrderBy(n => n).Take(MostFacets).ToListAsync(cancellationToken);
        var tags = await db.SetTags.AsNoTracking().Join(sets, t => t.SetId, s => s.Id, (t, s) => t).OrderBy(t => t.Name).ThenBy(t => t.SetId).Take(MostTags).ToListAsync(cancellationToken);
        var node = TagPath.Clean(below ?? "");
        // A set with two tags of one branch counts once in it.
        var folders = tags.Where(t => node.Length == 0 || (t.Name != node && TagPath.IsAtOrBelow(t.Name, node)))
            .GroupBy(t => TagPath.Branch(t.Name, node)).Select(g => new SetFolder(g.Key, g.Select(t => t.SetId).Distinct().Count()));
        return new SetFacets(owners, [.. folders.OrderBy(f => f.Path, StringComparer.Ordinal)]);
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
            .Where(s => setId != null ? s.Id == setId : s.Name == name).Include(s => s.Tags)
            .Select(s => new { Set = s, Newest = db.SetVersions.Where(v => v.SetId == s.Id).Max(v => (int?)v.Number) })
            .FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return null;
        }
        var codes = await db.SetScopes.AsNoTracking().Where(c => c.SetId == set.Set.Id).OrderBy(c => c.BizCode).Select(c => c.BizCode).ToListAsync(cancellationToken);
        var s = set.Set;
        return new SetDetail(s.Id, s.Name, s.Purpose, s.Description, s.ContextLength, s.ItemCount, set.Newest, s.OwnerName, s.CreatedAt, s.UpdatedAt, codes)
        {
            Tags = [.. s.Tags.Select(t => t.Name).Order(StringComparer.Ordinal)],
            Rule = s.RuleJson is { } rule ? Json.Read<SampleFilter>(rule) : null,
            Source = s.SourceJson is { } source ? Json.Read<SetSource>(source) : null,
        };
    }
}

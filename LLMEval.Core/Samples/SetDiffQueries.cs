using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

public enum SetChange { Added, Removed, Changed }

/// <param name="Added">Items of the later one only.</param>
/// <param name="Changed">Items of both, with another sample.</param>
public sealed record SetDiffCounts(int Added, int Removed, int Changed, int Unchanged);

/// <summary>An item that differs. <paramref name="Before"/> is null where it was added, <paramref name="After"/> where it was removed.</summary>
public sealed record SetDiffRow(SetChange Change, int Position, SampleDetail? Before, SampleDetail? After);

/// <summary>What changed from one version of a set to another one. An item is the same while it stays in the set, whatever sample it holds.</summary>
public sealed class SetDiffQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>Null where one of the versions is not there.</summary>
    public async Task<SetDiffCounts?> CountsAsync(long setId, int from, int to, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await PairAsync(db, setId, from, to, actor, cancellationToken) is not (var before, var after))
        {
            return null;
        }
        var changed = await Both(db, before, after).CountAsync(x => x.Before != x.After, cancellationToken);
        var unchanged = await Both(db, before, after).CountAsync(x => x.Before == x.After, cancellationToken);
        var (all, were) = (await db.SetVersionItems.CountAsync(i => i.SetVersionId == after, cancellationToken), await db.SetVersionItems.CountAsync(i => i.SetVersionId == before, cancellationToken));
        return new SetDiffCounts(all - changed - unchanged, were - changed - unchanged, changed, unchanged);
    }

    /// <summary>One kind of change, in the order of the version that has the items.</summary>
    public async Task<Page<SetDiffRow>> PageAsync(long setId, int from, int to, SetChange change, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await PairAsync(db, setId, from, to, actor, cancellationToken) is not (var before, var after))
        {
            return Page<SetDiffRow>.Empty;
        }
        var shown = change == SetChange.Removed ? before : after;
        var other = change == SetChange.Removed ? after : before;
        var items = db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == shown);
        items = change == SetChange.Changed
            ? items.Where(i => db.SetVersionItems.Any(o => o.SetVersionId == other && o.ItemId == i.ItemId && o.SampleId != i.SampleId))
            : items.Where(i => !db.SetVersionItems.Any(o => o.SetVersionId == other && o.ItemId == i.ItemId));
        var total = await items.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        if ((page.Before ?? page.After) is { Number: { } position })
        {
            items = page.IsBackward ? items.Where(i => i.Position < position) : items.Where(i => i.Position > position);
        }
        var ordered = page.IsBackward ? items.OrderByDescending(i => i.Position) : items.OrderBy(i => i.Position);
        var read = await ordered.Take(page.Limit + 1)
            .Select(i => new { i.Position, i.SampleId, Other = db.SetVersionItems.Where(o => o.SetVersionId == other && o.ItemId == i.ItemId).Select(o => (long?)o.SampleId).FirstOrDefault() })
            .ToListAsync(cancellationToken);
        var found = Page.Of(read, page, item => Cursor.At((long)item.Position, 0), total);
        var rows = new List<SetDiffRow>();
        foreach (var item in found.Items)
        {
            var mine = await SampleQueries.DetailAsync(db, item.SampleId, actor, cancellationToken);
            var theirs = item.Other is { } otherId ? await SampleQueries.DetailAsync(db, otherId, actor, cancellationToken) : null;
            rows.Add(change == SetChange.Removed ? new SetDiffRow(change, item.Position, mine, theirs) : new SetDiffRow(change, item.Position, theirs, mine));
        }
        return new Page<SetDiffRow>(rows, found.Next, found.Previous, found.Total, found.TotalIsCapped);
    }

    private static IQueryable<BothItems> Both(LLMEvalDbContext db, long before, long after) =>
        db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == after)
            .Join(db.SetVersionItems.Where(i => i.SetVersionId == before), a => a.ItemId, b => b.ItemId, (a, b) => new BothItems { Before = b.SampleId, After = a.SampleId });

    private static async Task<(long Before, long After)?> PairAsync(LLMEvalDbContext db, long setId, int from, int to, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return null;
        }
        var versions = await db.SetVersions.AsNoTracking().Where(v => v.SetId == setId && (v.Number == from || v.Number == to) && db.VisibleSetsEvenDeleted(actor).Any(s => s.Id == v.SetId))
            .ToDictionaryAsync(v => v.Number, v => v.Id, cancellationToken);
        return versions.TryGetValue(from, out var before) && versions.TryGetValue(to, out var after) ? (before, after) : null;
    }

    private sealed class BothItems
    {
        public long Before { get; init; }
        public long After { get; init; }
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

public enum SetChange { Added, Removed, Changed }

/// <param name="Added">Items of the later one only.</param>
/// <param name="Changed">Items of both, with another sample.</param>
public sealed record SetDiffCounts(int Added, int Removed, int Changed, int Unchanged);

/// <summary>An item that differs. <paramref name="Number"/> is its running number, from 1, in the one that has it. <paramref name="Before"/> is null where it was added, <paramref name="After"/> where it was removed.</summary>
public sealed record SetDiffRow(SetChange Change, int Number, SampleDetail? Before, SampleDetail? After);

/// <summary>What changed from one version of a set to another one, or to what it holds now. An item is the same while it stays in the set, whatever sample it holds.</summary>
public sealed class SetDiffQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>Null where one of the versions is not there.</summary>
    /// <param name="to">Null for the set as it is now.</param>
    public async Task<SetDiffCounts?> CountsAsync(long setId, int from, int? to, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await PairAsync(db, setId, from, to, actor, cancellationToken) is not (var before, var after))
        {
            return null;
        }
        var both = after.Join(before, a => a.ItemId, b => b.ItemId, (a, b) => new BothItems { Before = b.SampleId, After = a.SampleId });
        // One join for both counts: it is what this costs.
        var counts = await both.GroupBy(x => x.Before == x.After).Select(g => new { IsSame = g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var (changed, unchanged) = (counts.Where(c => !c.IsSame).Sum(c => c.Count), counts.Where(c => c.IsSame).Sum(c => c.Count));
        var (all, were) = (await after.CountAsync(cancellationToken), await before.CountAsync(cancellationToken));
        return new SetDiffCounts(all - changed - unchanged, were - changed - unchanged, changed, unchanged);
    }

    /// <summary>One kind of change, in the order of the version that has the items.</summary>
    /// <param name="to">Null for the set as it is now.</param>
    /// <param name="known">What <see cref="CountsAsync"/> said a moment ago, so that it is not counted again.</param>
    public async Task<Page<SetDiffRow>> PageAsync(long setId, int from, int? to, SetChange change, PageRequest page, Actor actor, CancellationToken cancellationToken, SetDiffCounts? known = null)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await PairAsync(db, setId, from, to, actor, cancellationToken) is not (var before, var after))
        {
            return Page<SetDiffRow>.Empty;
        }
        var (items, others) = change == SetChange.Removed ? (before, after) : (after, before);
        var positions = items.Select(i => i.Position);
        items = change == SetChange.Changed
            ? items.Where(i => others.Any(o => o.ItemId == i.ItemId && o.SampleId != i.SampleId))
            : items.Where(i => !others.Any(o => o.ItemId == i.ItemId));
        var total = known is null
            ? await items.Take(Page.CountCap + 1).CountAsync(cancellationToken)
            : change switch { SetChange.Added => known.Added, SetChange.Removed => known.Removed, _ => known.Changed };
        if ((page.Before ?? page.After) is { Number: { } position, Id: var id })
        {
            items = items.Past(i => i.Position, i => i.ItemId, (int)position, id, page.IsBackward);
        }
        var read = await items.InOrder(i => i.Position, i => i.ItemId, page.IsBackward).Take(page.Limit + 1)
            .Select(i => new { i.ItemId, i.Position, i.SampleId, Other = others.Where(o => o.ItemId == i.ItemId).Select(o => (long?)o.SampleId).FirstOrDefault() })
            .ToListAsync(cancellationToken);
        var found = Page.Of(read, page, item => Cursor.At((long)item.Position, item.ItemId), total);
        var numbers = await SetNumbers.OfAsync(positions, [.. found.Items.Select(i => i.Position)], cancellationToken);
        var rows = new List<SetDiffRow>();
        foreach (var item in found.Items)
        {
            var mine = await SampleQueries.DetailAsync(db, item.SampleId, actor, cancellationToken);
            var theirs = item.Other is { } otherId ? await SampleQueries.DetailAsync(db, otherId, actor, cancellationToken) : null;
            rows.Add(change == SetChange.Removed ? new SetDiffRow(change, numbers[item.Position], mine, theirs) : new SetDiffRow(change, numbers[item.Position], theirs, mine));
        }
        return new Page<SetDiffRow>(rows, found.Next, found.Previous, found.Total, found.TotalIsCapped);
    }

    private static async Task<(IQueryable<HeldItem> Before, IQueryable<HeldItem> After)?> PairAsync(LLMEvalDbContext db, long setId, int from, int? to, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return null;
        }
        var versions = await db.SetVersions.AsNoTracking().Where(v => v.SetId == setId && (v.Number == from || v.Number == to) && db.VisibleSetsEvenDeleted(actor).Any(s => s.Id == v.SetId))
            .ToDictionaryAsync(v => v.Number, v => v.Id, cancellationToken);
        if (!versions.TryGetValue(from, out var before))
        {
            return null;
        }
        var now = db.SetItems.AsNoTracking().Where(i => i.SetId == setId).Select(i => new HeldItem { ItemId = i.Id, Position = i.Position, SampleId = i.SampleId });
        return to is not { } number ? (Of(before), now) : versions.TryGetValue(number, out var after) ? (Of(before), Of(after)) : null;

        IQueryable<HeldItem> Of(long versionId) =>
            db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == versionId).Select(i => new HeldItem { ItemId = i.ItemId, Position = i.Position, SampleId = i.SampleId });
    }

    private sealed class HeldItem
    {
        public long ItemId { get; init; }
        public int Position { get; init; }
        public long SampleId { get; init; }
    }

    private sealed class BothItems
    {
        public long Before { get; init; }
        public long After { get; init; }
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="Tag">A branch directly below the node that was asked for, or empty for the samples that have none of them.</param>
/// <param name="RobotId">Empty for samples of no bot.</param>
public sealed record CoverageCell(string Tag, string RobotId, int Count);

/// <summary>How many samples each tag has of each bot. A sample with two tags counts in both rows, so that rows do not add up to the whole.</summary>
/// <param name="Tags">Rows, in order of names.</param>
/// <param name="RobotIds">Columns, those with most samples first.</param>
/// <param name="IsCut">True where there were more rows or columns than are shown.</param>
public sealed record Coverage(IReadOnlyList<string> Tags, IReadOnlyList<string> RobotIds, IReadOnlyList<CoverageCell> Cells, int Total, bool IsCut)
{
    public const int MostTags = 60;
    public const int MostRobots = 30;

    /// <summary>Those of the rows that have branches of their own.</summary>
    public IReadOnlyList<string> Branching { get; init; } = [];
}

/// <summary>Shows what a set, or the pool, has much of and what it lacks.</summary>
public sealed class CoverageQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <param name="below">The node of the tag tree whose branches are the rows; null for the top level.</param>
    public async Task<Result<Coverage>> OfAsync(SampleFilter filter, string? below, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsView) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var filtered = db.Filtered(filter, actor, clock.GetUtcNow().UtcDateTime);
        if (filtered.Failure is { } failure)
        {
            return failure;
        }
        var samples = filtered.Value!.AsNoTracking();
        var node = TagPath.Clean(below ?? "");
        var (from, to) = TagPath.Below(node);
        var tags = db.SampleTags.AsNoTracking();
        tags = node.Length > 0 ? tags.Where(TagPath.Between(from, to)) : tags;
        // Exact names are counted by the database and rolled up here: a sample with two tags of one branch would count twice, so those are told apart by sample.
        var counted = await samples.Join(tags, s => s.Id, t => t.SampleId, (s, t) => new { s.RobotId, t.Name }).GroupBy(x => new { x.RobotId, x.Name }).Select(g => new { g.Key.RobotId, g.Key.Name, Count = g.Count() }).ToListAsync(cancellationToken);
        var robots = await samples.GroupBy(s => s.RobotId).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var branches = counted.GroupBy(c => TagPath.Branch(c.Name, node)).OrderBy(b => b.Key, StringComparer.Ordinal).ToList();
        var cells = new List<CoverageCell>();
        // Each branch of several tags is a query of its own, so none is asked for a row that is not shown.
        foreach (var branch in branches.Take(Coverage.MostTags))
        {
            if (branch.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() == 1)
            {
                cells.AddRange(branch.Select(c => new CoverageCell(branch.Key, c.RobotId, c.Count)));
                continue;
            }
            var carrying = db.SampleTags.Where(TagPath.AtOrBelow(branch.Key)).Select(t => t.SampleId);
            cells.AddRange((await samples.Where(s => carrying.Contains(s.Id)).GroupBy(s => s.RobotId).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken))
                .Select(g => new CoverageCell(branch.Key, g.Key, g.Count)));
        }
        var untagged = await samples.Where(s => !tags.Any(t => t.SampleId == s.Id)).GroupBy(s => s.RobotId).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        cells.AddRange(untagged.Select(g => new CoverageCell("", g.Key, g.Count)));
        var rows = cells.Select(c => c.Tag).Distinct(StringComparer.Ordinal).OrderBy(t => t.Length == 0).ThenBy(t => t, StringComparer.Ordinal).ToList();
        var columns = robots.OrderByDescending(r => r.Count).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Key).ToList();
        return new Coverage(
            [.. rows.Take(Coverage.MostTags)], [.. columns.Take(Coverage.MostRobots)], cells, robots.Sum(r => r.Count), rows.Count > Coverage.MostTags || branches.Count > Coverage.MostTags || columns.Count > Coverage.MostRobots)
        {
            Branching = [.. branches.Where(b => b.Any(c => c.Name != b.Key)).Select(b => b.Key)],
        };
    }
}

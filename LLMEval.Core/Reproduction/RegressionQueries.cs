using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <param name="Round">The version asked last; 0 where none was.</param>
/// <param name="Fixed">Cases of the last round with that verdict, of <paramref name="Cases"/>.</param>
/// <param name="Running">Cases that are being asked.</param>
public sealed record RegressionCheckRow(
    long Id, long SetId, string SetName, long TargetId, string TargetName, int LatestNumber, bool IsPaused, int Round, DateTime? LastRoundAt, int LeftOut, int Items, int Cases, int StillHappens, int Fixed,
    int Undecided, int Running, string CreatedByName, DateTime CreatedAt);

/// <param name="History">Oldest first.</param>
public sealed record RegressionCaseRow(int Position, long SampleId, string CaseKey, string InputPreview, string AnswerPreview, IReadOnlyList<CaseHistoryRow> History);

public sealed class RegressionQueries(IDbContextFactory<LLMEvalDbContext> contexts, ReproductionQueries reproductions)
{
    /// <summary>Checks are few: one per set and target.</summary>
    public const int MaxChecks = 200;

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<RegressionCheckRow>> ChecksAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var checks = await db.RegressionChecks.AsNoTracking().OrderByDescending(c => c.Id).Take(MaxChecks)
            .Join(db.VisibleSets(actor), c => c.SetId, s => s.Id, (c, s) => new { Check = c, s.Name, s.ItemCount })
            .Join(db.Targets, c => c.Check.TargetId, t => t.Id, (c, t) => new { c.Check, SetName = c.Name, c.ItemCount, TargetName = t.Name, Latest = db.TargetVersions.Where(v => v.TargetId == t.Id).Max(v => v.Number) })
            .ToListAsync(cancellationToken);
        var ids = checks.Select(c => c.Check.Id).ToList();
        var counts = (await db.VisibleReproductions(actor).AsNoTracking().Where(t => t.CheckId != null && ids.Contains(t.CheckId.Value))
                .GroupBy(t => new { t.CheckId, t.CheckRound, t.State, t.Verdict }).Select(g => new { g.Key.CheckId, g.Key.CheckRound, g.Key.State, g.Key.Verdict, Count = g.Count() }).ToListAsync(cancellationToken))
            .ToLookup(c => c.CheckId);
        return [.. checks.OrderByDescending(c => c.Check.Id).Select(c =>
        {
            var newest = counts[c.Check.Id].Max(n => n.CheckRound) ?? 0;
            var round = counts[c.Check.Id].Where(n => n.CheckRound == newest).ToList();
            var ended = round.Where(n => n.State is not (ReproductionState.Pending or ReproductionState.Running)).ToList();
            return new RegressionCheckRow(
                c.Check.Id, c.Check.SetId, c.SetName, c.Check.TargetId, c.TargetName, c.Latest, c.Check.IsPaused, newest, c.Check.LastRoundAt, c.Check.LeftOut, c.ItemCount, round.Sum(n => n.Count),
                Of(ReproductionVerdict.StillHappens), Of(ReproductionVerdict.Fixed), Of(ReproductionVerdict.Undecided), round.Sum(n => n.Count) - ended.Sum(n => n.Count), c.Check.CreatedByName, c.Check.CreatedAt);

            int Of(ReproductionVerdict verdict) => ended.Where(n => n.Verdict == verdict).Sum(n => n.Count);
        })];
    }

    /// <summary>The cases of a check's set in the set's order, each with what came of it so far.</summary>
    public async Task<Page<RegressionCaseRow>> CasesAsync(long checkId, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return Page<RegressionCaseRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var set = await db.RegressionChecks.AsNoTracking().Where(c => c.Id == checkId).Join(db.VisibleSets(actor), c => c.SetId, s => s.Id, (_, s) => new { s.Id, s.ItemCount }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Page<RegressionCaseRow>.Empty;
        }
        var items = db.SetItems.AsNoTracking().Where(i => i.SetId == set.Id);
        if ((page.Before ?? page.After) is { Number: { } position })
        {
            items = page.IsBackward ? items.Where(i => i.Position < position) : items.Where(i => i.Position > position);
        }
        var ordered = page.IsBackward ? items.OrderByDescending(i => i.Position) : items.OrderBy(i => i.Position);
        var read = await ordered.Take(page.Limit + 1)
            .Join(db.Samples, i => i.SampleId, s => s.Id, (i, s) => new { i.Position, s.Id, MessageId = db.Messages.Any(m => m.Id == s.MessageId) ? s.MessageId : null, s.InputPreview, s.AnswerPreview })
            .ToListAsync(cancellationToken);
        var inOrder = page.IsBackward ? read.OrderByDescending(i => i.Position) : read.OrderBy(i => i.Position);
        var found = Page.Of(
            inOrder.Select(i => new RegressionCaseRow(i.Position, i.Id, BadCases.KeyOf(i.MessageId, i.Id), i.InputPreview, i.AnswerPreview, [])).ToList(), page, i => Cursor.At((long)i.Position, 0), set.ItemCount);
        var history = await reproductions.HistoryAsync(found.Items.Select(i => i.CaseKey).Distinct().ToList(), actor, cancellationToken);
        return found with { Items = [.. found.Items.Select(i => i with { History = [.. history[i.CaseKey]] })] };
    }
}

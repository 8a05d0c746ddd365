using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <summary>What one target's answer to a sample scored in one run; of repeated questions the first that was scored.</summary>
/// <param name="Position">Of the item in the run.</param>
public sealed record SampleScoreRow(long SampleId, long RunId, string RunName, int Position, string Target, DateTime? ScoredAt, IReadOnlyList<TrialScoreRow> Scores);

/// <summary>What the newest runs made of samples, for lists of them.</summary>
public sealed class SampleScoreQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    private const int MostRuns = 3;

    /// <summary>Of the three newest runs that scored any of the samples, newest run first, then in the order of targets.</summary>
    public async Task<ILookup<long, SampleScoreRow>> OfSamplesAsync(IReadOnlyCollection<long> sampleIds, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.RunsView) || sampleIds.Count == 0)
        {
            return Enumerable.Empty<SampleScoreRow>().ToLookup(r => r.SampleId);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scored = db.Trials.AsNoTracking().Where(t => sampleIds.Contains(t.SampleId) && t.State == TrialState.Scored);
        var runIds = await scored.Where(t => RunQueries.Visible(db, actor).Any(r => r.Id == t.RunId)).Select(t => t.RunId).Distinct().OrderByDescending(id => id).Take(MostRuns).ToListAsync(cancellationToken);
        var runs = await db.Runs.AsNoTracking().Where(r => runIds.Contains(r.Id)).Select(r => new { r.Id, r.Name, r.PlanJson }).ToDictionaryAsync(r => r.Id, cancellationToken);
        var plans = runs.ToDictionary(r => r.Key, r => Json.Read<RunPlan>(r.Value.PlanJson));
        var trials = await scored.Where(t => runIds.Contains(t.RunId)).Select(t => new { t.Id, t.RunId, t.SampleId, t.Position, t.TargetIndex, t.Epoch, t.ScoredAt }).ToListAsync(cancellationToken);
        var firsts = trials.GroupBy(t => (t.RunId, t.SampleId, t.TargetIndex)).Select(g => g.MinBy(t => t.Epoch)!).ToList();
        var ids = firsts.ConvertAll(t => t.Id);
        var scores = (await db.TrialScores.AsNoTracking().Where(s => ids.Contains(s.TrialId)).OrderBy(s => s.Id).ToListAsync(cancellationToken))
            .ToLookup(s => s.TrialId, s => new TrialScoreRow(s.Scorer, s.Metric, s.Value, s.Label, s.Explanation, s.UnscoredBecause));
        return firsts.OrderByDescending(t => t.RunId).ThenBy(t => t.TargetIndex)
            .Select(t => new SampleScoreRow(t.SampleId, t.RunId, runs[t.RunId].Name, t.Position, plans[t.RunId].Targets[t.TargetIndex].Label, t.ScoredAt, [.. scores[t.Id]]))
            .ToLookup(r => r.SampleId);
    }
}

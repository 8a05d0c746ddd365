using LLMEval.Core.Data;
using LLMEval.Core.Scoring;
using LLMEval.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <summary>Ends a run whose trials are all done: one summary per target and metric with its interval, stored in the transaction that ends it.</summary>
internal sealed class RunSummariser(IDbContextFactory<LLMEvalDbContext> contexts, ScorerCatalog scorers, RunsOptions options, TimeProvider clock)
{
    public const string TooManyFailed = "RunTooManyFailed";

    /// <summary>True when the run has ended, by this call or before; false while trials are left.</summary>
    public async Task<bool> FinishAsync(long runId, RunPlan plan, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var states = await db.Trials.AsNoTracking().Where(t => t.RunId == runId).GroupBy(t => t.State).Select(g => new { State = g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.State, g => g.Count, cancellationToken);
        if (states.ContainsKey(TrialState.Pending) || states.ContainsKey(TrialState.Answered))
        {
            return false;
        }
        var summaries = await SummariesAsync(db, runId, plan, cancellationToken);
        var failed = states.GetValueOrDefault(TrialState.Failed);
        var isFailure = failed > options.MaxFailedShare * states.Values.Sum();
        var (state, code, now) = (isFailure ? RunState.Failed : RunState.Completed, isFailure ? TooManyFailed : null, clock.GetUtcNow().UtcDateTime);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ended = await db.Runs.Where(r => r.Id == runId && (r.State == RunState.Running || r.State == RunState.Pending))
            .ExecuteUpdateAsync(u => u.SetProperty(r => r.State, state).SetProperty(r => r.FailureCode, code).SetProperty(r => r.FinishedAt, now), cancellationToken);
        if (ended == 1)
        {
            await db.MetricSummaries.Where(m => m.RunId == runId).ExecuteDeleteAsync(cancellationToken);
            db.MetricSummaries.AddRange(summaries);
            await db.SaveChangesAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<List<MetricSummary>> SummariesAsync(LLMEvalDbContext db, long runId, RunPlan plan, CancellationToken cancellationToken)
    {
        var clusters = await db.Trials.AsNoTracking().Where(t => t.RunId == runId).Select(t => t.SampleId).Distinct()
            .Join(db.Samples, id => id, s => s.Id, (id, s) => new { id, s.ClusterKey }).ToDictionaryAsync(s => s.id, s => s.ClusterKey, cancellationToken);
        var failed = (await db.Trials.AsNoTracking().Where(t => t.RunId == runId && t.State == TrialState.Failed).Select(t => new { t.TargetIndex, t.SampleId }).ToListAsync(cancellationToken))
            .ToLookup(t => t.TargetIndex, t => clusters[t.SampleId]);
        var series = new Dictionary<(int Target, string Scorer, string Metric), Series>();
        for (var target = 0; target < plan.Targets.Count; target++)
        {
            foreach (var (kind, metric) in plan.Scorers.SelectMany(s => scorers.Find(s.Kind)!.Metrics.Select(m => (s.Kind, m.Name))))
            {
                // A trial that failed has no value for any metric; it is counted as missing, never as zero.
                series[(target, kind, metric)] = new Series([.. failed[target].Select(_ => (double?)null)], [.. failed[target]]);
            }
        }
        var scored = db.Trials.AsNoTracking().Where(t => t.RunId == runId && t.State == TrialState.Scored)
            .Join(db.TrialScores, t => t.Id, s => s.TrialId, (t, s) => new { t.TargetIndex, t.SampleId, t.Position, t.Epoch, s.Scorer, s.Metric, s.Value })
            // A fixed order, so that resampling by a seed gives the same interval on every database.
            .OrderBy(s => s.Position).ThenBy(s => s.Epoch);
        await foreach (var score in scored.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var one = series[(score.TargetIndex, score.Scorer, score.Metric)];
            one.Values.Add(score.Value);
            one.Clusters.Add(clusters[score.SampleId]);
        }
        return [.. series.Select(s => SummaryOf(runId, plan, s.Key, s.Value))];
    }

    private MetricSummary SummaryOf(long runId, RunPlan plan, (int Target, string Scorer, string Metric) key, Series series)
    {
        var metric = scorers.Metric(key.Scorer, key.Metric)!;
        var estimate = IntervalPolicy.For(series.Values, series.Clusters, metric.Min, metric.Max, Estimate.DefaultLevel, plan.Seed);
        return new MetricSummary
        {
            RunId = runId,
            TargetIndex = key.Target,
            Scorer = key.Scorer,
            Metric = key.Metric,
            Scored = estimate.Count,
            Unscored = estimate.Missing,
            Clusters = estimate.Clusters,
            Mean = estimate.Value,
            StandardError = estimate.StandardError,
            Low = estimate.Low,
            High = estimate.High,
            Method = estimate.Method,
            Status = estimate.Status,
        };
    }

    private sealed record Series(List<double?> Values, List<string> Clusters);
}

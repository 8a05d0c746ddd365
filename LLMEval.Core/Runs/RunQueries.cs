using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <param name="Text">Part of the run's or the set's name.</param>
public sealed record RunFilter(RunState? State = null, long? SetId = null, string? Text = null);

/// <param name="Done">Trials that are scored or failed.</param>
public sealed record RunRow(
    long Id, string Name, long SetId, string SetName, int SetVersion, string TargetNames, RunState State, int TrialCount, int Done, DateTime CreatedAt, DateTime? FinishedAt, string StartedByName, string? FailureCode);

public sealed record TargetProgress(int TargetIndex, string Label, int Pending, int Answered, int Scored, int Failed);

/// <param name="Remaining">Estimated from the pace so far; null where there is none yet, or nothing left.</param>
public sealed record RunDetail(
    long Id, string Name, long SetId, string SetName, int SetVersion, RunState State, RunPlan Plan, string PlanFingerprint, int TrialCount, int Done, int Failed, IReadOnlyList<TargetProgress> Progress, TimeSpan? Remaining,
    DateTime CreatedAt, DateTime? StartedAt, DateTime? FinishedAt, string StartedByName, string? FailureCode)
{
    public bool IsEnded => State is RunState.Completed or RunState.Cancelled or RunState.Failed;
}

/// <param name="HigherIsBetter">Null where neither direction is better, or the metric is not known any more.</param>
/// <param name="Unscored">Trials without a value for this metric, failed ones included.</param>
public sealed record SummaryRow(
    int TargetIndex, string Target, string Scorer, string Metric, bool? HigherIsBetter, double? Min, double? Max, int Scored, int Unscored, int Clusters,
    double? Mean, double? StandardError, double? Low, double? High, string Method, string Status);

/// <summary>Runs as a whole. Their answers, item by item: <see cref="RunItemQueries"/>.</summary>
public sealed class RunQueries(IDbContextFactory<LLMEvalDbContext> contexts, ScorerCatalog scorers, TimeProvider clock)
{
    /// <summary>Newest first. A run that is still being planned is not shown.</summary>
    public async Task<Page<RunRow>> PageAsync(RunFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.RunsView))
        {
            return Page<RunRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = Visible(db, actor);
        if (filter.State is { } state)
        {
            matching = matching.Where(r => r.State == state);
        }
        if (filter.SetId is { } setId)
        {
            matching = matching.Where(r => r.SetId == setId);
        }
        if (!string.IsNullOrWhiteSpace(filter.Text))
        {
            var text = filter.Text.Trim();
            matching = matching.Where(r => r.Name.Contains(text) || r.SetName.Contains(text));
        }
        var total = await matching.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var descending = page.Descending != page.IsBackward;
        if ((page.Before ?? page.After) is { Instant: { } at, Id: var id })
        {
            matching = matching.Past(r => r.CreatedAt, r => r.Id, at, id, descending);
        }
        var rows = await matching.InOrder(r => r.CreatedAt, r => r.Id, descending).Take(page.Limit + 1)
            .Select(r => new RunRow(
                r.Id, r.Name, r.SetId, r.SetName, r.SetVersionNumber, r.TargetNames, r.State, r.TrialCount,
                r.State == RunState.Completed ? r.TrialCount : db.Trials.Count(t => t.RunId == r.Id && (t.State == TrialState.Scored || t.State == TrialState.Failed)),
                r.CreatedAt, r.FinishedAt, r.StartedByName, r.FailureCode))
            .ToListAsync(cancellationToken);
        return Page.Of(rows, page, row => Cursor.At(row.CreatedAt, row.Id), total);
    }

    public async Task<RunDetail?> DetailAsync(long runId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.RunsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await Visible(db, actor).FirstOrDefaultAsync(r => r.Id == runId, cancellationToken) is not { } run)
        {
            return null;
        }
        var plan = Json.Read<RunPlan>(run.PlanJson);
        var counts = (await db.Trials.AsNoTracking().Where(t => t.RunId == runId).GroupBy(t => new { t.TargetIndex, t.State })
            .Select(g => new { g.Key.TargetIndex, g.Key.State, Count = g.Count() }).ToListAsync(cancellationToken)).ToDictionary(g => (g.TargetIndex, g.State), g => g.Count);
        var progress = plan.Targets.Select((target, i) => new TargetProgress(i, target.Label, Of(i, TrialState.Pending), Of(i, TrialState.Answered), Of(i, TrialState.Scored), Of(i, TrialState.Failed))).ToList();
        var failed = progress.Sum(p => p.Failed);
        var done = progress.Sum(p => p.Scored) + failed;
        return new RunDetail(
            run.Id, run.Name, run.SetId, run.SetName, run.SetVersionNumber, run.State, plan, run.PlanFingerprint, run.TrialCount, done, failed, progress, Remaining(run, done),
            run.CreatedAt, run.StartedAt, run.FinishedAt, run.StartedByName, run.FailureCode);

        int Of(int target, TrialState state) => counts.GetValueOrDefault((target, state));
    }

    /// <summary>In the order of targets, then of the plan's scorers. Empty until the run has ended.</summary>
    public async Task<IReadOnlyList<SummaryRow>> SummaryAsync(long runId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.RunsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var planJson = await Visible(db, actor).Where(r => r.Id == runId).Select(r => r.PlanJson).FirstOrDefaultAsync(cancellationToken);
        if (planJson is null)
        {
            return [];
        }
        var plan = Json.Read<RunPlan>(planJson);
        var order = plan.Scorers.SelectMany(s => scorers.Find(s.Kind)?.Metrics.Select(m => (s.Kind, m.Name)) ?? []).Select((key, i) => (key, i)).ToDictionary(x => x.key, x => x.i);
        var stored = await db.MetricSummaries.AsNoTracking().Where(m => m.RunId == runId).ToListAsync(cancellationToken);
        return [.. stored.OrderBy(m => m.TargetIndex).ThenBy(m => order.GetValueOrDefault((m.Scorer, m.Metric), int.MaxValue)).ThenBy(m => m.Metric, StringComparer.Ordinal).Select(m =>
        {
            var metric = scorers.Metric(m.Scorer, m.Metric);
            return new SummaryRow(
                m.TargetIndex, plan.Targets[m.TargetIndex].Label, m.Scorer, m.Metric, metric?.HigherIsBetter, metric?.Min, metric?.Max, m.Scored, m.Unscored, m.Clusters,
                m.Mean, m.StandardError, m.Low, m.High, m.Method, m.Status);
        })];
    }

    /// <summary>Names of the metrics that runs have values of.</summary>
    public async Task<IReadOnlyList<string>> MetricsAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.RunsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var runs = Visible(db, actor);
        return await db.MetricSummaries.AsNoTracking().Where(m => m.Scored > 0 && runs.Any(r => r.Id == m.RunId)).Select(m => m.Metric).Distinct().OrderBy(m => m).ToListAsync(cancellationToken);
    }

    internal static IQueryable<Run> Visible(LLMEvalDbContext db, Actor actor) =>
        db.Runs.AsNoTracking().Where(r => r.State != RunState.Planning && db.VisibleSetsEvenDeleted(actor).Any(s => s.Id == r.SetId));

    private TimeSpan? Remaining(Run run, int done)
    {
        if (run.State != RunState.Running || run.StartedAt is not { } startedAt || done == 0 || done >= run.TrialCount)
        {
            return null;
        }
        return (clock.GetUtcNow().UtcDateTime - startedAt) / done * (run.TrialCount - done);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

public sealed record TrialScoreRow(string Scorer, string Metric, double? Value, string? Label, string? Explanation, string? UnscoredBecause);

/// <summary>One target's answer to an item.</summary>
public sealed record TrialRow(
    long Id, int TargetIndex, int Epoch, TrialState State, ReplyStatus? ReplyStatus, string? Answer, int? DurationMs, int? InputTokens, int? OutputTokens, int Attempts,
    string? ErrorType, string? ErrorDetail, IReadOnlyList<TrialScoreRow> Scores);

/// <summary>One item of a run with its targets' answers side by side, in the order of targets and repeats.</summary>
public sealed record RunItemRow(int Position, long SampleId, long? MessageId, string InputPreview, string RecordedAnswerPreview, int ReferenceCount, IReadOnlyList<TrialRow> Trials);

/// <param name="RequestJson">The request's body exactly as sent; null where nothing was sent.</param>
public sealed record TrialDetail(TrialRow Row, string Target, string? ResponseModel, string? RequestJson, DateTime? AnsweredAt, DateTime? ScoredAt);

public sealed record RunItemDetail(int Position, SampleDetail Sample, IReadOnlyList<TrialDetail> Trials);

/// <summary>The answers of a run, item by item.</summary>
public sealed class RunItemQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>In the set's order.</summary>
    public Task<Page<RunItemRow>> PageAsync(long runId, PageRequest page, Actor actor, CancellationToken cancellationToken) => PageAsync(runId, null, page, actor, cancellationToken);

    /// <summary>Only items of which at least one trial is in that state.</summary>
    public async Task<Page<RunItemRow>> PageAsync(long runId, TrialState? state, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var version = !actor.May(Permissions.RunsView) ? null : await RunQueries.Visible(db, actor).Where(r => r.Id == runId)
            .Join(db.SetVersions, r => new { r.SetId, Number = r.SetVersionNumber }, v => new { v.SetId, v.Number }, (r, v) => new { v.Id, v.ItemCount }).FirstOrDefaultAsync(cancellationToken);
        if (version is null)
        {
            return Page<RunItemRow>.Empty;
        }
        var items = db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == version.Id);
        var total = version.ItemCount;
        if (state is { } wanted)
        {
            items = items.Where(i => db.Trials.Any(t => t.RunId == runId && t.Position == i.Position && t.State == wanted));
            total = await items.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        }
        if ((page.Before ?? page.After) is { Number: { } position })
        {
            items = page.IsBackward ? items.Where(i => i.Position < position) : items.Where(i => i.Position > position);
        }
        var ordered = page.IsBackward ? items.OrderByDescending(i => i.Position) : items.OrderBy(i => i.Position);
        var read = await ordered.Take(page.Limit + 1).Select(i => i.Position).ToListAsync(cancellationToken);
        var keys = Page.Of(read, page, p => Cursor.At((long)p, 0), total);
        var rows = await RowsAsync(db, runId, version.Id, keys.Items, cancellationToken);
        return new Page<RunItemRow>(rows, keys.Next, keys.Previous, keys.Total, keys.TotalIsCapped);
    }

    public async Task<RunItemDetail?> DetailAsync(long runId, int position, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var planJson = !actor.May(Permissions.RunsView) ? null : await RunQueries.Visible(db, actor).Where(r => r.Id == runId).Select(r => r.PlanJson).FirstOrDefaultAsync(cancellationToken);
        if (planJson is null)
        {
            return null;
        }
        var plan = Json.Read<RunPlan>(planJson);
        var trials = await db.Trials.AsNoTracking().Where(t => t.RunId == runId && t.Position == position).OrderBy(t => t.TargetIndex).ThenBy(t => t.Epoch).ToListAsync(cancellationToken);
        if (trials.Count == 0 || await SampleQueries.DetailAsync(db, trials[0].SampleId, actor, cancellationToken) is not { } sample)
        {
            return null;
        }
        var scores = await ScoresAsync(db, [.. trials.Select(t => t.Id)], cancellationToken);
        return new RunItemDetail(position, sample, [.. trials.Select(t => new TrialDetail(RowOf(t, scores), plan.Targets[t.TargetIndex].Label, t.ResponseModel, t.RequestJson, t.AnsweredAt, t.ScoredAt))]);
    }

    private static async Task<IReadOnlyList<RunItemRow>> RowsAsync(LLMEvalDbContext db, long runId, long setVersionId, IReadOnlyList<int> positions, CancellationToken cancellationToken)
    {
        var samples = await db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == setVersionId && positions.Contains(i.Position))
            .Join(db.Samples, i => i.SampleId, s => s.Id, (i, s) => new { i.Position, s.Id, s.MessageId, s.InputPreview, s.AnswerPreview, s.ReferenceCount })
            .ToDictionaryAsync(s => s.Position, cancellationToken);
        var trials = await db.Trials.AsNoTracking().Where(t => t.RunId == runId && positions.Contains(t.Position))
            .Select(t => new Trial
            {
                Id = t.Id,
                Position = t.Position,
                TargetIndex = t.TargetIndex,
                Epoch = t.Epoch,
                State = t.State,
                ReplyStatus = t.ReplyStatus,
                Answer = t.Answer,
                DurationMs = t.DurationMs,
                InputTokens = t.InputTokens,
                OutputTokens = t.OutputTokens,
                Attempts = t.Attempts,
                ErrorType = t.ErrorType,
                ErrorDetail = t.ErrorDetail,
            }).ToListAsync(cancellationToken);
        var scores = await ScoresAsync(db, [.. trials.Select(t => t.Id)], cancellationToken);
        var byPosition = trials.OrderBy(t => t.TargetIndex).ThenBy(t => t.Epoch).ToLookup(t => t.Position, t => RowOf(t, scores));
        return [.. positions.Select(p => samples[p]).Select(s => new RunItemRow(s.Position, s.Id, s.MessageId, s.InputPreview, s.AnswerPreview, s.ReferenceCount, [.. byPosition[s.Position]]))];
    }

    private static TrialRow RowOf(Trial t, ILookup<long, TrialScoreRow> scores) => new(
        t.Id, t.TargetIndex, t.Epoch, t.State, t.ReplyStatus, t.Answer, t.DurationMs, t.InputTokens, t.OutputTokens, t.Attempts, t.ErrorType, t.ErrorDetail, [.. scores[t.Id]]);

    private static async Task<ILookup<long, TrialScoreRow>> ScoresAsync(LLMEvalDbContext db, IReadOnlyList<long> trialIds, CancellationToken cancellationToken)
    {
        var all = new List<TrialScore>();
        foreach (var ids in trialIds.Chunk(500))
        {
            all.AddRange(await db.TrialScores.AsNoTracking().Where(s => ids.Contains(s.TrialId)).ToListAsync(cancellationToken));
        }
        return all.OrderBy(s => s.Id).ToLookup(s => s.TrialId, s => new TrialScoreRow(s.Scorer, s.Metric, s.Value, s.Label, s.Explanation, s.UnscoredBecause));
    }
}

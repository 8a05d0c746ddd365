using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>Asks what is missing of one task's generations, version after version in rounds, grades and stores them, and finishes the task. Safe to run any number of times, at once as well.</summary>
internal sealed class ReproductionWorker(
    IDbContextFactory<LLMEvalDbContext> contexts, ScorerCatalog scorers, TargetMaker targets, TargetQueries versions, TrialExecutor executor, RunsOptions options, TimeProvider clock)
{
    public const string AllFailed = "ReproductionAllFailed";

    /// <summary>Returns when the task is done or was cancelled. On <paramref name="cancellationToken"/> it stores what was answered and throws.</summary>
    public async Task ExecuteAsync(long taskId, CancellationToken cancellationToken)
    {
        if (await BeginAsync(taskId, cancellationToken) is not { } work)
        {
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = CancelWatch.RunAsync(token => IsRunningAsync(taskId, token), stop, clock);
        try
        {
            var judged = work.Criterion.JudgeVersionId is { } judge ? await versions.SnapshotAsync(judge, stop.Token) : null;
            await Task.WhenAll(work.Plans.Select(plan => DriveAsync(taskId, plan.Key, plan.Value, work, judged, stop.Token)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Somebody cancelled the task; what had been answered is stored.
        }
        finally
        {
            await stop.CancelAsync();
            await watch;
        }
        await FinishAsync(taskId, cancellationToken);
    }

    private async Task<Work?> BeginAsync(long taskId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.ReproductionTasks.Where(t => t.Id == taskId && t.State == ReproductionState.Pending)
            .ExecuteUpdateAsync(u => u.SetProperty(t => t.State, ReproductionState.Running), cancellationToken);
        var task = await db.ReproductionTasks.AsNoTracking().Where(t => t.Id == taskId && t.State == ReproductionState.Running)
            .Select(t => new { t.CaseJson, t.CriterionJson }).FirstOrDefaultAsync(cancellationToken);
        if (task is null)
        {
            return null;
        }
        var arms = await db.ReproductionArms.AsNoTracking().Where(a => a.TaskId == taskId && !a.IsEnded).OrderBy(a => a.Index).Select(a => new { a.Index, a.PlanJson }).ToListAsync(cancellationToken);
        return new Work(Json.Read<ReproductionCase>(task.CaseJson), Json.Read<Criterion>(task.CriterionJson), arms.ToDictionary(a => a.Index, a => Json.Read<ArmPlan>(a.PlanJson)));
    }

    private async Task<bool> IsRunningAsync(long taskId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ReproductionTasks.AnyAsync(t => t.Id == taskId && t.State == ReproductionState.Running, cancellationToken);
    }

    // One batch after the other, as many as may be asked at once; after each the sequential rule looks whether it is clear.
    private async Task DriveAsync(long taskId, int armIndex, ArmPlan plan, Work work, TargetSnapshot? judgeVersion, CancellationToken cancellationToken)
    {
        var target = targets(plan.Target);
        var judge = new CriterionJudge(work.Criterion, work.Case, scorers, executor, judgeVersion is null ? null : targets(judgeVersion));
        var width = Math.Clamp(plan.Target.MaxParallel, 1, options.MaxParallel);
        while (await NextAsync(taskId, armIndex, width, cancellationToken) is { Count: > 0 } batch)
        {
            await using var writer = new GroupWriter<ReproductionGeneration>(group => CommitAsync(taskId, armIndex, group), options.CommitRows, options.CommitWindow, clock);
            try
            {
                await Task.WhenAll(batch.Select(async index =>
                {
                    var seed = plan.SeedOf(taskId, armIndex, index);
                    var reply = await executor.AskAsync(target, work.Case.Turn, seed, cancellationToken);
                    var judgement = await judge.JudgeAsync(reply, seed, cancellationToken);
                    // Not cancellable: what was answered has been paid for.
                    await writer.AddAsync(GenerationOf(taskId, armIndex, index, seed, reply, judgement), CancellationToken.None);
                }));
            }
            finally
            {
                await writer.CompleteAsync();
            }
        }
    }

    /// <summary>The next indexes to ask; empty when this version is asked no more.</summary>
    private async Task<IReadOnlyList<int>> NextAsync(long taskId, int armIndex, int width, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var times = await db.ReproductionArms
            .Where(a => a.TaskId == taskId && a.Index == armIndex && !a.IsEnded && db.ReproductionTasks.Any(t => t.Id == taskId && t.State == ReproductionState.Running))
            .Select(a => (int?)a.Times).FirstOrDefaultAsync(cancellationToken);
        if (times is null)
        {
            return [];
        }
        var done = await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == taskId && g.ArmIndex == armIndex).Select(g => g.Index).ToListAsync(cancellationToken);
        return [.. Enumerable.Range(0, times.Value).Except(done).Take(width)];
    }

    // Whoever locks the task first stores its generation of an index; another worker's of the same index is dropped.
    private Task<int> CommitAsync(long taskId, int armIndex, IReadOnlyList<ReproductionGeneration> group) => Repeating.Async(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        await ReproductionTally.LockAsync(db, taskId, CancellationToken.None);
        var stored = await db.ReproductionGenerations.Where(g => g.TaskId == taskId && g.ArmIndex == armIndex).Select(g => g.Index).ToHashSetAsync(CancellationToken.None);
        var fresh = group.Where(g => !stored.Contains(g.Index)).OrderBy(g => g.Index).ToList();
        await BulkWriter.InsertAsync(db, fresh, CancellationToken.None);
        await ReproductionTally.UpdateAsync(db, taskId, armIndex, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return fresh.Count;
    });

    // Several workers may find it done at once, and the database may let one of them lose.
    private Task<int> FinishAsync(long taskId, CancellationToken cancellationToken) => Repeating.Async(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.ReproductionArms.AnyAsync(a => a.TaskId == taskId && !a.IsEnded, cancellationToken))
        {
            return 0;
        }
        var isFailure = !await db.ReproductionGenerations.AnyAsync(g => g.TaskId == taskId && g.Status == ReplyStatus.Answered, cancellationToken);
        var (state, code, now) = (isFailure ? ReproductionState.Failed : ReproductionState.Completed, isFailure ? AllFailed : null, clock.GetUtcNow().UtcDateTime);
        return await db.ReproductionTasks.Where(t => t.Id == taskId && t.State == ReproductionState.Running)
            .ExecuteUpdateAsync(u => u.SetProperty(t => t.State, state).SetProperty(t => t.FailureCode, code).SetProperty(t => t.FinishedAt, now), cancellationToken);
    });

    private ReproductionGeneration GenerationOf(long taskId, int armIndex, int index, int seed, TargetReply reply, Judgement judgement) => new()
    {
        TaskId = taskId,
        ArmIndex = armIndex,
        Index = index,
        Status = reply.Status,
        Text = reply.Status == ReplyStatus.Answered ? reply.Text ?? "" : reply.Text,
        Verdict = judgement.Verdict,
        Score = judgement.Score,
        Explanation = TrialWriter.Cut(judgement.Judge is { } said ? said.Reason ?? said.ErrorDetail : null, 1000),
        ScoresJson = judgement.Scores is { } scores ? Json.Write(scores) : null,
        JudgeJson = judgement.Judge is { } judge ? Json.Write(judge) : null,
        TraceJson = reply.Trace.Count == 0 ? null : Json.Write(reply.Trace),
        Seed = seed,
        DurationMs = (int)Math.Min(int.MaxValue, reply.Duration.TotalMilliseconds),
        Attempts = reply.Attempts,
        InputTokens = (int?)reply.Usage?.InputTokenCount,
        OutputTokens = (int?)reply.Usage?.OutputTokenCount,
        ResponseModel = TrialWriter.Cut(reply.ResponseModel, 128),
        RequestJson = reply.RequestJson,
        ResponseJson = reply.ResponseJson,
        ErrorType = TrialWriter.Cut(reply.ErrorType, 100),
        ErrorDetail = TrialWriter.Cut(reply.ErrorDetail, 2000),
        At = clock.GetUtcNow().UtcDateTime,
    };

    private sealed record Work(ReproductionCase Case, Criterion Criterion, IReadOnlyDictionary<int, ArmPlan> Plans);
}

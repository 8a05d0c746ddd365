using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>Asks what is missing of one task's n generations, grades and stores them, and finishes the task. Safe to run any number of times, at once as well.</summary>
internal sealed class ReproductionWorker(
    IDbContextFactory<LLMEvalDbContext> contexts, ScorerCatalog scorers, TargetMaker targets, TrialExecutor executor, RunsOptions options, TimeProvider clock)
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
            await DriveAsync(taskId, work, stop.Token);
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
        await FinishAsync(taskId, work.Times, cancellationToken);
    }

    private async Task<Work?> BeginAsync(long taskId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.ReproductionTasks.Where(t => t.Id == taskId && t.State == ReproductionState.Pending)
            .ExecuteUpdateAsync(u => u.SetProperty(t => t.State, ReproductionState.Running), cancellationToken);
        var task = await db.ReproductionTasks.AsNoTracking().Where(t => t.Id == taskId && t.State == ReproductionState.Running)
            .Select(t => new { t.CaseJson, t.CriterionJson, t.Times }).FirstOrDefaultAsync(cancellationToken);
        if (task is null)
        {
            return null;
        }
        var done = await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == taskId).Select(g => g.Index).ToListAsync(cancellationToken);
        return new Work(Json.Read<ReproductionCase>(task.CaseJson), Json.Read<Criterion>(task.CriterionJson), task.Times, [.. Enumerable.Range(0, task.Times).Except(done)]);
    }

    private async Task<bool> IsRunningAsync(long taskId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ReproductionTasks.AnyAsync(t => t.Id == taskId && t.State == ReproductionState.Running, cancellationToken);
    }

    private async Task DriveAsync(long taskId, Work work, CancellationToken cancellationToken)
    {
        var target = targets(work.Case.Target);
        var judge = new CriterionJudge(work.Criterion, work.Case.Turn, scorers, executor);
        await using var writer = new GroupWriter<ReproductionGeneration>(group => CommitAsync(taskId, group), options.CommitRows, options.CommitWindow, clock);
        try
        {
            await Parallel.ForEachAsync(
                work.Missing,
                new ParallelOptions { MaxDegreeOfParallelism = Math.Clamp(work.Case.Target.MaxParallel, 1, options.MaxParallel), CancellationToken = cancellationToken },
                async (index, token) =>
                {
                    var seed = work.Case.SeedOf(taskId, index);
                    var reply = await executor.AskAsync(target, Transcripts.Of(work.Case.Turn, work.Case.Target, seed), token);
                    var (verdict, score) = await judge.JudgeAsync(reply, token);
                    // Not cancellable: what was answered has been paid for.
                    await writer.AddAsync(GenerationOf(taskId, index, seed, reply, verdict, score), CancellationToken.None);
                });
        }
        finally
        {
            await writer.CompleteAsync();
        }
    }

    // Whoever locks the task first stores its generation of an index; another worker's of the same index is dropped.
    private Task<int> CommitAsync(long taskId, IReadOnlyList<ReproductionGeneration> group) => Repeating.Async(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        await ReproductionTally.LockAsync(db, taskId, CancellationToken.None);
        var stored = await db.ReproductionGenerations.Where(g => g.TaskId == taskId).Select(g => g.Index).ToHashSetAsync(CancellationToken.None);
        var fresh = group.Where(g => !stored.Contains(g.Index)).OrderBy(g => g.Index).ToList();
        await BulkWriter.InsertAsync(db, fresh, CancellationToken.None);
        await ReproductionTally.UpdateAsync(db, taskId, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return fresh.Count;
    });

    // Several workers may find it done at once, and the database may let one of them lose.
    private Task<int> FinishAsync(long taskId, int times, CancellationToken cancellationToken) => Repeating.Async(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var states = await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == taskId).Select(g => g.Status).ToListAsync(cancellationToken);
        if (states.Count < times)
        {
            return 0;
        }
        var isFailure = !states.Contains(ReplyStatus.Answered);
        var (state, code, now) = (isFailure ? ReproductionState.Failed : ReproductionState.Completed, isFailure ? AllFailed : null, clock.GetUtcNow().UtcDateTime);
        return await db.ReproductionTasks.Where(t => t.Id == taskId && t.State == ReproductionState.Running)
            .ExecuteUpdateAsync(u => u.SetProperty(t => t.State, state).SetProperty(t => t.FailureCode, code).SetProperty(t => t.FinishedAt, now), cancellationToken);
    });

    private ReproductionGeneration GenerationOf(long taskId, int index, int seed, TargetReply reply, GenerationVerdict verdict, double? score) => new()
    {
        TaskId = taskId,
        Index = index,
        Status = reply.Status,
        Text = reply.Status == ReplyStatus.Answered ? reply.Text ?? "" : reply.Text,
        Verdict = verdict,
        Score = score,
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

    private sealed record Work(ReproductionCase Case, Criterion Criterion, int Times, IReadOnlyList<int> Missing);
}

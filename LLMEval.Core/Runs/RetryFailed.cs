using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <summary>Asks again what failed in an ended run; goes on with what a cancelled one left. What was scored stays.</summary>
public sealed class RetryFailed(IDbContextFactory<LLMEvalDbContext> contexts, RunShards shards, TimeProvider clock)
{
    /// <summary>How many trials are open again.</summary>
    public async Task<Result<int>> ExecuteAsync(long runId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.RunsStart) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await db.Runs.AnyAsync(r => r.Id == runId && db.VisibleSetsEvenDeleted(actor).Any(s => s.Id == r.SetId), cancellationToken))
        {
            return Failure.NotFound("RunNotFound");
        }
        var now = clock.GetUtcNow().UtcDateTime;
        int open;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            var begun = await db.Runs.Where(r => r.Id == runId && (r.State == RunState.Completed || r.State == RunState.Failed || r.State == RunState.Cancelled))
                .ExecuteUpdateAsync(u => u.SetProperty(r => r.State, RunState.Pending).SetProperty(r => r.FailureCode, (string?)null)
                    .SetProperty(r => r.FinishedAt, (DateTime?)null).SetProperty(r => r.CancelRequestedAt, (DateTime?)null), cancellationToken);
            if (begun == 0)
            {
                return Failure.Conflict("RunNotEnded");
            }
            await db.Trials.Where(t => t.RunId == runId && t.State == TrialState.Failed)
                .ExecuteUpdateAsync(u => u.SetProperty(t => t.State, TrialState.Pending).SetProperty(t => t.ReplyStatus, (Targets.ReplyStatus?)null), cancellationToken);
            open = await db.Trials.CountAsync(t => t.RunId == runId && (t.State == TrialState.Pending || t.State == TrialState.Answered), cancellationToken);
            if (open == 0)
            {
                return Failure.Conflict("RunHasNothingToRetry");
            }
            db.AuditEntries.Add(AuditEntry.Of(actor, now, "run.retry", "run", runId, new { open }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await shards.ScheduleAsync(runId, await RunSweep.OpenShardsAsync(db, runId, cancellationToken), cancellationToken);
        return open;
    }
}

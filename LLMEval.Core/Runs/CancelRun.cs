using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <summary>Ends a run at once. Workers notice within about a second; what was answered by then is kept.</summary>
public sealed class CancelRun(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(long runId, Actor actor, CancellationToken cancellationToken)
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
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var cancelled = await db.Runs.Where(r => r.Id == runId && (r.State == RunState.Pending || r.State == RunState.Running))
            .ExecuteUpdateAsync(u => u.SetProperty(r => r.State, RunState.Cancelled).SetProperty(r => r.CancelRequestedAt, now).SetProperty(r => r.FinishedAt, now), cancellationToken);
        if (cancelled == 0)
        {
            return Failure.Conflict("RunAlreadyEnded");
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "run.cancel", "run", runId));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return runId;
    }
}

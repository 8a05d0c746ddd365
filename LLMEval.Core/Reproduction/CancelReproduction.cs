using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>Ends a task at once. Its worker notices within about a second; what was answered by then is kept and counted.</summary>
public sealed class CancelReproduction(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(long taskId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await db.VisibleReproductions(actor).AnyAsync(t => t.Id == taskId, cancellationToken))
        {
            return Failure.NotFound("ReproductionNotFound");
        }
        var now = clock.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var cancelled = await db.ReproductionTasks.Where(t => t.Id == taskId && (t.State == ReproductionState.Pending || t.State == ReproductionState.Running))
            .ExecuteUpdateAsync(u => u.SetProperty(t => t.State, ReproductionState.Cancelled).SetProperty(t => t.CancelRequestedAt, now).SetProperty(t => t.FinishedAt, now), cancellationToken);
        if (cancelled == 0)
        {
            return Failure.Conflict("ReproductionAlreadyEnded");
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "reproduction.cancel", "reproduction", taskId));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return taskId;
    }
}

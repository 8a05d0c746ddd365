using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sampling;

/// <summary>Ends an operation where it is, or takes back what it did.</summary>
public sealed class StopPoolOperation(IDbContextFactory<LLMEvalDbContext> contexts, PoolWorker worker, TimeProvider clock)
{
    private const int UndoneAtOnce = 1000;

    /// <summary>What was done until then stays, and can be undone.</summary>
    public Task<Result<long>> CancelAsync(long operationId, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(operationId, "pool.cancel", PoolOperationState.Cancelled, [PoolOperationState.Pending, PoolOperationState.Running], actor, cancellationToken);

    /// <summary>Small ones at once, others in the background. Tags that somebody gave or took since are left as that person wanted them only where the operation did not touch them.</summary>
    public async Task<Result<long>> UndoAsync(long operationId, Actor actor, CancellationToken cancellationToken)
    {
        var begun = await ChangeAsync(
            operationId, "pool.undo", PoolOperationState.Undoing, [PoolOperationState.Completed, PoolOperationState.Cancelled, PoolOperationState.Failed], actor, cancellationToken);
        if (begun.IsOk)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            if (await db.PoolChanges.Where(c => c.OperationId == operationId).Take(UndoneAtOnce + 1).CountAsync(cancellationToken) <= UndoneAtOnce)
            {
                await worker.RunAsync(operationId, cancellationToken);
            }
        }
        return begun;
    }

    private async Task<Result<long>> ChangeAsync(long operationId, string action, PoolOperationState to, PoolOperationState[] from, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        var seesAll = actor.BizCodes is null;
        var changed = await db.PoolOperations.Where(o => o.Id == operationId && from.Contains(o.State) && (seesAll || o.CreatedById == actor.UserId))
            .ExecuteUpdateAsync(u => u.SetProperty(o => o.State, to).SetProperty(o => o.FinishedAt, now), cancellationToken);
        if (changed == 0)
        {
            return Failure.Conflict("PoolOperationOver");
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, action, "pool", operationId, null));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return operationId;
    }
}

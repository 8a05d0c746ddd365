using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sampling;

/// <param name="CanUndo">It changed something that can still be taken back.</param>
public sealed record PoolOperationRow(
    long Id, PoolWork Work, PoolOperationState State, PoolOperationRequest Request, int Total, int Done, int Changed, string? Failure, DateTime CreatedAt, DateTime? FinishedAt, string CreatedByName, bool CanUndo)
{
    public bool IsOpen => State is PoolOperationState.Pending or PoolOperationState.Running or PoolOperationState.Undoing;
}

/// <summary>What was done to the pool, newest first; people see their own, those who see all business lines everybody's.</summary>
public sealed class PoolOperationQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    public async Task<IReadOnlyList<PoolOperationRow>> NewestAsync(int count, Actor actor, CancellationToken cancellationToken) =>
        await ReadAsync(operations => operations.OrderByDescending(o => o.Id).Take(count), actor, cancellationToken);

    public async Task<PoolOperationRow?> OneAsync(long id, Actor actor, CancellationToken cancellationToken) =>
        (await ReadAsync(operations => operations.Where(o => o.Id == id), actor, cancellationToken)).SingleOrDefault();

    private async Task<IReadOnlyList<PoolOperationRow>> ReadAsync(Func<IQueryable<PoolOperation>, IQueryable<PoolOperation>> which, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsEdit))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var visible = actor.BizCodes is null ? db.PoolOperations.AsNoTracking() : db.PoolOperations.AsNoTracking().Where(o => o.CreatedById == actor.UserId);
        var read = await which(visible).Select(o => new { Operation = o, HasChanges = db.PoolChanges.Any(c => c.OperationId == o.Id) }).ToListAsync(cancellationToken);
        return read.ConvertAll(r =>
        {
            var o = r.Operation;
            return new PoolOperationRow(
                o.Id, o.Work, o.State, Json.Read<PoolOperationRequest>(o.RequestJson), o.Total, o.Done, o.Changed, o.Failure, o.CreatedAt, o.FinishedAt, o.CreatedByName,
                r.HasChanges && o.State is PoolOperationState.Completed or PoolOperationState.Cancelled or PoolOperationState.Failed);
        });
    }
}

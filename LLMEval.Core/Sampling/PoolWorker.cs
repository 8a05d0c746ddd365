using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Search;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace LLMEval.Core.Sampling;

/// <summary>
/// Carries operations out, some samples at a time, each time in one transaction with its progress and with what must be known to take it back: a killed process loses nothing and does nothing twice.
/// </summary>
public sealed partial class PoolWorker(IDbContextFactory<LLMEvalDbContext> contexts, MessagePool messages, TimeProvider clock, ILogger<PoolWorker> logger)
{
    private const int Chunk = 500;
    private const string Defect = "Defect";

    /// <summary>What is still to be done, oldest first.</summary>
    public async Task<IReadOnlyList<long>> OpenAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.PoolOperations.AsNoTracking().Where(o => o.State == PoolOperationState.Pending || o.State == PoolOperationState.Running || o.State == PoolOperationState.Undoing)
            .OrderBy(o => o.Id).Select(o => o.Id).Take(100).ToListAsync(cancellationToken);
    }

    /// <summary>Goes on until the operation is finished. What it does wrong becomes its state; only cancellation passes.</summary>
    public async Task RunAsync(long operationId, CancellationToken cancellationToken)
    {
        try
        {
            if (await BeginAsync(operationId, cancellationToken) is { State: PoolOperationState.Running, Work: PoolWork.TakeMessages } taking)
            {
                await TakeAsync(taking, cancellationToken);
                return;
            }
            while (await Repeating.Async(() => StepAsync(operationId, cancellationToken)))
            {
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        // One operation's defect must not stop those behind it.
        catch (Exception e)
        {
            LogBroken(logger, e, operationId);
            await using var db = await contexts.CreateDbContextAsync(CancellationToken.None);
            var now = clock.GetUtcNow().UtcDateTime;
            var code = e is PoolRefusedException refused ? refused.Failure.Code : Defect;
            await db.PoolOperations.Where(o => o.Id == operationId)
                .ExecuteUpdateAsync(u => u.SetProperty(o => o.State, PoolOperationState.Failed).SetProperty(o => o.Failure, code).SetProperty(o => o.FinishedAt, now), CancellationToken.None);
        }
    }

    /// <summary>Samples that carry the tag or one below it.</summary>
    internal static SampleFilter Carrying(string tag) => new() { Tags = TagExpression.Quote(tag) };

    [LoggerMessage(Level = LogLevel.Error, Message = "Pool operation {OperationId} broke")]
    private static partial void LogBroken(ILogger logger, Exception exception, long operationId);

    private async Task<PoolOperation?> BeginAsync(long operationId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.PoolOperations.Where(o => o.Id == operationId && o.State == PoolOperationState.Pending).ExecuteUpdateAsync(u => u.SetProperty(o => o.State, PoolOperationState.Running), cancellationToken);
        return await db.PoolOperations.AsNoTracking().FirstOrDefaultAsync(o => o.Id == operationId, cancellationToken);
    }

    /// <summary>True while there is more to do.</summary>
    private async Task<bool> StepAsync(long operationId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        var operation = await LockedAsync(db, operationId, cancellationToken);
        if (operation?.State is not (PoolOperationState.Running or PoolOperationState.Undoing))
        {
            return false;
        }
        var hasMore = operation.State == PoolOperationState.Undoing
            ? await UndoAsync(db, operation, cancellationToken)
            : await DoAsync(db, operation, cancellationToken);
        if (!hasMore)
        {
            operation.State = operation.State == PoolOperationState.Undoing ? PoolOperationState.Undone : PoolOperationState.Completed;
            operation.FinishedAt = clock.GetUtcNow().UtcDateTime;
            operation.Total = Math.Max(operation.Total, operation.Done);
        }
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return hasMore;
    }

    /// <summary>The operation, its row locked: whoever else works on it goes on where this ends.</summary>
    private static async Task<PoolOperation?> LockedAsync(LLMEvalDbContext db, long operationId, CancellationToken cancellationToken)
    {
        await db.PoolOperations.Where(o => o.Id == operationId).ExecuteUpdateAsync(u => u.SetProperty(o => o.Failure, o => o.Failure), cancellationToken);
        return await db.PoolOperations.FirstOrDefaultAsync(o => o.Id == operationId, cancellationToken);
    }

    private Task<bool> DoAsync(LLMEvalDbContext db, PoolOperation operation, CancellationToken cancellationToken)
    {
        var request = Json.Read<PoolOperationRequest>(operation.RequestJson);
        return request.Work == PoolWork.CutAgain
            ? CutAsync(db, operation, request, ActorOf(operation), cancellationToken)
            : EachAsync(db, operation, request, ActorOf(operation), cancellationToken);
    }

    /// <summary>Who asked for it, with what they might see then.</summary>
    private static Actor ActorOf(PoolOperation operation) => new(
        operation.CreatedById, operation.CreatedByName, Permissions.All.ToHashSet(StringComparer.Ordinal), operation.BizCodesJson is { } json ? Json.Read<List<string>>(json) : null);

    private async Task<bool> EachAsync(LLMEvalDbContext db, PoolOperation operation, PoolOperationRequest request, Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var place = Place(operation);
        var filter = request.Work == PoolWork.MoveTag ? Carrying(request.Tags[0]) : request.Filter ?? new SampleFilter();
        var found = db.Filtered(filter, actor, now);
        if (found.Failure is { } failure)
        {
            throw new PoolRefusedException(failure);
        }
        var samples = found.Value!.Where(s => s.Id > place && s.Id <= request.UpTo);
        var next = request.SampleIds?.Distinct().Where(id => id > place).Order().Take(Chunk).ToList();
        if (next is not null)
        {
            samples = samples.Where(s => next.Contains(s.Id));
        }
        var ids = await samples.OrderBy(s => s.Id).Select(s => s.Id).Take(Chunk).ToListAsync(cancellationToken);
        // Of a list, what is gone since leaves the chunk empty, yet there may be more behind it.
        var looked = next ?? ids;
        if (looked.Count == 0)
        {
            return false;
        }
        operation.Changed += request.Work switch
        {
            PoolWork.AddTags => await ChangeTagsAsync(db, operation.Id, ids, [], request.Tags, cancellationToken),
            PoolWork.RemoveTags => await ChangeTagsAsync(db, operation.Id, ids, request.Tags, [], cancellationToken),
            PoolWork.MoveTag => await MoveTagAsync(db, operation.Id, ids, request.Tags[0], request.NewTag!, cancellationToken),
            PoolWork.Remove => await RemoveAsync(db, operation.Id, ids, now, cancellationToken),
            _ => await AddToSetAsync(db, operation.Id, request.SetId!.Value, ids, actor, now, cancellationToken),
        };
        operation.Done += looked.Count;
        operation.Place = looked[^1].ToString(System.Globalization.CultureInfo.InvariantCulture);
        return true;
    }

    private static long Place(PoolOperation operation) => long.TryParse(operation.Place, System.Globalization.CultureInfo.InvariantCulture, out var place) ? place : 0;
}

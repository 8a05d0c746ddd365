using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>Takes one's own label of a message back; its history stays, and a queue that it filled a place of waits for one again.</summary>
public sealed class RetractLabel(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <param name="expectedVersion">The version that was on the screen; null takes back whatever is there.</param>
    public async Task<Result<long>> ExecuteAsync(long messageId, int? expectedVersion, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        return await Repeating.Async<Result<long>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            if (await db.FindOwnerAsync(messageId, actor, cancellationToken) is not { } owner)
            {
                return Failure.NotFound("MessageNotFound");
            }
            var now = clock.GetUtcNow().UtcDateTime;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await VerdictKeeping.LockAsync(db, [owner], now, cancellationToken);
            if (await LabelWriting.FindAsync(db, messageId, actor.UserId, cancellationToken) is not { } label)
            {
                return Failure.NotFound("LabelNotFound");
            }
            if (expectedVersion is { } expected && expected != label.Version)
            {
                return Failure.Conflict("LabelChangedMeanwhile");
            }
            await LabelWriting.RemoveAsync(db, label, actor, now, cancellationToken);
            await VerdictKeeping.ResolveAsync(db, [messageId], now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return messageId;
        });
    }
}

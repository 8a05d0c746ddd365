using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>Passes a message over, for this person: the slot goes back to the others. Skipping one that was skipped already keeps the newer reason.</summary>
public sealed class SkipSlot(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxReasonLength = 500;

    public async Task<Result<long>> ExecuteAsync(long slotId, string? reason, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        if (reason?.Trim() is not { Length: > 0 and <= MaxReasonLength } why)
        {
            return Failure.Invalid("SkipReasonNeeded", "reason", MaxReasonLength);
        }
        return await Repeating.Async<Result<long>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var slot = await db.QueueSlots.AsNoTracking().Where(s => s.Id == slotId && db.VisibleQueues(actor).Any(q => q.Id == s.QueueId)).Select(s => new { s.QueueId, s.ItemId, s.BizCode }).FirstOrDefaultAsync(cancellationToken);
            if (slot is null || !actor.Sees(slot.BizCode))
            {
                return Failure.NotFound("SlotNotFound");
            }
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.QueueSlots.Where(s => s.ItemId == slot.ItemId && s.AnnotatorId == actor.UserId && s.State == SlotState.Reserved).ExecuteUpdateAsync(ClaimNext.Opened, cancellationToken);
            var skip = await db.QueueSkips.FirstOrDefaultAsync(s => s.ItemId == slot.ItemId && s.AnnotatorId == actor.UserId, cancellationToken);
            if (skip is null)
            {
                db.QueueSkips.Add(skip = new QueueSkip { QueueId = slot.QueueId, ItemId = slot.ItemId, AnnotatorId = actor.UserId });
            }
            (skip.AnnotatorName, skip.Reason, skip.At) = (actor.Name, why, clock.GetUtcNow().UtcDateTime);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return slotId;
        });
    }
}

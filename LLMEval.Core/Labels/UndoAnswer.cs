using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>Takes back what a person last answered to a slot, and gives the slot back into their hands.</summary>
public sealed class UndoAnswer(UndoLabel undo, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<QueueClaim>> ExecuteAsync(long slotId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var slot = await db.QueueSlots.AsNoTracking().Where(s => s.Id == slotId && s.AnnotatorId == actor.UserId && db.VisibleQueues(actor).Any(q => q.Id == s.QueueId))
            .Select(s => new { s.ItemId, s.MessageId }).FirstOrDefaultAsync(cancellationToken);
        if (slot is null)
        {
            return Failure.NotFound("SlotNotFound");
        }
        var undone = await undo.ExecuteAsync(slot.MessageId, actor, cancellationToken);
        if (undone.Failure is { } refusal)
        {
            return refusal;
        }
        // A retracted label has opened the slot again, and another person may be quicker; then there is only the label left to be taken back.
        var until = clock.GetUtcNow().UtcDateTime + ClaimNext.Reservation;
        var isMine = await db.QueueSlots.Where(s => s.Id == slotId && (s.AnnotatorId == actor.UserId || s.State == SlotState.Open))
            .ExecuteUpdateAsync(u => u.SetProperty(s => s.State, SlotState.Reserved).SetProperty(s => s.AnnotatorId, actor.UserId).SetProperty(s => s.AnnotatorName, actor.Name)
                .SetProperty(s => s.ReservedUntil, until).SetProperty(s => s.DoneAt, (DateTime?)null).SetProperty(s => s.SpentMs, (int?)null), cancellationToken) == 1;
        return isMine ? new QueueClaim(slotId, slot.ItemId, slot.MessageId, until) : Failure.Conflict("SlotTakenMeanwhile");
    }
}

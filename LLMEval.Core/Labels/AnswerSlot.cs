using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <param name="Spent">How long the message was on the person's screen.</param>
public sealed record SlotAnswer(long SlotId, LabelRequest Label, TimeSpan Spent);

/// <param name="IsCounted">False when the reservation had lapsed and somebody else has taken the last place meanwhile: the label is kept, but the queue did not need it any more.</param>
public sealed record AnsweredSlot(LabelRow Label, bool IsCounted);

/// <summary>Labels the message of a slot and fills the slot, both or neither.</summary>
public sealed class AnswerSlot(IDbContextFactory<LLMEvalDbContext> contexts, ModelVerdicts model, TimeProvider clock)
{
    private static readonly TimeSpan LongestSpent = TimeSpan.FromHours(1);

    public async Task<Result<AnsweredSlot>> ExecuteAsync(SlotAnswer answer, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        return await Repeating.Async<Result<AnsweredSlot>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var slot = await db.QueueSlots.AsNoTracking().Where(s => s.Id == answer.SlotId && db.VisibleQueues(actor).Any(q => q.Id == s.QueueId))
                .Select(s => new { s.ItemId, s.MessageId, s.QueueId }).FirstOrDefaultAsync(cancellationToken);
            if (slot is null || slot.MessageId != answer.Label.MessageId)
            {
                return Failure.NotFound("SlotNotFound");
            }
            var check = await LabelMessage.CheckAsync(db, answer.Label, actor, cancellationToken);
            if (check.Failure is { } refusal)
            {
                return refusal;
            }
            var now = clock.GetUtcNow().UtcDateTime;
            var (owner, scale) = check.Value;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await VerdictKeeping.LockAsync(db, [owner], now, cancellationToken);
            var set = await LabelWriting.SetAsync(db, owner, answer.Label, scale, Annotator.Of(actor), actor, now, cancellationToken);
            if (set.Failure is { } failure)
            {
                return failure;
            }
            var spent = (int)Math.Clamp(answer.Spent.TotalMilliseconds, 0, LongestSpent.TotalMilliseconds);
            var isCounted = await FillAsync(db, slot.ItemId, s => s.AnnotatorId == actor.UserId, actor, now, spent, cancellationToken)
                // Lapsed, and given back or on: any other open place of this message is as good.
                || await FillAsync(db, slot.ItemId, s => s.State == SlotState.Open, actor, now, spent, cancellationToken);
            await VerdictKeeping.ResolveAsync(db, [owner.MessageId], now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (await db.LabelQueues.AnyAsync(q => q.Id == slot.QueueId && q.Consensus == QueueConsensus.DawidSkene && !db.QueueSlots.Any(s => s.QueueId == q.Id && s.State != SlotState.Done), cancellationToken))
            {
                await model.ApplyAsync(slot.QueueId, actor, cancellationToken);
            }
            return new AnsweredSlot(LabelRow.Of(set.Value!), isCounted);
        });
    }

    private static async Task<bool> FillAsync(
        LLMEvalDbContext db, long itemId, System.Linq.Expressions.Expression<Func<QueueSlot, bool>> which, Actor actor, DateTime now, int spent, CancellationToken cancellationToken)
    {
        var slotId = await db.QueueSlots.AsNoTracking().Where(s => s.ItemId == itemId).Where(which).OrderBy(s => s.Place).Select(s => (long?)s.Id).FirstOrDefaultAsync(cancellationToken);
        return slotId is not null && await db.QueueSlots.Where(s => s.Id == slotId && (s.AnnotatorId == actor.UserId || s.State == SlotState.Open))
            .ExecuteUpdateAsync(u => u.SetProperty(s => s.State, SlotState.Done).SetProperty(s => s.AnnotatorId, actor.UserId).SetProperty(s => s.AnnotatorName, actor.Name)
                .SetProperty(s => s.ReservedUntil, (DateTime?)null).SetProperty(s => s.DoneAt, now).SetProperty(s => s.SpentMs, spent), cancellationToken) == 1;
    }
}

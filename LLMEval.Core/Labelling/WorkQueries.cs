using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labelling;

/// <summary>A bot message as somebody judges it: with what had been said before and what the bot knew.</summary>
/// <param name="Context">Oldest first, the last <see cref="WorkQueries.ContextLength"/> messages before the answer.</param>
public sealed record JudgedMessage(
    long MessageId, long SessionId, string SessionExternalId, string BizCode, string RobotId, string UserId, DateTime SentAt, string Answer, IReadOnlyList<SampleMessage> Context, string? SystemPrompt, IReadOnlyList<SampleMemory> Memory, string? Model);

/// <summary>What the labelling page shows of a slot.</summary>
/// <param name="Others">Empty while they are hidden.</param>
/// <param name="AreOthersHidden">True where the queue is blind and the person has not labelled yet.</param>
public sealed record WorkItem(long SlotId, long ItemId, int Position, JudgedMessage Message, LabelRow? Own, IReadOnlyList<LabelRow> Others, bool AreOthersHidden, LabelForm Form);

/// <summary>Reads what people judge. Needs no right to see conversations: a slot shows its own message and what led to it, no more.</summary>
public sealed class WorkQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    public const int ContextLength = 20;

    /// <summary>Null when the slot is not this person's.</summary>
    public async Task<WorkItem?> ReadAsync(long slotId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.LabelsWrite))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var slot = await db.QueueSlots.AsNoTracking().Where(s => s.Id == slotId && s.AnnotatorId == actor.UserId)
            .Join(db.QueueItems, s => s.ItemId, i => i.Id, (s, i) => new { s.ItemId, s.MessageId, i.Position, s.QueueId })
            .Join(db.LabelQueues, x => x.QueueId, q => q.Id, (x, q) => new { x.ItemId, x.MessageId, x.Position, q.IsBlind }).FirstOrDefaultAsync(cancellationToken);
        if (slot is null || await MessageAsync(db, slot.MessageId, actor, cancellationToken) is not { } message)
        {
            return null;
        }
        var labels = await LabelsAsync(db, slot.MessageId, cancellationToken);
        var own = labels.FirstOrDefault(l => l.AnnotatorId == actor.UserId);
        var isHidden = slot.IsBlind && own is null;
        var form = new LabelForm(await LabelWriting.ScaleOfAsync(db, message.BizCode, cancellationToken), await LabelSettings.IssuesAsync(db, cancellationToken), message.Answer);
        return new WorkItem(slotId, slot.ItemId, slot.Position, message, own, isHidden ? [] : [.. labels.Where(l => l.AnnotatorId != actor.UserId)], isHidden, form);
    }

    internal static async Task<JudgedMessage?> MessageAsync(LLMEvalDbContext db, long messageId, Actor actor, CancellationToken cancellationToken) =>
        await RecordedTurns.OfAsync(db, [messageId], ContextLength, actor, cancellationToken) is [var turn]
            ? new JudgedMessage(turn.MessageId, turn.SessionId, turn.SessionExternalId, turn.BizCode, turn.RobotId, turn.UserId, turn.SentAt, turn.Answer, turn.Context, turn.SystemPrompt, turn.Memory, turn.Model)
            : null;

    internal static async Task<IReadOnlyList<LabelRow>> LabelsAsync(LLMEvalDbContext db, long messageId, CancellationToken cancellationToken) =>
        [.. (await db.Labels.AsNoTracking().Where(l => l.MessageId == messageId).OrderBy(l => l.CreatedAt).ThenBy(l => l.Id).Include(l => l.Tags).AsSplitQuery().ToListAsync(cancellationToken)).Select(LabelRow.Of)];
}

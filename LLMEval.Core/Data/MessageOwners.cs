using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Data;

/// <summary>To which session and business line a message belongs: what Labels, which stands below Sessions, must know of a message and no more.</summary>
public sealed record MessageOwner(long MessageId, long SessionId, string BizCode, bool IsBotMessage);

internal static class MessageOwners
{
    internal static Task<MessageOwner?> FindOwnerAsync(this LLMEvalDbContext db, long messageId, Actor actor, CancellationToken cancellationToken) =>
        db.Messages.AsNoTracking().Visible(actor).Where(m => m.Id == messageId)
            .Select(m => new MessageOwner(m.Id, m.SessionId, m.BizCode, m.SenderType == SenderType.Bot))
            .FirstOrDefaultAsync(cancellationToken);

    /// <summary>Our id of the message that the source calls so; null when it is not there or not for this actor.</summary>
    internal static async Task<long?> FindMessageIdAsync(this LLMEvalDbContext db, string bizCode, string sessionId, string msgId, Actor actor, CancellationToken cancellationToken) =>
        actor.Sees(bizCode)
            ? await db.Sessions.AsNoTracking().Where(s => s.BizCode == bizCode && s.ExternalId == sessionId)
                .Join(db.Messages.Where(m => m.ExternalId == msgId), s => s.Id, m => m.SessionId, (s, m) => (long?)m.Id).FirstOrDefaultAsync(cancellationToken)
            : null;

    /// <summary>Those of the messages that the actor may see, in the order of their ids, with what they say.</summary>
    internal static async Task<IReadOnlyList<(MessageOwner Owner, string Content)>> FindOwnersAsync(this LLMEvalDbContext db, IReadOnlyCollection<long> messageIds, Actor actor, CancellationToken cancellationToken)
    {
        var found = await db.Messages.AsNoTracking().Visible(actor).Where(m => messageIds.Contains(m.Id)).OrderBy(m => m.Id)
            .Select(m => new { Owner = new MessageOwner(m.Id, m.SessionId, m.BizCode, m.SenderType == SenderType.Bot), m.Content }).ToListAsync(cancellationToken);
        return [.. found.Select(m => (m.Owner, m.Content))];
    }

    /// <summary>Labels of messages that the actor may see.</summary>
    internal static IQueryable<Label> VisibleLabels(this LLMEvalDbContext db, Actor actor) =>
        actor.BizCodes is { } codes
            ? db.Labels.AsNoTracking().Where(l => db.Messages.Any(m => m.Id == l.MessageId && codes.Contains(m.BizCode)))
            : db.Labels.AsNoTracking();
}

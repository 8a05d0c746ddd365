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

    /// <summary>Labels of messages that the actor may see.</summary>
    internal static IQueryable<Label> VisibleLabels(this LLMEvalDbContext db, Actor actor) =>
        actor.BizCodes is { } codes
            ? db.Labels.AsNoTracking().Where(l => db.Messages.Any(m => m.Id == l.MessageId && codes.Contains(m.BizCode)))
            : db.Labels.AsNoTracking();
}

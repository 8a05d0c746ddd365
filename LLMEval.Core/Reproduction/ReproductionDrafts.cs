using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>What the form shows of the message that is to be asked for again.</summary>
public sealed record ReproductionDraft(RecordedTurn Turn, IReadOnlyList<LabelRow> Labels);

/// <summary>Finds what a reproduction would start from.</summary>
public sealed class ReproductionDrafts(IDbContextFactory<LLMEvalDbContext> contexts, LabelQueries labels)
{
    /// <summary>Null when there is no such bot message that the actor may see.</summary>
    public async Task<ReproductionDraft?> OfMessageAsync(long messageId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await RecordedTurns.OfAsync(db, [messageId], CreateSet.DefaultContextLength, actor, cancellationToken) is [var turn]
            ? new ReproductionDraft(turn, [.. (await labels.OfMessagesAsync([messageId], actor, cancellationToken))[messageId]])
            : null;
    }

    /// <summary>The message with these ids of the source; the newest where several business lines have them. Null when there is none.</summary>
    public async Task<long?> FindAsync(string sessionId, string msgId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Messages.AsNoTracking().Visible(actor)
            .Where(m => m.ExternalId == msgId && db.Sessions.Any(s => s.Id == m.SessionId && s.ExternalId == sessionId))
            .OrderByDescending(m => m.SentAt).ThenByDescending(m => m.Id).Select(m => (long?)m.Id).FirstOrDefaultAsync(cancellationToken);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>What the form shows of the case that is to be asked again.</summary>
public sealed record ReproductionDraft(BadCase Found, IReadOnlyList<LabelRow> Labels, IReadOnlyList<CaseHistoryRow> History);

/// <summary>Finds what a reproduction would start from.</summary>
public sealed class ReproductionDrafts(IDbContextFactory<LLMEvalDbContext> contexts, LabelQueries labels, ReproductionQueries reproductions)
{
    /// <summary>Null when there is none that the actor may see.</summary>
    /// <param name="contextLength">Messages before the answer; null takes the source's own.</param>
    public async Task<ReproductionDraft?> OfAsync(ReproductionSource source, int? contextLength, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await BadCases.FindAsync(db, source, contextLength, actor, cancellationToken) is not { } found)
        {
            return null;
        }
        var said = found.MessageId is { } messageId ? (await labels.OfMessagesAsync([messageId], actor, cancellationToken))[messageId] : [];
        return new ReproductionDraft(found, [.. said], await reproductions.HistoryAsync(found.Key, actor, cancellationToken));
    }

    /// <summary>The message with these ids of the source; the newest where several business lines have them. Null when there is none.</summary>
    public async Task<long?> FindAsync(string sessionId, string msgId, Actor actor, CancellationToken cancellationToken, string? bizCode = null)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Messages.AsNoTracking().Visible(actor)
            .Where(m => m.ExternalId == msgId && db.Sessions.Any(s => s.Id == m.SessionId && s.ExternalId == sessionId && (bizCode == null || s.BizCode == bizCode)))
            .OrderByDescending(m => m.SentAt).ThenByDescending(m => m.Id).Select(m => (long?)m.Id).FirstOrDefaultAsync(cancellationToken);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sessions;

/// <summary>One message of the chat dialog, with its whole content.</summary>
public sealed record TranscriptMessage(
    long Id, int Ordinal, string MsgId, SenderType SenderType, string Content, DateTime SentAt, bool IsTimeInferred, DateTime UpdatedAt, GenerationDetail? Generation);

/// <summary>The generation record under a bot message; JSON as recorded.</summary>
public sealed record GenerationDetail(
    string? Model, string? PromptVersion, string? ParametersJson, string? MemoryIdsJson, int? LatencyMs, int? InputTokens, int? OutputTokens, string? RequestJson, string? TraceJson);

/// <summary>A stretch of a conversation in ascending order; the flags say whether it goes on at either end.</summary>
public sealed record TranscriptWindow(IReadOnlyList<TranscriptMessage> Messages, bool HasEarlier, bool HasLater);

public sealed record MemoryRow(string MemoryId, string Content, DateTime? CreatedAt, DateTime? ChangedAt);

/// <summary>Reads a conversation in windows, so that its length does not matter.</summary>
public sealed class TranscriptQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>Messages with <c>Ordinal</c> from <paramref name="fromOrdinal"/> upwards.</summary>
    public Task<TranscriptWindow> ForwardAsync(long sessionId, int fromOrdinal, int take, Actor actor, CancellationToken cancellationToken) =>
        ReadAsync(sessionId, fromOrdinal, take, isForward: true, actor, cancellationToken);

    /// <summary>The messages just before <paramref name="beforeOrdinal"/>.</summary>
    public Task<TranscriptWindow> BackwardAsync(long sessionId, int beforeOrdinal, int take, Actor actor, CancellationToken cancellationToken) =>
        ReadAsync(sessionId, beforeOrdinal, take, isForward: false, actor, cancellationToken);

    /// <summary>Ordinal of the first message sent in [from, to), or null.</summary>
    public async Task<int?> FirstWithinAsync(long sessionId, DateTime fromUtc, DateTime toUtc, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Of(db, sessionId, actor).Where(m => m.SentAt >= fromUtc && m.SentAt < toUtc).OrderBy(m => m.Ordinal).Select(m => (int?)m.Ordinal).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Ordinal of the nearest message beyond <paramref name="ordinal"/> that contains the text, in whatever case of letters, or null. Reads contents one after another: some tenths of a second
    /// over a hundred thousand messages that do not contain it.
    /// </summary>
    public async Task<int?> FindAsync(long sessionId, string text, int ordinal, bool isForward, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
#pragma warning disable CA1304, CA1311, CA1862 // The letters are folded in SQL.
        var lower = text.ToLower();
        var found = Of(db, sessionId, actor).Where(m => m.Content.ToLower().Contains(lower));
#pragma warning restore CA1304, CA1311, CA1862
        return isForward
            ? await found.Where(m => m.Ordinal > ordinal).OrderBy(m => m.Ordinal).Select(m => (int?)m.Ordinal).FirstOrDefaultAsync(cancellationToken)
            : await found.Where(m => m.Ordinal < ordinal).OrderByDescending(m => m.Ordinal).Select(m => (int?)m.Ordinal).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Ordinal of the message with the source's id, or null.</summary>
    public async Task<int?> OrdinalOfAsync(long sessionId, string msgId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Of(db, sessionId, actor).Where(m => m.ExternalId == msgId).Select(m => (int?)m.Ordinal).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Ordinal of one of the session's messages, or null.</summary>
    public async Task<int?> OrdinalOfAsync(long sessionId, long messageId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Of(db, sessionId, actor).Where(m => m.Id == messageId).Select(m => (int?)m.Ordinal).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Ids of the bot messages of some sessions, session by session in their order; <paramref name="take"/> at most.</summary>
    public async Task<IReadOnlyList<long>> BotMessageIdsAsync(IReadOnlyList<long> sessionIds, int take, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Messages.AsNoTracking().Visible(actor).Where(m => sessionIds.Contains(m.SessionId) && m.SenderType == SenderType.Bot)
            .OrderBy(m => m.SessionId).ThenBy(m => m.Ordinal).Take(take).Select(m => m.Id).ToListAsync(cancellationToken);
    }

    /// <summary>The session's memory points, oldest first, those without a date before all others; 1,000 at most.</summary>
    public async Task<IReadOnlyList<MemoryRow>> MemoryAsync(long sessionId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.MemoryPoints.AsNoTracking()
            .Where(p => p.SessionId == sessionId && db.Sessions.Visible(actor).Any(s => s.Id == p.SessionId))
            .OrderBy(p => p.CreatedAt != null).ThenBy(p => p.CreatedAt).ThenBy(p => p.Ordinal).ThenBy(p => p.Id)
            .Take(1000)
            .Select(p => new MemoryRow(p.ExternalId, p.Content, p.CreatedAt, p.ChangedAt))
            .ToListAsync(cancellationToken);
    }

    private async Task<TranscriptWindow> ReadAsync(long sessionId, int edge, int take, bool isForward, Actor actor, CancellationToken cancellationToken)
    {
        take = Math.Clamp(take, 1, PageRequest.MaxTake);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var source = isForward
            ? Of(db, sessionId, actor).Where(m => m.Ordinal >= edge).OrderBy(m => m.Ordinal).ThenBy(m => m.Id)
            : Of(db, sessionId, actor).Where(m => m.Ordinal < edge).OrderByDescending(m => m.Ordinal).ThenByDescending(m => m.Id);
        var rows = await source.Take(take + 1)
            .Select(m => new TranscriptMessage(
                m.Id, m.Ordinal, m.ExternalId, m.SenderType, m.Content, m.SentAt, m.IsTimeInferred, m.UpdatedAt,
                db.Generations.Where(g => g.MessageId == m.Id)
                    .Select(g => new GenerationDetail(g.Model, g.PromptVersion, g.ParametersJson, g.MemoryIdsJson, g.LatencyMs, g.InputTokens, g.OutputTokens, g.RequestJson, g.TraceJson))
                    .FirstOrDefault()))
            .ToListAsync(cancellationToken);
        var hasMore = rows.Count > take;
        if (hasMore)
        {
            rows.RemoveAt(take);
        }
        if (!isForward)
        {
            rows.Reverse();
        }
        return isForward
            ? new TranscriptWindow(rows, edge > 0 && await Of(db, sessionId, actor).AnyAsync(m => m.Ordinal < edge, cancellationToken), hasMore)
            : new TranscriptWindow(rows, hasMore, await Of(db, sessionId, actor).AnyAsync(m => m.Ordinal >= edge, cancellationToken));
    }

    private static IQueryable<Message> Of(LLMEvalDbContext db, long sessionId, Actor actor) =>
        actor.May(Permissions.SessionsView) ? db.Messages.AsNoTracking().Visible(actor).Where(m => m.SessionId == sessionId) : db.Messages.Where(m => false);
}

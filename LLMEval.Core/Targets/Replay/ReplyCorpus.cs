using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Targets.Replay;

/// <summary>There is nothing to answer with: no bot message was loaded yet.</summary>
public sealed class EmptyCorpusException() : Exception("no bot reply has been loaded, so the built-in bot has nothing to say");

/// <summary>Keeps the index of the loaded corpus' bot replies: built when first asked for, and again when the corpus has changed.</summary>
public sealed class ReplyCorpus(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock) : IDisposable
{
    /// <summary>Newest sessions first; what lies beyond is not looked at.</summary>
    public const int MaxReplies = 200_000;
    private const int SessionsAtOnce = 100;

    /// <summary>How many turns of the user before a reply describe it.</summary>
    private const int Turns = 2;
    private const int MaxTurnLength = 400;
    private readonly SemaphoreSlim _building = new(1, 1);
    private volatile Built? _built;

    private sealed record Built(ReplyIndex Index, Signature Signature, long At, TimeSpan Cost);

    // Two index seeks and a count of sessions: cheap enough to ask before each answer, and it notices additions, changes and deletions.
    private sealed record Signature(int Sessions, DateTime UpdatedAt, long LastMessageId);

    internal async Task<ReplyIndex> CurrentAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (_built is { } built && (IsFresh(built) || built.Signature == await SignAsync(db, cancellationToken)))
        {
            return built.Index;
        }
        await _building.WaitAsync(cancellationToken);
        try
        {
            var signature = await SignAsync(db, cancellationToken);
            if (_built is { } other && other.Signature == signature)
            {
                return other.Index;
            }
            var startedAt = clock.GetTimestamp();
            var index = await BuildAsync(db, cancellationToken);
            _built = new Built(index, signature, clock.GetTimestamp(), clock.GetElapsedTime(startedAt));
            return index;
        }
        finally
        {
            _building.Release();
        }
    }

    public void Dispose() => _building.Dispose();

    /// <summary>Session, business line and bot of a message, wherever it stands in the corpus.</summary>
    internal async Task<Reply?> SourceAsync(ReplyIndex index, long messageId, CancellationToken cancellationToken)
    {
        if (index.Find(messageId) is { } known)
        {
            return known;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Messages.AsNoTracking().Where(m => m.Id == messageId).Select(m => new Reply(m.Id, m.SessionId, m.BizCode, m.RobotId, "")).FirstOrDefaultAsync(cancellationToken);
    }

    // While an import goes on, each answer would otherwise pay for a new index: a large one may be a little old.
    private bool IsFresh(Built built) => built.Cost > TimeSpan.FromSeconds(1) && clock.GetElapsedTime(built.At) < 5 * built.Cost;

    private static async Task<Signature> SignAsync(LLMEvalDbContext db, CancellationToken cancellationToken) => new(
        await db.Sessions.CountAsync(cancellationToken),
        await db.Sessions.MaxAsync(s => (DateTime?)s.UpdatedAt, cancellationToken) ?? default,
        await db.Messages.MaxAsync(m => (long?)m.Id, cancellationToken) ?? 0);

    private static async Task<ReplyIndex> BuildAsync(LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        var index = new ReplyIndex();
        var (beforeAt, beforeId) = (DateTime.MaxValue, long.MaxValue);
        while (index.Count < MaxReplies)
        {
            var sessions = await db.Sessions.AsNoTracking()
                .Where(s => s.LastMessageAt < beforeAt || (s.LastMessageAt == beforeAt && s.Id < beforeId))
                .OrderByDescending(s => s.LastMessageAt).ThenByDescending(s => s.Id).Take(SessionsAtOnce)
                .Select(s => new { s.Id, s.LastMessageAt }).ToListAsync(cancellationToken);
            if (sessions.Count == 0)
            {
                break;
            }
            (beforeAt, beforeId) = (sessions[^1].LastMessageAt, sessions[^1].Id);
            await AddAsync(db, index, [.. sessions.Select(s => s.Id)], cancellationToken);
        }
        return index;
    }

    private static async Task AddAsync(LLMEvalDbContext db, ReplyIndex index, List<long> sessionIds, CancellationToken cancellationToken)
    {
        var messages = db.Messages.AsNoTracking()
            .Where(m => sessionIds.Contains(m.SessionId) && (m.SenderType == SenderType.User || m.SenderType == SenderType.Bot))
            .OrderBy(m => m.SessionId).ThenBy(m => m.Ordinal)
            .Select(m => new { m.Id, m.SessionId, m.BizCode, m.RobotId, m.SenderType, m.Content })
            .AsAsyncEnumerable();
        var turns = new List<List<ulong>>();
        var (session, wasUser) = (0L, false);
        await foreach (var message in messages.WithCancellation(cancellationToken))
        {
            if (message.SessionId != session)
            {
                (session, wasUser) = (message.SessionId, false);
                turns.Clear();
            }
            var isUser = message.SenderType == SenderType.User;
            if (isUser)
            {
                Remember(turns, ReplyTerms.Of(message.Content.Length > MaxTurnLength ? message.Content[..MaxTurnLength] : message.Content), isSameTurn: wasUser);
            }
            else if (turns.Count > 0 && !string.IsNullOrWhiteSpace(message.Content) && index.Count < MaxReplies)
            {
                index.Add(new Reply(message.Id, message.SessionId, message.BizCode, message.RobotId, message.Content), Described(turns));
            }
            wasUser = isUser;
        }
    }

    // The turn that was answered counts twice, so that a reply to it ranks before the replies that came later.
    private static List<ulong> Described(List<List<ulong>> turns) => [.. turns[^1], .. turns.SelectMany(t => t)];

    private static void Remember(List<List<ulong>> turns, List<ulong> terms, bool isSameTurn)
    {
        if (isSameTurn && turns.Count > 0)
        {
            turns[^1].AddRange(terms);
            return;
        }
        turns.Add(terms);
        if (turns.Count > Turns)
        {
            turns.RemoveAt(0);
        }
    }
}

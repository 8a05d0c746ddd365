using System.Runtime.CompilerServices;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Search;

/// <summary>What messages may be drawn from: exactly one of the four.</summary>
public sealed record PoolSource
{
    public MessageSearchFilter? Messages { get; init; }
    public SessionFilter? Sessions { get; init; }

    /// <summary>Our ids.</summary>
    public IReadOnlyList<long>? SessionIds { get; init; }
    public IReadOnlyList<long>? MessageIds { get; init; }
}

/// <summary>A bot message that may be drawn.</summary>
public sealed record PoolMessage(long Id, long SessionId, string BizCode, string RobotId, DateTime SentAt);

/// <summary>Streams the bot messages of a source that the actor may see, whatever their number.</summary>
public sealed class MessagePool(IDbContextFactory<LLMEvalDbContext> contexts, MessageSearchQueries search, SessionQueries sessions, TimeProvider clock)
{
    private const int Chunk = 500;
    private const int Stride = 5000;

    /// <summary>A source that cannot be read is a refusal, thrown as <see cref="PoolRefusedException"/> by the first step.</summary>
    public IAsyncEnumerable<PoolMessage> StreamAsync(PoolSource source, Actor actor, CancellationToken cancellationToken) => source switch
    {
        { MessageIds: { } ids } => OfIdsAsync(ids, actor, cancellationToken),
        { SessionIds: { } ids } => OfSessionsAsync(Chunks(ids), actor, cancellationToken),
        { Sessions: { } filter } => OfSessionsAsync(FoundAsync(filter, actor, cancellationToken), actor, cancellationToken),
        { Messages: { } filter } => IsPlain(filter) ? OfTimesAsync(filter, actor, cancellationToken) : OfSearchAsync(filter, actor, cancellationToken),
        _ => AsyncEnumerable.Empty<PoolMessage>(),
    };

    // Without a text there is nothing to look into: the ids of the newest messages come straight from the index of times.
    private static bool IsPlain(MessageSearchFilter filter) =>
        string.IsNullOrWhiteSpace(filter.Text) && string.IsNullOrEmpty(filter.SessionId) && string.IsNullOrEmpty(filter.MsgId) && filter.Pairs.Count == 0 && filter.Label is LabelState.Any or LabelState.Unlabelled
        && (filter.BizCodes.Count == 0 || filter.BizMatch == TextMatch.Exact);

    private async IAsyncEnumerable<PoolMessage> OfIdsAsync(IReadOnlyList<long> ids, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var chunk in ids.Distinct().Chunk(Chunk))
        {
            foreach (var message in await ReadAsync(messages => messages.Where(m => chunk.Contains(m.Id)), actor, cancellationToken))
            {
                yield return message;
            }
        }
    }

    private async IAsyncEnumerable<PoolMessage> OfSessionsAsync(IAsyncEnumerable<long[]> sessionIds, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var chunk in sessionIds.WithCancellation(cancellationToken))
        {
            foreach (var message in await ReadAsync(messages => messages.Where(m => chunk.Contains(m.SessionId)), actor, cancellationToken))
            {
                yield return message;
            }
        }
    }

    private async IAsyncEnumerable<PoolMessage> OfTimesAsync(MessageSearchFilter filter, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (from, to) = filter.Range.Resolve(clock.GetUtcNow().UtcDateTime);
        PoolMessage? last = null;
        List<PoolMessage> read;
        do
        {
            read = await ReadAsync(messages =>
            {
                messages = messages.Where(m => m.SentAt >= from && m.SentAt < to);
                messages = filter.BizCodes.Count > 0 ? messages.Where(m => filter.BizCodes.Contains(m.BizCode)) : messages;
                messages = filter.RobotIds.Count > 0 ? messages.Where(m => filter.RobotIds.Contains(m.RobotId)) : messages;
                messages = filter.UserIds.Count > 0 ? messages.Where(m => filter.UserIds.Contains(m.UserId)) : messages;
                messages = last is { } edge ? messages.Past(m => m.SentAt, m => m.Id, edge.SentAt, edge.Id, descending: true) : messages;
                return messages.InOrder(m => m.SentAt, m => m.Id, descending: true).Take(Stride);
            }, actor, cancellationToken, filter.Label == LabelState.Unlabelled);
            foreach (var message in read)
            {
                yield return message;
            }
            last = read.Count > 0 ? read[^1] : null;
        }
        while (read.Count == Stride);
    }

    private async IAsyncEnumerable<PoolMessage> OfSearchAsync(MessageSearchFilter filter, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var page = new PageRequest(Take: Chunk);
        do
        {
            var found = await search.PageAsync(filter with { SenderType = SenderType.Bot }, page, actor, cancellationToken);
            if (found.Failure is { } refusal)
            {
                throw new PoolRefusedException(refusal);
            }
            foreach (var hit in found.Value!.Page.Items)
            {
                yield return new PoolMessage(hit.Id, hit.SessionKey, hit.BizCode, hit.RobotId, hit.SentAt);
            }
            page = page with { After = found.Value.Page.Next };
        }
        while (page.After is not null);
    }

    private async IAsyncEnumerable<long[]> FoundAsync(SessionFilter filter, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var page = new PageRequest(Take: PageRequest.MaxTake, SortBy: SessionSort.Started);
        do
        {
            var found = await sessions.PageAsync(filter, page, actor, cancellationToken);
            yield return [.. found.Items.Select(s => s.Id)];
            page = page with { After = found.Next };
        }
        while (page.After is not null);
    }

    private static async IAsyncEnumerable<long[]> Chunks(IReadOnlyList<long> ids)
    {
        foreach (var chunk in ids.Distinct().Chunk(Chunk))
        {
            yield return chunk;
        }
        await Task.CompletedTask;
    }

    private async Task<List<PoolMessage>> ReadAsync(Func<IQueryable<Message>, IQueryable<Message>> which, Actor actor, CancellationToken cancellationToken, bool onlyUnlabelled = false)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var bots = db.Messages.AsNoTracking().Visible(actor).Where(m => m.SenderType == SenderType.Bot);
        bots = onlyUnlabelled ? bots.Where(m => !db.MessageVerdicts.Any(v => v.MessageId == m.Id)) : bots;
        return await which(bots).Select(m => new PoolMessage(m.Id, m.SessionId, m.BizCode, m.RobotId, m.SentAt)).ToListAsync(cancellationToken);
    }
}

/// <summary>Carries a refusal out of a stream, which has no other way to say it.</summary>
public sealed class PoolRefusedException(Failure failure) : Exception(failure.Code)
{
    public Failure Failure { get; } = failure;
}

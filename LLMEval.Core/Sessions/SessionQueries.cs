using System.Linq.Expressions;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sessions;

/// <summary>One line of the sessions grid.</summary>
public sealed record SessionRow(
    long Id, string BizCode, string SessionId, string RobotId, string? RobotName, string UserId, int MessageCount, int MemoryCount,
    DateTime StartedAt, DateTime LastMessageAt, DateTime UpdatedAt)
{
    public int GoodCount { get; init; }
    public int BadCount { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>A session's head, as the chat dialog shows it.</summary>
public sealed record SessionDetail(SessionRow Row, string? Language, string? SystemPrompt, int BotMessageCount);

public sealed class SessionQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>One page, newest first by default. Costs one index range for the rows, and two small look-ups for labels and tags of that page.</summary>
    public async Task<Page<SessionRow>> PageAsync(SessionFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return Page<SessionRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = await db.Sessions.AsNoTracking().Visible(actor).MatchingAsync(filter, db, clock.GetUtcNow().UtcDateTime, cancellationToken);
        var rows = page.SortBy switch
        {
            SessionSort.LastMessage => await ReadAsync(matching, s => s.LastMessageAt, Instant, page, cancellationToken),
            SessionSort.Updated => await ReadAsync(matching, s => s.UpdatedAt, Instant, page, cancellationToken),
            SessionSort.Messages => await ReadAsync(matching, s => s.MessageCount, cursor => (int?)cursor.Number, page, cancellationToken),
            _ => await ReadAsync(matching, s => s.StartedAt, Instant, page, cancellationToken),
        };
        var result = Page.Of(rows, page, row => CursorOf(row, page.SortBy));
        return result with { Items = await WithLabelsAndTagsAsync(db, result.Items, cancellationToken) };
    }

    /// <summary>How many match, counted to one more than <paramref name="cap"/> at most.</summary>
    public async Task<int> CountAsync(SessionFilter filter, Actor actor, CancellationToken cancellationToken, int cap = Page.CountCap)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return 0;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = await db.Sessions.AsNoTracking().Visible(actor).MatchingAsync(filter, db, clock.GetUtcNow().UtcDateTime, cancellationToken);
        return await matching.Take(cap + 1).CountAsync(cancellationToken);
    }

    public Task<SessionDetail?> FindAsync(string bizCode, string sessionId, Actor actor, CancellationToken cancellationToken) =>
        FirstAsync(sessions => sessions.Where(s => s.BizCode == bizCode && s.ExternalId == sessionId), actor, cancellationToken);

    public Task<SessionDetail?> DetailAsync(long id, Actor actor, CancellationToken cancellationToken) =>
        FirstAsync(sessions => sessions.Where(s => s.Id == id), actor, cancellationToken);

    private async Task<SessionDetail?> FirstAsync(Func<IQueryable<Session>, IQueryable<Session>> choose, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await choose(db.Sessions.AsNoTracking().Visible(actor))
            .Select(s => new SessionDetail(
                new SessionRow(s.Id, s.BizCode, s.ExternalId, s.RobotId, s.RobotName, s.UserId, s.MessageCount, s.MemoryCount, s.StartedAt, s.LastMessageAt, s.UpdatedAt),
                s.Language, s.SystemPrompt, s.BotMessageCount))
            .FirstOrDefaultAsync(cancellationToken);
        return found is null ? null : found with { Row = (await WithLabelsAndTagsAsync(db, [found.Row], cancellationToken))[0] };
    }

    /// <summary>Up to <paramref name="take"/> values of a column that begin with <paramref name="prefix"/>, ascending: one index seek a value, so that millions of rows cost no more than thousands.</summary>
    public Task<IReadOnlyList<string>> RobotIdsAsync(string prefix, int take, Actor actor, CancellationToken cancellationToken) =>
        ValuesAsync(s => s.RobotId, prefix, take, actor, cancellationToken);

    /// <inheritdoc cref="RobotIdsAsync"/>
    public Task<IReadOnlyList<string>> UserIdsAsync(string prefix, int take, Actor actor, CancellationToken cancellationToken) =>
        ValuesAsync(s => s.UserId, prefix, take, actor, cancellationToken);

    /// <inheritdoc cref="RobotIdsAsync"/>
    public Task<IReadOnlyList<string>> BizCodesAsync(string prefix, int take, Actor actor, CancellationToken cancellationToken) =>
        ValuesAsync(s => s.BizCode, prefix, take, actor, cancellationToken);

    /// <summary>Up to <paramref name="take"/> tags of sessions that begin with <paramref name="prefix"/>, ascending; one index seek a tag.</summary>
    public Task<IReadOnlyList<string>> TagsAsync(string prefix, int take, Actor actor, CancellationToken cancellationToken) =>
        ValuesAsync((db, sessions) => actor.BizCodes is null ? db.SessionTags.Select(t => t.Name) : db.SessionTags.Where(t => sessions.Any(s => s.Id == t.SessionId)).Select(t => t.Name), prefix, take, actor, cancellationToken);

    private Task<IReadOnlyList<string>> ValuesAsync(Expression<Func<Session, string>> column, string prefix, int take, Actor actor, CancellationToken cancellationToken) =>
        ValuesAsync((_, sessions) => sessions.Select(column), prefix, take, actor, cancellationToken);

    private async Task<IReadOnlyList<string>> ValuesAsync(
        Func<LLMEvalDbContext, IQueryable<Session>, IQueryable<string>> column, string prefix, int take, Actor actor, CancellationToken cancellationToken)
    {
        var values = new List<string>();
        if (!actor.May(Permissions.SessionsView))
        {
            return values;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var all = column(db, db.Sessions.AsNoTracking().Visible(actor));
        var beyond = prefix;
        var isFirst = true;
        while (values.Count < take)
        {
#pragma warning disable CA1309 // The comparison runs in SQL, where both databases compare these columns by code point.
            var next = isFirst
                ? await all.Where(v => string.Compare(v, beyond) >= 0).OrderBy(v => v).FirstOrDefaultAsync(cancellationToken)
                : await all.Where(v => string.Compare(v, beyond) > 0).OrderBy(v => v).FirstOrDefaultAsync(cancellationToken);
#pragma warning restore CA1309
            if (next is null || !next.StartsWith(prefix, StringComparison.Ordinal))
            {
                break;
            }
            values.Add(next);
            beyond = next;
            isFirst = false;
        }
        return values;
    }

    private static async Task<List<SessionRow>> ReadAsync<TKey>(
        IQueryable<Session> matching, Expression<Func<Session, TKey>> key, Func<Cursor, TKey?> keyOf, PageRequest page, CancellationToken cancellationToken) where TKey : struct
    {
        var descending = page.Descending != page.IsBackward;
        var from = page.After ?? page.Before;
        if (from is not null && keyOf(from) is { } after)
        {
            matching = matching.Past(key, s => s.Id, after, from.Id, descending);
        }
        return await matching.InOrder(key, s => s.Id, descending).Take(page.Limit + 1)
            .Select(s => new SessionRow(s.Id, s.BizCode, s.ExternalId, s.RobotId, s.RobotName, s.UserId, s.MessageCount, s.MemoryCount, s.StartedAt, s.LastMessageAt, s.UpdatedAt))
            .ToListAsync(cancellationToken);
    }

    private static DateTime? Instant(Cursor cursor) => cursor.Instant;

    private static Cursor CursorOf(SessionRow row, string? sortBy) => sortBy switch
    {
        SessionSort.LastMessage => Cursor.At(row.LastMessageAt, row.Id),
        SessionSort.Updated => Cursor.At(row.UpdatedAt, row.Id),
        SessionSort.Messages => Cursor.At(row.MessageCount, row.Id),
        _ => Cursor.At(row.StartedAt, row.Id),
    };

    private static async Task<IReadOnlyList<SessionRow>> WithLabelsAndTagsAsync(LLMEvalDbContext db, IReadOnlyList<SessionRow> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(r => r.Id).ToList();
        if (ids.Count == 0)
        {
            return rows;
        }
        // A message judged by several people counts once, as what counts of it; a tie counts as neither.
        var counts = (await db.MessageVerdicts.AsNoTracking().Where(v => ids.Contains(v.SessionId) && v.Verdict != null)
            .GroupBy(v => new { v.SessionId, v.Verdict }).Select(g => new { g.Key.SessionId, Verdict = g.Key.Verdict!.Value, Count = g.Count() })
            .ToListAsync(cancellationToken)).ToDictionary(c => (c.SessionId, c.Verdict), c => c.Count);
        var tags = (await db.SessionTags.AsNoTracking().Where(t => ids.Contains(t.SessionId)).ToListAsync(cancellationToken)).ToLookup(t => t.SessionId, t => t.Name);
        return [.. rows.Select(r => r with
        {
            GoodCount = counts.GetValueOrDefault((r.Id, Verdict.Good)),
            BadCount = counts.GetValueOrDefault((r.Id, Verdict.Bad)),
            Tags = [.. tags[r.Id].Order(StringComparer.Ordinal)],
        })];
    }
}

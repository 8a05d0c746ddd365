using System.Linq.Expressions;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sessions;

/// <summary>The one place where a filter becomes a WHERE.</summary>
internal static class FilterSql
{
    /// <summary>
    /// What few sessions have (a rare tag, the first labels) is listed and the sessions are fetched by it; what many have is looked up while the sessions are read in their order. Neither database
    /// chooses so by itself: SQLite would look a rare tag up a million times, MariaDB would list and sort a common one.
    /// </summary>
    private const int Few = 10_000;

    internal static async Task<IQueryable<Session>> MatchingAsync(this IQueryable<Session> sessions, SessionFilter filter, LLMEvalDbContext db, DateTime utcNow, CancellationToken cancellationToken)
    {
        if (filter.Range != default)
        {
            var (from, to) = filter.Range.Resolve(utcNow);
            sessions = filter.Time == SessionTime.Started
                ? sessions.Where(s => s.StartedAt >= from && s.StartedAt < to)
                : sessions.Where(s => s.LastMessageAt >= from && s.LastMessageAt < to);
        }
        if (filter.BizCodes is { Count: > 0 } bizCodes)
        {
            sessions = bizCodes.Count == 1 ? Single(sessions, bizCodes[0]) : sessions.Where(s => bizCodes.Contains(s.BizCode));
        }
        if (filter.RobotIds is { Count: > 0 } robots)
        {
            var robot = robots[0];
            sessions = robots.Count == 1 ? sessions.Where(s => s.RobotId == robot) : sessions.Where(s => robots.Contains(s.RobotId));
        }
        if (filter.UserIds is { Count: > 0 } users)
        {
            var user = users[0];
            sessions = users.Count == 1 ? sessions.Where(s => s.UserId == user) : sessions.Where(s => users.Contains(s.UserId));
        }
        if (filter.Pairs.Count > 0)
        {
            sessions = sessions.Where(AnyOf(filter.Pairs, 0, filter.Pairs.Count));
        }
        if (filter.Tags.Count > 0)
        {
            var tagged = Tagged(filter.Tags, db);
            sessions = await tagged.Take(Few + 1).CountAsync(cancellationToken) <= Few
                ? sessions.Where(s => tagged.Select(t => t.SessionId).Contains(s.Id))
                : sessions.Where(s => tagged.Where(t => t.SessionId == s.Id).Select(t => t.Name).FirstOrDefault() != null);
        }
        if (filter.HasMemory is { } hasMemory)
        {
            sessions = await ListedIfFewAsync(sessions, hasMemory ? s => s.MemoryCount > 0 : s => s.MemoryCount == 0, db, cancellationToken);
        }
        if ((filter.MinMessages ?? filter.MaxMessages) is not null)
        {
            var (least, most) = (filter.MinMessages ?? 0, filter.MaxMessages ?? int.MaxValue);
            sessions = await ListedIfFewAsync(sessions, s => s.MessageCount >= least && s.MessageCount <= most, db, cancellationToken);
        }
        return filter.Label switch
        {
            LabelState.Unlabelled => sessions.Where(s => !db.MessageVerdicts.Any(v => v.SessionId == s.Id)),
            LabelState.Good => await JudgedAsync(sessions, v => v.Verdict == Verdict.Good, db, cancellationToken),
            LabelState.Bad => await JudgedAsync(sessions, v => v.Verdict == Verdict.Bad, db, cancellationToken),
            LabelState.Disputed => await JudgedAsync(sessions, v => v.IsDisputed, db, cancellationToken),
            _ => sessions,
        };
    }

    /// <param name="having">On a column that begins an index.</param>
    private static async Task<IQueryable<Session>> ListedIfFewAsync(IQueryable<Session> sessions, Expression<Func<Session, bool>> having, LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        var listed = db.Sessions.Where(having);
        return await listed.Take(Few + 1).CountAsync(cancellationToken) <= Few ? sessions.Where(s => listed.Select(l => l.Id).Contains(s.Id)) : sessions.Where(having);
    }

    private static async Task<IQueryable<Session>> JudgedAsync(IQueryable<Session> sessions, Expression<Func<MessageVerdict, bool>> so, LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        var verdicts = db.MessageVerdicts.Where(so);
        return await verdicts.Take(Few + 1).CountAsync(cancellationToken) <= Few
            ? sessions.Where(s => verdicts.Select(v => v.SessionId).Contains(s.Id))
            : sessions.Where(s => verdicts.Where(v => v.SessionId == s.Id).Select(v => (long?)v.MessageId).FirstOrDefault() != null);
    }

    private static IQueryable<SessionTag> Tagged(IReadOnlyList<string> tags, LLMEvalDbContext db)
    {
        var tag = tags[0];
        return tags.Count == 1 ? db.SessionTags.Where(t => t.Name == tag) : db.SessionTags.Where(t => tags.Contains(t.Name));
    }

    /// <summary>The pairs joined by OR, as a tree of little depth. Not compared as rows: MariaDB does not use an index for that.</summary>
    private static Expression<Func<Session, bool>> AnyOf(IReadOnlyList<UserRobotPair> pairs, int from, int to)
    {
        if (to - from == 1)
        {
            var (user, robot) = pairs[from];
            return s => s.UserId == user && s.RobotId == robot;
        }
        var middle = (from + to) / 2;
        var left = AnyOf(pairs, from, middle);
        var right = AnyOf(pairs, middle, to);
        return Expression.Lambda<Func<Session, bool>>(Expression.OrElse(left.Body, new Rebind(right.Parameters[0], left.Parameters[0]).Visit(right.Body)), left.Parameters);
    }

    private sealed class Rebind(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : base.VisitParameter(node);
    }

    // One value is compared, not listed: both databases then seek in (column, time, id) and read in order.
    private static IQueryable<Session> Single(IQueryable<Session> sessions, string bizCode) => sessions.Where(s => s.BizCode == bizCode);
}

using System.Linq.Expressions;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;

namespace LLMEval.Core.Sessions;

/// <summary>The one place where a filter becomes a WHERE.</summary>
internal static class FilterSql
{
    internal static IQueryable<Session> Matching(this IQueryable<Session> sessions, SessionFilter filter, LLMEvalDbContext db, DateTime utcNow)
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
        if (filter.Tags is { Count: > 0 } tags)
        {
            var tag = tags[0];
            sessions = tags.Count == 1
                ? sessions.Where(s => db.SessionTags.Any(t => t.SessionId == s.Id && t.Name == tag))
                : sessions.Where(s => db.SessionTags.Any(t => t.SessionId == s.Id && tags.Contains(t.Name)));
        }
        if (filter.HasMemory is { } hasMemory)
        {
            sessions = hasMemory ? sessions.Where(s => s.MemoryCount > 0) : sessions.Where(s => s.MemoryCount == 0);
        }
        if (filter.MinMessages is { } least)
        {
            sessions = sessions.Where(s => s.MessageCount >= least);
        }
        if (filter.MaxMessages is { } most)
        {
            sessions = sessions.Where(s => s.MessageCount <= most);
        }
        return filter.Label switch
        {
            LabelState.Unlabelled => sessions.Where(s => !db.Labels.Any(l => l.SessionId == s.Id)),
            LabelState.Good => sessions.Where(s => db.Labels.Any(l => l.SessionId == s.Id && l.Verdict == Verdict.Good)),
            LabelState.Bad => sessions.Where(s => db.Labels.Any(l => l.SessionId == s.Id && l.Verdict == Verdict.Bad)),
            LabelState.Disputed => sessions.Where(s => db.Labels.Any(l => l.SessionId == s.Id && l.Verdict == Verdict.Bad && db.Labels.Any(o => o.MessageId == l.MessageId && o.Verdict == Verdict.Good))),
            _ => sessions,
        };
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

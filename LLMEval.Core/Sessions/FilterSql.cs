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
        if (!string.IsNullOrEmpty(filter.Tag))
        {
            var tag = filter.Tag;
            sessions = sessions.Where(s => db.SessionTags.Any(t => t.SessionId == s.Id && t.Name == tag));
        }
        return filter.Label switch
        {
            LabelState.Unlabelled => sessions.Where(s => !db.Labels.Any(l => l.SessionId == s.Id)),
            LabelState.Good => sessions.Where(s => db.Labels.Any(l => l.SessionId == s.Id && l.Verdict == Verdict.Good)),
            LabelState.Bad => sessions.Where(s => db.Labels.Any(l => l.SessionId == s.Id && l.Verdict == Verdict.Bad)),
            _ => sessions,
        };
    }

    // One value is compared, not listed: both databases then seek in (column, time, id) and read in order.
    private static IQueryable<Session> Single(IQueryable<Session> sessions, string bizCode) => sessions.Where(s => s.BizCode == bizCode);
}

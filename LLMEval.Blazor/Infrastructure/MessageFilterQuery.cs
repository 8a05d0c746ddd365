using LLMEval.Core.Search;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>The message search as its address says it.</summary>
/// <param name="Filter">Without its range, which <paramref name="Range"/> holds.</param>
/// <param name="Place">The page, as <see cref="Paging"/> writes it.</param>
public sealed record MessageView(RangeQuery Range, MessageSearchFilter Filter, string? Place);

/// <summary>Reads and writes <see cref="MessageView"/>. What cannot be read falls back to the default and is named, so that the page can say so.</summary>
public static class MessageFilterQuery
{
    public static MessageView Read(Func<string, string[]> values, ZoneClock clock, List<string> unreadable)
    {
        string? One(string key) => values(key) is [{ Length: > 0 } value, ..] ? value : null;
        T? Word<T>(string key) where T : struct, Enum
        {
            if (One(key) is not { } value)
            {
                return null;
            }
            if (Enum.TryParse<T>(value, ignoreCase: true, out var known) && Enum.IsDefined(known) && !char.IsDigit(value[0]))
            {
                return known;
            }
            unreadable.Add(key);
            return null;
        }
        var pairs = values("pair").SelectMany(UserRobotPair.Words).Distinct().ToList();
        if (pairs.Exists(word => UserRobotPair.TryParse(word) is null))
        {
            unreadable.Add("pair");
        }
        var match = Word<TextMatch>("match") ?? TextMatch.Contains;
        var filter = new MessageSearchFilter
        {
            Text = One("text"),
            Match = match,
            BizMatch = match,
            SessionId = One("session"),
            MsgId = One("msg"),
            BizCodes = values("biz"),
            RobotIds = values("robot"),
            UserIds = values("user"),
            Pairs = [.. pairs.Select(UserRobotPair.TryParse).OfType<UserRobotPair>()],
            SenderType = Word<SenderType>("sender"),
            Label = Word<LabelState>("label") ?? LabelState.Any,
        };
        // Who looks for words or for one message wants it whenever it was said.
        return new MessageView(RangeQuery.Read(One, clock, Fallback(filter), unreadable), filter, One("p"));
    }

    public static string Write(MessageView view, ZoneClock clock, long? chat = null, long? message = null)
    {
        var filter = view.Filter;
        List<(string, object?)> query =
        [
            ("text", filter.Text),
            ("match", filter.Match == TextMatch.Contains ? null : Word(filter.Match)),
            .. view.Range.Write(clock, Fallback(filter)),
            ("sender", filter.SenderType is { } sender ? Word(sender) : null),
            ("label", filter.Label == LabelState.Any ? null : Word(filter.Label)),
            ("pair", filter.Pairs.Count == 0 ? null : string.Join(',', filter.Pairs)),
            ("session", filter.SessionId),
            ("msg", filter.MsgId),
            ("p", view.Place),
            ("chat", chat),
            ("message", message),
            .. filter.BizCodes.Select(v => ("biz", (object?)v)),
            .. filter.RobotIds.Select(v => ("robot", (object?)v)),
            .. filter.UserIds.Select(v => ("user", (object?)v)),
        ];
        return Urls.With(Urls.Messages, [.. query]);
    }

    /// <summary>The range that an address means which says none.</summary>
    public static RangeQuery DefaultRange(MessageSearchFilter filter) => new(Fallback(filter), null, null);

    private static string Fallback(MessageSearchFilter filter) => filter is { Text: null, SessionId: null, MsgId: null } ? RangeQuery.Default : RangeQuery.Everything;

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}

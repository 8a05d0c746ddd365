using LLMEval.Core.Common;

namespace LLMEval.Core.Sessions;

/// <summary>Which time of a session the range is about.</summary>
public enum SessionTime { Started, LastMessage }

/// <summary>Disputed: somebody found good what somebody else found bad.</summary>
public enum LabelState { Any, Unlabelled, Good, Bad, Disputed }

/// <summary>One user with one bot, written <c>user:robot</c>.</summary>
public readonly record struct UserRobotPair(string UserId, string RobotId)
{
    /// <summary>The words between commas, semicolons and white space, also full-width ones: how people list ids.</summary>
    public static IReadOnlyList<string> Words(string text) =>
        text.Split([',', ';', '\uff0c', '\uff1b', '\u3001', ' ', '\t', '\r', '\n', '\u3000'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Null when the text is no pair. The last colon divides: ids of users are the freer ones.</summary>
    public static UserRobotPair? TryParse(string text) =>
        text.LastIndexOf(':') is > 0 and var colon && text[..colon].Trim() is { Length: > 0 } user && text[(colon + 1)..].Trim() is { Length: > 0 } robot ? new UserRobotPair(user, robot) : null;

    public override string ToString() => $"{UserId}:{RobotId}";
}

/// <summary>Which sessions a grid, an export or a draw is about. An empty list filters nothing.</summary>
public sealed record SessionFilter
{
    public TimeRange Range { get; init; }
    public SessionTime Time { get; init; }
    public IReadOnlyList<string> BizCodes { get; init; } = [];
    public IReadOnlyList<string> RobotIds { get; init; } = [];
    public IReadOnlyList<string> UserIds { get; init; } = [];

    /// <summary>A session with any of them.</summary>
    public IReadOnlyList<UserRobotPair> Pairs { get; init; } = [];

    /// <summary>A session with any of them.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
    public LabelState Label { get; init; }
    public bool? HasMemory { get; init; }

    /// <summary>Sessions of at least so many messages.</summary>
    public int? MinMessages { get; init; }

    /// <summary>Sessions of at most so many messages.</summary>
    public int? MaxMessages { get; init; }
}

/// <summary>The columns by which sessions are sorted, as they stand in addresses.</summary>
public static class SessionSort
{
    public const string Started = "started";
    public const string LastMessage = "last";
    public const string Updated = "updated";
    public const string Messages = "messages";

    public static IReadOnlyList<string> All { get; } = [Started, LastMessage, Updated, Messages];
}

using LLMEval.Core.Common;

namespace LLMEval.Core.Sessions;

/// <summary>Which time of a session the range is about.</summary>
public enum SessionTime { Started, LastMessage }

public enum LabelState { Any, Unlabelled, Good, Bad }

/// <summary>Which sessions a grid, an export or a draw is about. An empty list filters nothing.</summary>
public sealed record SessionFilter
{
    public TimeRange Range { get; init; }
    public SessionTime Time { get; init; }
    public IReadOnlyList<string> BizCodes { get; init; } = [];
    public IReadOnlyList<string> RobotIds { get; init; } = [];
    public IReadOnlyList<string> UserIds { get; init; } = [];
    public string? Tag { get; init; }
    public LabelState Label { get; init; }
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

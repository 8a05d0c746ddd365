using LLMEval.Core.Common;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Search;

/// <summary><see cref="Contains"/>: the text stands somewhere in the message. <see cref="Exact"/>: it is the whole message, white space at the ends aside. Neither minds case or width.</summary>
public enum TextMatch { Contains, Exact }

/// <summary>Which messages a search is about. An empty list or a null filters nothing; a message must satisfy all that is given.</summary>
public sealed record MessageSearchFilter
{
    /// <summary>At most so many values of one kind are taken; more are refused.</summary>
    public const int MostValues = 300;

    public string? Text { get; init; }
    public TextMatch Match { get; init; }
    public TimeRange Range { get; init; }

    /// <summary>The source's own ids.</summary>
    public string? SessionId { get; init; }
    public string? MsgId { get; init; }

    public IReadOnlyList<string> BizCodes { get; init; } = [];

    /// <summary>With <see cref="TextMatch.Contains"/> a business line is meant by any part of its code.</summary>
    public TextMatch BizMatch { get; init; }
    public IReadOnlyList<string> RobotIds { get; init; } = [];
    public IReadOnlyList<string> UserIds { get; init; } = [];
    public IReadOnlyList<UserRobotPair> Pairs { get; init; } = [];
    public SenderType? SenderType { get; init; }
    public LabelState Label { get; init; }
}

/// <summary>A stretch of a snippet that matched, in UTF-16 units.</summary>
public readonly record struct SnippetMark(int Start, int Length);

/// <summary>The part of a message around its first hit; cut ends carry an ellipsis.</summary>
public sealed record Snippet(string Text, IReadOnlyList<SnippetMark> Marks);

/// <summary>A message found.</summary>
/// <param name="Id">Our id; <paramref name="MsgId"/> is the source's.</param>
/// <param name="SessionKey">Our id of the session; <paramref name="SessionId"/> is the source's.</param>
public sealed record MessageHit(
    long Id, long SessionKey, string BizCode, string SessionId, string MsgId, string RobotId, string? RobotName, string UserId, SenderType SenderType, string Content, DateTime SentAt, DateTime UpdatedAt, bool IsTimeInferred)
{
    public Snippet Snippet { get; init; } = new("", []);

    /// <summary>How many people labelled it good, and bad.</summary>
    public int GoodCount { get; init; }
    public int BadCount { get; init; }
}

/// <summary>A page of hits. When <see cref="ReachedAt"/> is set, the search stopped there because it had looked far enough for one page: fewer hits than asked for, and the next page goes on from that time.</summary>
public sealed record MessageHits(Page<MessageHit> Page, DateTime? ReachedAt);

/// <summary>Where a pasted id leads.</summary>
public sealed record FoundId(long SessionKey, long? MessageId);

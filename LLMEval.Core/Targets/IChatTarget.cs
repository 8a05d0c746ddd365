using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Targets;

/// <summary>Something that can be asked for the next bot message.</summary>
public interface IChatTarget
{
    TargetSnapshot Snapshot { get; }

    /// <summary>Never throws for what a model endpoint does: time-outs, refusals and broken answers are findings in the reply. Only cancellation by the token passes.</summary>
    Task<TargetReply> AskAsync(Transcript transcript, CancellationToken cancellationToken);
}

/// <summary>What is asked: the messages, oldest first, and what identifies the turn.</summary>
/// <param name="Seed">Sampling seed of this one question; null leaves it to the target version's parameters.</param>
/// <param name="RecordedAnswer">What production answered, for the connector that only replays it.</param>
public sealed record Transcript(IReadOnlyList<ChatMessage> Messages, string? ConversationId = null, long? SourceMessageId = null, int? Seed = null, RecordedAnswer? RecordedAnswer = null);

public sealed record RecordedAnswer(string? Text, string? Model, int? LatencyMs, JsonElement? Parameters);

/// <summary>A target version frozen into a plan. Never contains a secret.</summary>
public sealed record TargetSnapshot(
    long TargetVersionId, string Name, int Number, Connector Connector, string? Endpoint, string? RequestModel, string? SystemPrompt, JsonElement Parameters,
    MemoryPolicy MemoryPolicy, int? ContextLength, int MaxParallel, int TimeoutSeconds, string Fingerprint)
{
    /// <summary>The way people and commands name it: <c>name@number</c>.</summary>
    public string Label => $"{Name}@{Number}";
}

public enum ReplyStatus { Answered, Filtered, TimedOut, RateLimited, Misconfigured, Failed }

/// <summary>What came back.</summary>
/// <param name="RequestJson">The request's body exactly as sent (without headers), or null where nothing was sent.</param>
/// <param name="Attempts">HTTP tries, at least 1 where anything was sent.</param>
public sealed record TargetReply(
    ReplyStatus Status, string? Text, string? ResponseModel, UsageDetails? Usage, TimeSpan Duration, int Attempts,
    string? ErrorType = null, string? ErrorDetail = null, string? RequestJson = null, string? ResponseJson = null)
{
    /// <summary>Every try, in order; empty where nothing was sent.</summary>
    public IReadOnlyList<AttemptTrace> Trace { get; init; } = [];
}

/// <summary>When one try of a question was made and how it ended. Times are milliseconds since the question was put, so that the waits between tries and for a free place show.</summary>
public sealed record AttemptTrace(int Number, int StartedMs, int DurationMs, ReplyStatus Status, string? ErrorType = null, string? ErrorDetail = null);

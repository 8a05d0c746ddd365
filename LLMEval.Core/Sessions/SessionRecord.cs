namespace LLMEval.Core.Sessions;

/// <summary>One conversation as a source tells it, already checked; what the source leaves out is null.</summary>
public sealed record SessionRecord(string BizCode, string SessionId, string RobotId, string UserId)
{
    public string? RobotName { get; init; }
    public string? Language { get; init; }
    public string? SystemPrompt { get; init; }
    public DateTime? StartedAt { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
    public IReadOnlyList<MessageRecord> Messages { get; init; } = [];
    public IReadOnlyList<MemoryRecord> Memory { get; init; } = [];
    public string? ExtraJson { get; init; }

    /// <summary>The same conversation at another time.</summary>
    public SessionRecord ShiftedBy(TimeSpan shift) => shift == TimeSpan.Zero ? this : this with
    {
        StartedAt = StartedAt + shift,
        Messages = [.. Messages.Select(m => m with { SentAt = m.SentAt + shift })],
        Memory = [.. Memory.Select(m => m with { CreatedAt = m.CreatedAt + shift, ChangedAt = m.ChangedAt + shift })],
    };
}

public sealed record MessageRecord(string MessageId, SenderType SenderType, string Content)
{
    public DateTime? SentAt { get; init; }
    public GenerationRecord? Generation { get; init; }
    public string? ExtraJson { get; init; }
}

public sealed record GenerationRecord
{
    public string? Model { get; init; }
    public string? PromptVersion { get; init; }
    public string? ParametersJson { get; init; }
    public string? MemoryIdsJson { get; init; }
    public int? LatencyMs { get; init; }
    public int? InputTokens { get; init; }
    public int? OutputTokens { get; init; }
    public string? RequestJson { get; init; }
    public string? TraceJson { get; init; }
}

public sealed record MemoryRecord(string MemoryId, string Content)
{
    public DateTime? CreatedAt { get; init; }
    public DateTime? ChangedAt { get; init; }
    public string? ExtraJson { get; init; }
}

namespace LLMEval.Core.Samples;

/// <summary>A sample that is not in the pool yet: typed in, read from a file or sent by API. What a format leaves out is empty; what everybody must give is only <paramref name="Input"/>.</summary>
/// <param name="Input">The context, oldest first. The last message is what the bot is to answer, normally the user's.</param>
public sealed record SampleDraft(IReadOnlyList<SampleMessage> Input)
{
    /// <summary>How the source calls it; unique within the source at best.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Null: those of the set or the import.</summary>
    public string? BizCode { get; init; }
    public string? RobotId { get; init; }
    public string? UserId { get; init; }
    public string? SystemPrompt { get; init; }
    public IReadOnlyList<SampleMemory> Memory { get; init; } = [];

    /// <summary>What production answered, good or bad.</summary>
    public string? RecordedAnswer { get; init; }

    /// <summary>Answers that would have been right, the best first.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>What a judge should look for, in free text.</summary>
    public string? ExpectedBehaviour { get; init; }

    /// <summary>Paths in the tag tree, levels separated by a slash: <c>topic/sleep</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Null: the set's.</summary>
    public int? ContextLength { get; init; }

    /// <summary>True where <see cref="Input"/> is a script: its user messages are asked one after the other, and the bot's own answers stand between them.</summary>
    public bool IsScript { get; init; }

    /// <summary>What the source said beyond all this, as a JSON object, so that it can be written back.</summary>
    public string? MetadataJson { get; init; }
}

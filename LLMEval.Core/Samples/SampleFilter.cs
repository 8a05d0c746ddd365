using LLMEval.Core.Common;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Samples;

public enum DuplicateState { Any, OnlyFirst, OnlyDuplicates }

/// <summary>Which samples of the pool. An empty list filters nothing.</summary>
public sealed record SampleFilter
{
    /// <summary>A <see cref="TagExpression"/>; null for all.</summary>
    public string? Tags { get; init; }
    public IReadOnlyList<string> BizCodes { get; init; } = [];
    public IReadOnlyList<string> RobotIds { get; init; } = [];
    public IReadOnlyList<SampleOrigin> Origins { get; init; } = [];
    public bool? HasReference { get; init; }

    /// <summary>What counts of the labels on the message it was made of.</summary>
    public LabelState Label { get; init; }

    /// <summary>Codes of <see cref="Samples.Languages"/>.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Questions of at least so many characters.</summary>
    public int? MinLength { get; init; }

    /// <summary>Questions of at most so many characters.</summary>
    public int? MaxLength { get; init; }
    public TimeRange Added { get; init; }

    /// <summary>Names of people.</summary>
    public IReadOnlyList<string> AddedBy { get; init; } = [];
    public DuplicateState Duplicates { get; init; }

    /// <summary>Part of the beginning of the question or of the recorded answer.</summary>
    public string? Text { get; init; }

    /// <summary>Items of this set.</summary>
    public long? SetId { get; init; }
}

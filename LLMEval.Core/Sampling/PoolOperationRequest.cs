using LLMEval.Core.Samples;
using LLMEval.Core.Search;

namespace LLMEval.Core.Sampling;

/// <summary>What is to be done, and to which samples: those of a list, or all that a filter finds; messages are taken from a <see cref="PoolSource"/>.</summary>
public sealed record PoolOperationRequest(PoolWork Work)
{
    public const int MaxChosen = 5000;

    public SampleFilter? Filter { get; init; }
    public IReadOnlyList<long>? SampleIds { get; init; }

    /// <summary>Of <see cref="PoolWork.TakeMessages"/>.</summary>
    public PoolSource? Messages { get; init; }

    /// <summary>To add or to take away: taking one away takes away what is below it too. Samples made of messages get them.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Of <see cref="PoolWork.MoveTag"/>: the path that <see cref="Tags"/>' only one gets.</summary>
    public string? NewTag { get; init; }
    public long? SetId { get; init; }

    /// <summary>Of messages that go to no set.</summary>
    public int? ContextLength { get; init; }

    /// <summary>The newest sample when it was asked for: later ones are not meant. Filled in at the start.</summary>
    public long? UpTo { get; init; }
}

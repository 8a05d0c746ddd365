using System.Text.Json;
using LLMEval.Core.Common;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Scoring;

/// <summary>Judges one answer. Pure scorers finish synchronously.</summary>
public interface IScorer
{
    ScorerDescriptor Descriptor { get; }

    /// <summary>One score per metric of the descriptor, in its order. A metric that cannot be told for this case is unscored with a reason, never zero.</summary>
    Task<IReadOnlyList<Score>> ScoreAsync(ScoringCase scoringCase, CancellationToken cancellationToken);
}

public interface IScorerFactory
{
    ScorerDescriptor Descriptor { get; }

    /// <summary>Refuses options that it does not know, by name, and values that do not fit. Absent options take their defaults.</summary>
    Result<IScorer> Create(JsonElement options);
}

/// <param name="Kind">The name used in plans, commands and the API, such as <c>chrf</c>.</param>
public sealed record ScorerDescriptor(string Kind, int Version, IReadOnlyList<MetricDefinition> Metrics, JsonElement DefaultOptions, bool NeedsReference);

/// <param name="HigherIsBetter">Null where neither direction is better, as for a length.</param>
public sealed record MetricDefinition(string Name, double? Min, double? Max, bool? HigherIsBetter, double? PassAt = null);

/// <param name="Input">Context, oldest first.</param>
/// <param name="References">Reference answers; empty where there are none.</param>
public sealed record ScoringCase(IReadOnlyList<ChatMessage> Input, IReadOnlyList<string> References, string Answer);

/// <summary>What a scorer says of one metric. Maps to the OpenTelemetry event <c>gen_ai.evaluation.result</c>.</summary>
public sealed record Score(string Metric, double? Value, string? Label = null, string? Explanation = null, string? UnscoredBecause = null)
{
    public static Score Unscored(string metric, string because) => new(metric, null, UnscoredBecause: because);
}

/// <summary>Stored in a plan; rebuilds the scorer.</summary>
public sealed record ScorerSpec(string Kind, int Version, JsonElement Options);

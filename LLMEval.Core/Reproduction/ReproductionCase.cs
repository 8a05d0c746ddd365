using LLMEval.Core.Runs;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

/// <summary>The bad case, frozen when its task starts: what all versions are asked.</summary>
/// <param name="Turn">With the context and the memory as they are sent, edited or not; its recorded answer is the bad one.</param>
public sealed record ReproductionCase(Turn Turn, string? RecordedModel, string? RecordedPromptVersion)
{
    /// <summary>The request that production recorded, as JSON; null where it recorded none.</summary>
    public string? RecordedRequestJson { get; init; }

    /// <summary>The right answers that were known, the best first.</summary>
    public IReadOnlyList<string> References { get; init; } = [];
    public bool ContextIsEdited { get; init; }
    public bool MemoryIsEdited { get; init; }

    /// <summary>Where an answer of a run, not of production, was bad: which version gave it.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>The earlier result that raised P1 (handbook 6.1); null where the table's stands.</summary>
    public Baseline? Baseline { get; init; }
}

/// <summary>How often the case was bad with another version under the same criterion.</summary>
public sealed record Baseline(long TaskId, string Target, int Bad, int Graded);

/// <summary>Everything that decides one version's questions.</summary>
/// <param name="Target">The version, with the parameters that are sent in place of its own.</param>
/// <param name="Sources">Where each sent parameter comes from.</param>
/// <param name="Seed">Given by override or version; null takes the task's id, so that another task asks other questions.</param>
public sealed record ArmPlan(TargetSnapshot Target, IReadOnlyDictionary<string, ParameterSource> Sources, int? Seed, int TranscriptVersion)
{
    public int SeedOf(long taskId, int armIndex, int index) =>
        Seed is { } seed ? DerivedSeed.Of(seed, index) : DerivedSeed.Of((int)(taskId >> 31), (int)(taskId & int.MaxValue), armIndex, index);
}

public sealed record GenerationScore(string Scorer, string Metric, double? Value, string? Explanation = null, string? UnscoredBecause = null);

/// <summary>What the judging model was asked and said.</summary>
/// <param name="Reason">In the judge's words; null where its answer could not be read.</param>
public sealed record JudgeTrace(string Judge, string? Reason, ReplyStatus Status, string? RequestJson, string? ResponseJson, int DurationMs, string? ErrorType = null, string? ErrorDetail = null);

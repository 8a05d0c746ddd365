using LLMEval.Core.Common;
using LLMEval.Core.Runs;
using LLMEval.Core.Statistics;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

/// <summary>Which tasks a list shows.</summary>
public sealed record ReproductionFilter(ReproductionState? State = null, string? RobotId = null, long? MessageId = null)
{
    public ReproductionVerdict? Verdict { get; init; }

    /// <summary>Part of the name of who started it.</summary>
    public string? Person { get; init; }
    public TimeRange Started { get; init; }
    public string? CaseKey { get; init; }
    public long? CheckId { get; init; }
    public int? CheckRound { get; init; }
}

/// <summary>One target version of a task.</summary>
/// <param name="Done">Generations there are, of <paramref name="Times"/>.</param>
/// <param name="Graded">Those of them with a verdict: the n of k of n.</param>
public sealed record ArmRow(
    int Index, long TargetVersionId, string TargetName, int TargetNumber, int Times, int Done, int Bad, int Graded, double? Rate, double? Low, double? High, ReproductionVerdict Verdict, bool IsEnded, bool EndedEarly)
{
    public string Label => $"{TargetName}@{TargetNumber}";
}

/// <param name="Verdict">Of the last version.</param>
/// <param name="SessionId">Null where it was no message, or the message is gone.</param>
public sealed record ReproductionRow(
    long Id, string BizCode, string RobotId, string CaseKey, long? MessageId, long? SampleId, long? SessionId, string SessionExternalId, string MessageExternalId, string QuestionPreview, string BadAnswerPreview,
    ReproductionState State, ReproductionVerdict Verdict, Severity Severity, DateTime CreatedAt, DateTime? FinishedAt, string StartedByName, string? FailureCode, long? CheckId, int? CheckRound)
{
    public IReadOnlyList<ArmRow> Arms { get; init; } = [];

    public bool IsEnded => State is ReproductionState.Completed or ReproductionState.Cancelled or ReproductionState.Failed;

    /// <summary>Generations there are, of <see cref="Times"/>, of all versions.</summary>
    public int Done => Arms.Sum(a => a.Done);

    public int Times => Arms.Sum(a => a.Times);

    /// <summary>The version whose figures are the task's.</summary>
    public ArmRow Last => Arms[^1];
}

public sealed record GenerationRow(
    int ArmIndex, int Index, ReplyStatus Status, string? Text, GenerationVerdict Verdict, double? Score, string? Explanation, string? JudgedByName, DateTime? JudgedAt, int? Seed, int? DurationMs, int Attempts,
    int? InputTokens, int? OutputTokens, string? ResponseModel, string? ErrorType, string? ErrorDetail, DateTime At)
{
    /// <summary>Those of an arm that say nearly the same have the same number.</summary>
    public int? Group { get; init; }
    public IReadOnlyList<GenerationScore> Scores { get; init; } = [];
}

/// <summary>One target version with all that it was asked and said.</summary>
/// <param name="ParametersJson">Exactly what was sent with the first question, but for the conversation; before that what will be.</param>
/// <param name="IsSent">Whether anything was sent yet.</param>
/// <param name="LogLikelihoodRatio">Of the sequential rule; beyond the bounds it is clear.</param>
/// <param name="IsModelChanged">The endpoint named different models in its answers: what was counted of both decides nothing.</param>
public sealed record ArmDetail(
    ArmRow Row, ArmPlan Plan, string ParametersJson, bool IsSent, IReadOnlyList<ParameterRow> Parameters, PromptComparison Prompt, SameLogic SameLogic, IReadOnlyList<GenerationRow> Generations,
    AnswerGroups Groups, bool IsModelChanged, double? LogLikelihoodRatio, double? FixedAt, double? HappensAt);

/// <summary>Whether the version after is bad less often than the one before; exact, one-sided.</summary>
/// <param name="P">Of Boschloo's test, 0 to 1.</param>
/// <param name="Difference">Rate after less rate before, −1 to 1, with its 95 % interval by Newcombe.</param>
public sealed record BeforeAfter(int BeforeIndex, int AfterIndex, double P, double FisherP, double Difference, double Low, double High);

public sealed record ReproductionDetail(
    ReproductionRow Row, ReproductionCase Case, Criterion Criterion, double P0, double P1, bool StopsEarly, string OverridesJson, string? RecordedParametersJson, string? Comment, IReadOnlyList<ArmDetail> Arms,
    IReadOnlyList<BeforeAfter> Comparisons)
{
    public Turn Turn => Case.Turn;
}

/// <summary>What a case's earlier and later tasks found, a line per version.</summary>
public sealed record CaseHistoryRow(long TaskId, string Target, int Bad, int Graded, ReproductionVerdict Verdict, bool IsEnded, DateTime At, long? CheckId);

/// <param name="Curl">The command that asks the same by hand; null where nothing went over HTTP.</param>
public sealed record GenerationDebug(
    int ArmIndex, int Index, string? RequestJson, string? ResponseJson, int Attempts, int? DurationMs, int? Seed, string? ErrorType, string? ErrorDetail, DateTime At,
    IReadOnlyList<AttemptTrace> Trace, JudgeTrace? Judge, string? Curl);

using System.Text.Json;
using System.Text.RegularExpressions;
using LLMEval.Core.Common;
using LLMEval.Core.Scoring;

namespace LLMEval.Core.Reproduction;

public enum CriterionKind { SimilarToRecorded, Contains, Person, Regex, Scorer, Judge }

/// <summary>When a new answer counts as the old badness.</summary>
/// <param name="Metric">The scorer, by kind: of <see cref="CriterionKind.Scorer"/> any; of <see cref="CriterionKind.SimilarToRecorded"/> one that compares with a reference, which is the recorded bad answer here.</param>
/// <param name="Threshold">Of similarity: bad from this value on. Of a scorer: bad below it where more is better, above it where less is better, and from it on where neither is.</param>
/// <param name="Any">Of <see cref="CriterionKind.Contains"/>: bad where any of these texts occurs, case ignored.</param>
public sealed record Criterion(CriterionKind Kind, string? Metric = null, double? Threshold = null, IReadOnlyList<string>? Any = null)
{
    public const string DefaultMetric = "chrf";
    public const double DefaultThreshold = 60;
    public const int MaxPatternLength = 1000;
    public const int MaxRubricLength = 4000;

    /// <summary>Of a scorer, as JSON; null takes its defaults.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>Which of the scorer's metrics; null is its first.</summary>
    public string? MetricName { get; init; }

    /// <summary>Of <see cref="CriterionKind.Regex"/>: bad where it matches, case ignored. .NET syntax without look-around and backreferences, so that no pattern takes for ever.</summary>
    public string? Pattern { get; init; }

    /// <summary>Of <see cref="CriterionKind.Judge"/>: what makes an answer bad, in words.</summary>
    public string? Rubric { get; init; }

    /// <summary>Of <see cref="CriterionKind.Judge"/>: the target version that judges.</summary>
    public long? JudgeVersionId { get; init; }

    /// <summary>How the judge is called: <c>name@version</c>.</summary>
    public string? JudgeName { get; init; }

    /// <summary>Shares of bad answers that the judge calls bad, and of good ones that it calls good, where they were measured (0 to 1): the verdict then allows for its errors.</summary>
    public double? Sensitivity { get; init; }
    public double? Specificity { get; init; }

    public static Criterion SimilarToRecorded(double threshold = DefaultThreshold) => new(CriterionKind.SimilarToRecorded, DefaultMetric, threshold);

    public static Criterion Contains(params IReadOnlyList<string> any) => new(CriterionKind.Contains, Any: any);

    public static Criterion Matches(string pattern) => new(CriterionKind.Regex) { Pattern = pattern };

    public static Criterion Scorer(string kind, double threshold, JsonElement? options = null) => new(CriterionKind.Scorer, kind, threshold) { Options = options };

    public static Criterion Judge(long targetVersionId, string rubric) => new(CriterionKind.Judge) { JudgeVersionId = targetVersionId, Rubric = rubric };

    public static Criterion Person { get; } = new(CriterionKind.Person);

    /// <summary>With its defaults filled in, or what is wrong with it. The judge's name is not looked up here.</summary>
    internal Result<Criterion> Checked(ScorerCatalog scorers, bool hasAnswer, bool hasReferences)
    {
        switch (Kind)
        {
            case CriterionKind.SimilarToRecorded:
                return !hasAnswer ? Failure.Invalid("CriterionNeedsRecordedAnswer", nameof(Kind))
                    : WithScorer(scorers, Metric ?? DefaultMetric, Threshold ?? DefaultThreshold, needsReference: true);
            case CriterionKind.Scorer:
                return Metric is null || Threshold is null ? Failure.Invalid("CriterionScorerMissing", nameof(Metric))
                    : scorers.Find(Metric) is { NeedsReference: true } && !hasReferences ? Failure.Invalid("CriterionNeedsReference", nameof(Metric), Metric)
                    : WithScorer(scorers, Metric, Threshold.Value, needsReference: false);
            case CriterionKind.Contains:
                var texts = (Any ?? []).Where(text => !string.IsNullOrWhiteSpace(text)).Distinct(StringComparer.Ordinal).ToList();
                return texts.Count is 0 or > 50 || texts.Any(t => t.Length > MaxPatternLength) ? Failure.Invalid("CriterionTextsMissing", nameof(Any)) : Contains(texts);
            case CriterionKind.Regex:
                return PatternProblem(Pattern) is { } problem ? problem : Matches(Pattern!);
            case CriterionKind.Judge:
                return string.IsNullOrWhiteSpace(Rubric) || Rubric.Length > MaxRubricLength ? Failure.Invalid("CriterionRubricMissing", nameof(Rubric), MaxRubricLength)
                    : JudgeVersionId is null ? Failure.Invalid("CriterionJudgeMissing", nameof(JudgeVersionId))
                    : RateProblem() is { } wrong ? wrong
                    : new Criterion(CriterionKind.Judge) { Rubric = Rubric.Trim(), JudgeVersionId = JudgeVersionId, JudgeName = JudgeName, Sensitivity = Sensitivity, Specificity = Specificity };
            default:
                return Person;
        }
    }

    internal static Regex Compile(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static Failure? PatternProblem(string? pattern)
    {
        if (string.IsNullOrEmpty(pattern) || pattern.Length > MaxPatternLength)
        {
            return Failure.Invalid("CriterionPatternMissing", nameof(Pattern), MaxPatternLength);
        }
        try
        {
            Compile(pattern);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return Failure.Invalid("CriterionPatternInvalid", nameof(Pattern), e.Message);
        }
    }

    private Failure? RateProblem() =>
        (Sensitivity is null) != (Specificity is null) ? Failure.Invalid("CriterionRatesTogether", nameof(Sensitivity))
        : Sensitivity is not (null or (>= 0 and <= 1)) ? Failure.Invalid("NumberOutOfRange", nameof(Sensitivity), 0, 1)
        : Specificity is not (null or (>= 0 and <= 1)) ? Failure.Invalid("NumberOutOfRange", nameof(Specificity), 0, 1)
        : null;

    private Result<Criterion> WithScorer(ScorerCatalog scorers, string kind, double threshold, bool needsReference)
    {
        if (scorers.Find(kind) is not { } descriptor || (needsReference && !descriptor.NeedsReference))
        {
            return Failure.Invalid("CriterionMetricUnknown", nameof(Metric), kind);
        }
        var spec = scorers.Specify(kind, Options);
        if (spec.Failure is { } failure)
        {
            return failure with { Field = nameof(Options) };
        }
        if ((MetricName is null ? descriptor.Metrics[0] : descriptor.Metrics.FirstOrDefault(m => m.Name == MetricName)) is not { } metric)
        {
            return Failure.Invalid("CriterionMetricUnknown", nameof(MetricName), MetricName!);
        }
        return !double.IsFinite(threshold) || threshold < (metric.Min ?? threshold) || threshold > (metric.Max ?? threshold)
            ? Failure.Invalid("NumberOutOfRange", nameof(Threshold), metric.Min ?? double.NegativeInfinity, metric.Max ?? double.PositiveInfinity)
            : new Criterion(Kind, kind, threshold) { Options = spec.Value!.Options, MetricName = metric.Name };
    }
}

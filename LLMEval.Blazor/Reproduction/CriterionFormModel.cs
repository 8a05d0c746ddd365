using System.Text.Json;
using LLMEval.Core.Labels;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Targets;

namespace LLMEval.Blazor.Reproduction;

/// <summary>What counts as bad, as the form holds it: what was filled in for one kind stays while another is looked at.</summary>
public sealed class CriterionFormModel
{
    /// <summary>Fields that the form shows refusals beside.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["Any", "Options", "Pattern", "Threshold", "Metric", "MetricName", "Rubric", "JudgeVersionId", "Sensitivity", "Specificity", "Kind"];

    public CriterionKind Kind { get; set; }
    public double Similarity { get; set; } = Criterion.DefaultThreshold;
    public string? Texts { get; set; }
    public string? Pattern { get; set; }
    public string? Scorer { get; set; }
    public string? MetricName { get; set; }
    public double? Threshold { get; set; }

    /// <summary>Of the scorer, as JSON; empty takes its defaults.</summary>
    public string? Options { get; set; }
    public string? Rubric { get; set; }
    public TargetChoice? Judge { get; set; }
    public double? Sensitivity { get; set; }
    public double? Specificity { get; set; }

    /// <summary>The rubric begins as what people wrote beside their bad verdicts.</summary>
    public static CriterionFormModel For(ReproductionDraft draft) => new()
    {
        Kind = draft.Found.Case.Turn.Recorded?.Text is null ? CriterionKind.Person : CriterionKind.SimilarToRecorded,
        Rubric = string.Join('\n', draft.Labels.Where(l => l.Verdict == Verdict.Bad).SelectMany(l => l.Tags.Append(l.Comment)).OfType<string>().Where(t => !string.IsNullOrWhiteSpace(t)).Distinct()),
    };

    public Criterion ToCriterion() => Kind switch
    {
        CriterionKind.SimilarToRecorded => Criterion.SimilarToRecorded(Similarity),
        CriterionKind.Contains => Criterion.Contains((Texts ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
        CriterionKind.Regex => Criterion.Matches(Pattern ?? ""),
        CriterionKind.Scorer => new Criterion(CriterionKind.Scorer, Scorer, Threshold) { MetricName = MetricName, Options = OptionsJson() },
        CriterionKind.Judge => new Criterion(CriterionKind.Judge) { Rubric = Rubric, JudgeVersionId = Judge?.TargetVersionId, Sensitivity = Sensitivity, Specificity = Specificity },
        _ => Criterion.Person,
    };

    /// <summary>What is no JSON is handed on as the text it is, so that the verb refuses it beside its field.</summary>
    private JsonElement? OptionsJson()
    {
        try
        {
            return string.IsNullOrWhiteSpace(Options) ? null : JsonElement.Parse(Options);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(Options);
        }
    }
}

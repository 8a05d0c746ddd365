using LLMEval.Core.Statistics;

namespace LLMEval.Core.Reproduction;

/// <summary>The sequential rule that turns k bad answers of n into a verdict; where a judge of known errors decides each answer, the rates are those that such a judge would see.</summary>
internal sealed class VerdictRule
{
    private VerdictRule(SequentialTest? test) => Test = test;

    /// <summary>Null where the judge is hardly better than chance.</summary>
    public SequentialTest? Test { get; }

    public static VerdictRule Of(double p0, double p1, Criterion criterion) => new(
        criterion is { Kind: CriterionKind.Judge, Sensitivity: { } sensitivity, Specificity: { } specificity }
            ? SequentialTest.JudgeAdjusted(p0, p1, sensitivity, specificity)
            : new SequentialTest(p0, p1));

    /// <summary>False where the judge's verdicts decide nothing, and a person must.</summary>
    public bool CanDecide => Test is not null;

    public ReproductionVerdict VerdictOf(int bad, int graded) => Test?.StateOf(bad, graded).Verdict switch
    {
        SequentialVerdict.Reproduces => ReproductionVerdict.StillHappens,
        SequentialVerdict.Fixed => ReproductionVerdict.Fixed,
        _ => ReproductionVerdict.Undecided,
    };
}

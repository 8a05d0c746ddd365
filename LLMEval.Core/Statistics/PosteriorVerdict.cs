using MathNet.Numerics;

namespace LLMEval.Core.Statistics;

/// <summary>What a fixed number of answers says; "residual" is reduced but not gone.</summary>
public enum FixedVerdict { Undecided, Reproduces, Fixed, Residual }

/// <summary>For a number of answers fixed beforehand: the posterior Beta(a + k, b + n − k) of the rate of bad answers (handbook 6.3). Looking while answers come in breaks it. Of no answers it is the prior.</summary>
/// <param name="AboveP0">P(rate &gt; p0), 0 to 1.</param>
/// <param name="BelowP1">P(rate &lt; p1), 0 to 1.</param>
public sealed record PosteriorVerdict(double AboveP0, double BelowP1, double Mean, FixedVerdict Verdict)
{
    public static PosteriorVerdict Of(int bad, int graded, double p0, double p1, double a = 1, double b = 1, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bad);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bad, graded);
        var (alpha, beta) = (a + bad, b + graded - bad);
        var above = SpecialFunctions.BetaRegularized(beta, alpha, 1 - p0);
        var below = SpecialFunctions.BetaRegularized(alpha, beta, p1);
        var verdict = (above >= confidence, below >= confidence) switch
        {
            (true, true) => FixedVerdict.Residual,
            (true, false) => FixedVerdict.Reproduces,
            (false, true) => FixedVerdict.Fixed,
            _ => FixedVerdict.Undecided,
        };
        return new PosteriorVerdict(above, below, alpha / (alpha + beta), verdict);
    }

    /// <summary>Probability that at least one of the next answers is bad: 1 − B(α, β + m)/B(α, β). 0 of no next ones.</summary>
    public static double AnyBadOfNext(int next, int bad, int graded, double a = 1, double b = 1)
    {
        var (alpha, beta) = (a + bad, b + graded - bad);
        return next == 0 ? 0 : 1 - Math.Exp(SpecialFunctions.BetaLn(alpha, beta + next) - SpecialFunctions.BetaLn(alpha, beta));
    }
}

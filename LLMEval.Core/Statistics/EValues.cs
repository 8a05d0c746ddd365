using MathNet.Numerics;

namespace LLMEval.Core.Statistics;

/// <summary>Evidence that may be looked at at any time, in natural logarithms; 0 of no answers.</summary>
/// <param name="Reproduces">Against "the rate is at most p0".</param>
/// <param name="Fixed">Against "the rate is at least p1".</param>
public readonly record struct RateEvidence(double Reproduces, double Fixed, SequentialVerdict Verdict);

/// <summary>Evidence that two versions differ, in natural logarithms; 0 of no answers.</summary>
public readonly record struct TwoSampleEvidence(double LogEvidence, double Greatest, bool Differs);

/// <summary>E values: mixtures over the alternative, any-time valid by Ville's inequality (handbook 6.3, 6.5). Evidence of 20 decides at 5 %.</summary>
public static class EValues
{
    private static readonly double Decisive = Math.Log(20);

    /// <summary>The uniform mixture over the rates beyond p0, and over those below p1.</summary>
    /// <param name="bad">0 to <paramref name="graded"/>.</param>
    public static RateEvidence OfRate(int bad, int graded, double p0, double p1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bad);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bad, graded);
        var (a, b) = (bad + 1, graded - bad + 1);
        var mixture = SpecialFunctions.BetaLn(a, b);
        // The upper tail from its own side, where no digits are lost.
        var reproduces = mixture + Math.Log(SpecialFunctions.BetaRegularized(b, a, 1 - p0)) - Math.Log(1 - p0) - LogLikelihood(bad, graded, p0);
        var isFixed = mixture + Math.Log(SpecialFunctions.BetaRegularized(a, b, p1)) - Math.Log(p1) - LogLikelihood(bad, graded, p1);
        return new RateEvidence(reproduces, isFixed, reproduces >= Decisive ? SequentialVerdict.Reproduces : isFixed >= Decisive ? SequentialVerdict.Fixed : SequentialVerdict.Undecided);
    }

    /// <summary>For both versions asked in blocks (Turner, Ly, Grünwald 2024): each block is predicted by what was seen before it, smoothed by <paramref name="gamma"/>.</summary>
    public static TwoSampleEvidence OfTwoVersions(IEnumerable<(int BadA, int CountA, int BadB, int CountB)> blocks, double gamma = 0.18)
    {
        double evidence = 0, greatest = 0;
        var (badA, countA, badB, countB) = (0, 0, 0, 0);
        foreach (var block in blocks)
        {
            var (a, b) = (Smoothed(badA, countA, gamma), Smoothed(badB, countB, gamma));
            var common = ((block.CountA * a) + (block.CountB * b)) / Math.Max(1, block.CountA + block.CountB);
            if (block.CountA + block.CountB > 0)
            {
                evidence += LogLikelihood(block.BadA, block.CountA, a) + LogLikelihood(block.BadB, block.CountB, b) - LogLikelihood(block.BadA + block.BadB, block.CountA + block.CountB, common);
            }
            greatest = Math.Max(greatest, evidence);
            (badA, countA, badB, countB) = (badA + block.BadA, countA + block.CountA, badB + block.BadB, countB + block.CountB);
        }
        return new TwoSampleEvidence(evidence, greatest, greatest >= Decisive);
    }

    private static double Smoothed(int bad, int count, double gamma) => (bad + gamma) / (count + (2 * gamma));

    private static double LogLikelihood(int bad, int count, double rate) => (bad == 0 ? 0 : bad * Math.Log(rate)) + (count == bad ? 0 : (count - bad) * Math.Log(1 - rate));
}

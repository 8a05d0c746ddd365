using MathNet.Numerics;
using MathNet.Numerics.RootFinding;

namespace LLMEval.Core.Statistics;

/// <summary>Intervals that hold at all times at once, for figures that are looked at as they grow (handbook 8).</summary>
public static class ConfidenceSequences
{
    /// <summary>Robbins 1970: every rate against which the Beta(a, b) mixture has evidence of less than 1/α. n = 0: [0, 1]; no bad answer: from 0; nothing but bad ones: to 1.</summary>
    public static (double Low, double High) Bernoulli(int bad, int count, double alpha = 0.05, double a = 0.5, double b = 0.5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bad);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bad, count);
        if (count == 0)
        {
            return (0, 1);
        }
        var mixture = SpecialFunctions.BetaLn(bad + a, count - bad + b) - SpecialFunctions.BetaLn(a, b);
        var limit = Math.Log(1 / alpha);
        var rate = (double)bad / count;
        return (bad == 0 ? 0 : Brent.FindRoot(Excess, 1e-300, rate, 1e-12, 1000), bad == count ? 1 : Brent.FindRoot(Excess, rate, 1 - 1e-16, 1e-12, 1000));

        double Excess(double p) => mixture - (bad == 0 ? 0 : bad * Math.Log(p)) - (bad == count ? 0 : (count - bad) * Math.Log(1 - p)) - limit;
    }

    /// <summary>Waudby-Smith et al. 2021, for the mean of many observations: half width and its ρ², tightest at <paramref name="tightestAt"/> of them.</summary>
    /// <param name="count">At least 1.</param>
    public static (double RhoSquared, double HalfWidth) Asymptotic(double standardDeviation, int count, double alpha = 0.05, int tightestAt = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tightestAt, 1);
        var log = -2 * Math.Log(alpha);
        var rho = (log + Math.Log(log + 1)) / tightestAt;
        var scaled = (count * rho) + 1;
        return (rho, standardDeviation * Math.Sqrt(2 * scaled / ((double)count * count * rho) * Math.Log(Math.Sqrt(scaled) / alpha)));
    }
}

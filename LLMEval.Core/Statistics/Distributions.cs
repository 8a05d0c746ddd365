using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace LLMEval.Core.Statistics;

/// <summary>Tails and quantiles over MathNet 5.0.0, with its traps closed: each member says which.</summary>
public static class Distributions
{
    public static double NormalQuantile(double p) => Normal.InvCDF(0, 1, p);

    public static double NormalCdf(double x) => Normal.CDF(0, 1, x);

    /// <summary>Two-sided critical value of the normal distribution at a confidence level.</summary>
    public static double NormalCritical(double level) => NormalQuantile(1 - (1 - level) / 2);

    /// <summary>MathNet's quantile throws when the answer exceeds 800: one degree of freedom has a closed form, the rest is bisected on the tail.</summary>
    public static double TQuantile(double p, double df)
    {
        if (df == 1)
        {
            return Math.Tan(Math.PI * (p - 0.5));
        }
        try
        {
            return StudentT.InvCDF(0, 1, df, p);
        }
        catch (NonConvergenceException)
        {
            return p < 0.5 ? -FarTQuantile(p, df) : FarTQuantile(1 - p, df);
        }
    }

    public static double TCritical(double level, double df) => TQuantile(1 - (1 - level) / 2, df);

    /// <summary>From the lower tail, where no digits are lost.</summary>
    public static double TTwoSided(double t, double df) => double.IsFinite(t) ? 2 * StudentT.CDF(0, 1, df, -Math.Abs(t)) : 0;

    /// <summary>1 − CDF would lose digits far out.</summary>
    public static double ChiSquaredTail(double x, double df) => SpecialFunctions.GammaUpperRegularized(df / 2, x / 2);

    /// <summary>Shape parameters must be positive: MathNet throws or gives NaN for zero, so callers handle k = 0 and k = n first.</summary>
    public static double BetaQuantile(double p, double a, double b) => Beta.InvCDF(a, b, p);

    public static double BetaCdf(double x, double a, double b) => Beta.CDF(a, b, x);

    /// <summary>Through logarithms: the plain function is NaN for populations beyond about 1,030.</summary>
    public static double HypergeometricPmf(int k, int population, int successes, int draws) => Math.Exp(Hypergeometric.PMFLn(population, successes, draws, k));

    public static double BinomialAtMost(int k, int n, double p) => k < 0 ? 0 : k >= n ? 1 : Binomial.CDF(p, n, k);

    public static double BinomialAtLeast(int k, int n, double p) => k <= 0 ? 1 : k > n ? 0 : SpecialFunctions.BetaRegularized(k, n - k + 1, p);

    public static double BinomialPmf(int k, int n, double p) => Binomial.PMF(p, n, k);

    public static double BetaBinomialPmf(int k, int n, double a, double b) => BetaBinomial.PMF(n, a, b, k);

    private static double FarTQuantile(double tail, double df)
    {
        var (low, high) = (Math.Log(700), Math.Log(1e150));
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            if (StudentT.CDF(0, 1, df, -Math.Exp(middle)) > tail)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }
        return Math.Exp(low);
    }
}

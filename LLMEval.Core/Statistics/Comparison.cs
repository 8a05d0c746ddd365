using MathNet.Numerics;
using MathNet.Numerics.Random;
using MathNet.Numerics.Statistics;

namespace LLMEval.Core.Statistics;

/// <summary>A difference between two versions with its interval and p value; null where undefined.</summary>
public sealed record Difference(double? Value, double? StandardError, double? DegreesOfFreedom, double? Low, double? High, double? PValue, int Count, int Dropped, string Method, string Status)
{
    public double? TStatistic { get; init; }

    /// <summary>Correlation of the two versions over the items.</summary>
    public double? Correlation { get; init; }

    /// <summary>The error that unpaired data of the same spread would have had.</summary>
    public double? UnpairedStandardError { get; init; }

    /// <summary>McNemar's mid-p, less conservative than the exact p.</summary>
    public double? MidPValue { get; init; }
}

/// <summary>Two versions against each other: on the same items wherever possible, since pairing removes the items' difficulty for free.</summary>
public static class Comparison
{
    private const int ExactFlips = 20;
    private const int SeededFlips = 9999;

    /// <summary>Paired t on the items that both versions have. Equal differences have no interval and no p.</summary>
    public static Difference PairedDiff(IReadOnlyList<double?> a, IReadOnlyList<double?> b, double level)
    {
        var pairs = a.Zip(b).Where(p => p.First is not null && p.Second is not null).Select(p => (A: p.First!.Value, B: p.Second!.Value)).ToList();
        var dropped = a.Count - pairs.Count;
        var mean = Means.TMean([.. pairs.Select(p => (double?)(p.A - p.B))], level);
        var result = new Difference(mean.Value, mean.StandardError, mean.DegreesOfFreedom, mean.Low, mean.High, null, pairs.Count, dropped, "paired_diff", mean.Status);
        if (pairs.Count < 2)
        {
            return result;
        }
        double[] left = [.. pairs.Select(p => p.A)], right = [.. pairs.Select(p => p.B)];
        var correlation = MathNet.Numerics.Statistics.Correlation.Pearson(left, right);
        var isClear = mean.Status == "ok";
        var t = isClear ? mean.Value / mean.StandardError : null;
        return result with
        {
            TStatistic = t,
            PValue = t is { } statistic ? Distributions.TTwoSided(statistic, pairs.Count - 1) : null,
            Correlation = double.IsFinite(correlation) ? correlation : null,
            UnpairedStandardError = Math.Sqrt((ArrayStatistics.Variance(left) + ArrayStatistics.Variance(right)) / pairs.Count),
        };
    }

    /// <summary>Both versions 0/1 on the same items: exact McNemar, and Newcombe's square-and-add interval with φ (1998, method 10).</summary>
    public static Difference PairedBinary(int bothGood, int onlyAGood, int onlyBGood, int bothBad, double level)
    {
        double n = bothGood + onlyAGood + onlyBGood + bothBad;
        if (n == 0)
        {
            return new Difference(null, null, null, -1, 1, 1, 0, 0, "paired_binary", "empty") { MidPValue = 1 };
        }
        var discordant = onlyAGood + onlyBGood;
        var less = Math.Min(onlyAGood, onlyBGood);
        var exact = discordant == 0 ? 1 : Math.Min(1, 2 * Distributions.BinomialAtMost(less, discordant, 0.5));
        var mid = onlyAGood == onlyBGood ? 1 : exact - Distributions.BinomialPmf(less, discordant, 0.5);

        double goodA = bothGood + onlyAGood, goodB = bothGood + onlyBGood;
        double pA = goodA / n, pB = goodB / n;
        var (lowA, highA) = Intervals.WilsonEnds(goodA, n, level);
        var (lowB, highB) = Intervals.WilsonEnds(goodB, n, level);
        var margins = goodA * (n - goodA) * goodB * (n - goodB);
        var surplus = (double)bothGood * bothBad - (double)onlyAGood * onlyBGood;
        var corrected = surplus > n / 2 ? surplus - n / 2 : surplus >= 0 ? 0 : surplus;
        var phi = margins == 0 ? 0 : corrected / Math.Sqrt(margins);
        var difference = pA - pB;
        var low = difference - Root(pA - lowA, highB - pB, phi);
        var high = difference + Root(highA - pA, pB - lowB, phi);
        return new Difference(difference, null, null, low, high, exact, (int)n, 0, "paired_binary", "ok") { MidPValue = mid };
    }

    /// <summary>Newcombe's interval (1998, method 10 for independent samples) for two rates on different items.</summary>
    public static Difference NewcombeIndependent(double good1, double total1, double good2, double total2, double level)
    {
        if (total1 <= 0 || total2 <= 0)
        {
            return new Difference(null, null, null, -1, 1, null, (int)(total1 + total2), 0, "newcombe_indep", "empty");
        }
        double p1 = good1 / total1, p2 = good2 / total2;
        var (low1, high1) = Intervals.WilsonEnds(good1, total1, level);
        var (low2, high2) = Intervals.WilsonEnds(good2, total2, level);
        return new Difference(p1 - p2, null, null, p1 - p2 - Root(p1 - low1, high2 - p2, 0), p1 - p2 + Root(high1 - p1, p2 - low2, 0), null,
            (int)(total1 + total2), 0, "newcombe_indep", "ok");
    }

    /// <summary>Welch's t for real scores on different items. A side with fewer than two values gives only the difference.</summary>
    public static Difference Welch(IReadOnlyList<double?> a, IReadOnlyList<double?> b, double level)
    {
        double[] left = [.. a.OfType<double>()], right = [.. b.OfType<double>()];
        var n = left.Length + right.Length;
        var dropped = a.Count + b.Count - n;
        if (left.Length == 0 || right.Length == 0)
        {
            return new Difference(null, null, null, null, null, null, n, dropped, "welch", "empty");
        }
        var difference = left.Average() - right.Average();
        if (left.Length < 2 || right.Length < 2)
        {
            return new Difference(difference, null, null, null, null, null, n, dropped, "welch", "single");
        }
        double va = ArrayStatistics.Variance(left) / left.Length, vb = ArrayStatistics.Variance(right) / right.Length;
        var error = Math.Sqrt(va + vb);
        if (error <= 1e-12)
        {
            return new Difference(difference, 0, null, null, null, null, n, dropped, "welch", "zero_variance");
        }
        var df = (va + vb) * (va + vb) / (va * va / (left.Length - 1) + vb * vb / (right.Length - 1));
        var half = Distributions.TCritical(level, df) * error;
        return new Difference(difference, error, df, difference - half, difference + half, Distributions.TTwoSided(difference / error, df), n, dropped, "welch", "ok")
        {
            TStatistic = difference / error,
        };
    }

    /// <summary>p of the differences' sum under random signs: all patterns up to 20 differences that are not zero, else 9,999 seeded draws. Nothing but zeros: 1.</summary>
    public static (double PValue, int NonZero) SignFlip(IReadOnlyList<double> differences, int seed)
    {
        var d = differences.Where(x => x != 0).ToArray();
        if (d.Length == 0)
        {
            return (1, 0);
        }
        var observed = Math.Abs(d.Sum()) - 1e-9;
        if (d.Length <= ExactFlips)
        {
            var patterns = 1L << d.Length;
            long hits = 0;
            for (long pattern = 0; pattern < patterns; pattern++)
            {
                double sum = 0;
                for (var i = 0; i < d.Length; i++)
                {
                    sum += (pattern >> i & 1) == 0 ? d[i] : -d[i];
                }
                hits += Math.Abs(sum) >= observed ? 1 : 0;
            }
            return ((double)hits / patterns, d.Length);
        }
        var random = new Xoshiro256StarStar(seed);
        var extreme = 0;
        for (var r = 0; r < SeededFlips; r++)
        {
            extreme += Math.Abs(d.Sum(x => random.NextDouble() < 0.5 ? x : -x)) >= observed ? 1 : 0;
        }
        return ((1.0 + extreme) / (SeededFlips + 1), d.Length);
    }

    /// <summary>Posterior probability, under uniform priors, that the second rate is greater. For wording, not for gates.</summary>
    public static double ProbabilitySecondGreater(int good1, int total1, int good2, int total2)
    {
        double a1 = good1 + 1, b1 = total1 - good1 + 1, a2 = good2 + 1, b2 = total2 - good2 + 1;
        double sum = 0;
        for (var i = 0; i < a2; i++)
        {
            sum += Math.Exp(SpecialFunctions.BetaLn(a1 + i, b1 + b2) - Math.Log(b2 + i) - SpecialFunctions.BetaLn(1 + i, b2) - SpecialFunctions.BetaLn(a1, b1));
        }
        return sum;
    }

    private static double Root(double first, double second, double phi) => Math.Sqrt(Math.Max(0, first * first - 2 * phi * first * second + second * second));
}

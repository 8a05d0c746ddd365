using MathNet.Numerics.Random;
using MathNet.Numerics.Statistics;

namespace LLMEval.Core.Statistics;

/// <summary>Bootstrap of a mean; whole clusters are drawn where there are any. The same seed gives the same interval, bit by bit.</summary>
public static class Bootstrap
{
    public const int DefaultReplicates = 2000;

    /// <summary>Bias-corrected and accelerated interval (Efron and Tibshirani 1993). Fewer than 8 units give too narrow an interval: the status says few_clusters.</summary>
    /// <param name="clusters">Null where every observation stands for itself.</param>
    public static Estimate Mean(IReadOnlyList<double?> values, IReadOnlyList<string>? clusters, int replicates, int seed, double level) =>
        MeanDetail(values, clusters, replicates, seed, level).Estimate;

    internal static BootstrapDetail MeanDetail(IReadOnlyList<double?> values, IReadOnlyList<string>? clusters, int replicates, int seed, double level)
    {
        const string Method = "bootstrap_bca";
        var units = clusters is null
            ? values.OfType<double>().Select(x => (Sum: x, Count: 1)).ToArray()
            : [.. Means.Group(values, clusters).Select(g => (Sum: g.Sum(), g.Count))];
        var n = units.Sum(u => u.Count);
        var missing = values.Count - n;
        if (n == 0)
        {
            return new BootstrapDetail(Estimate.Empty(level, missing, Method) with { Seed = seed }, null, null, 0, 0, []);
        }
        var total = units.Sum(u => u.Sum);
        var mean = total / n;
        if (units.Length == 1)
        {
            var alone = new Estimate(mean, null, null, null, null, level, n, missing, 1, Method, n == 1 ? "single" : "one_cluster") { Seed = seed };
            return new BootstrapDetail(alone, null, null, 0, 0, []);
        }
        var drawn = Draw(units, replicates, seed);
        var sorted = (double[])drawn.Clone();
        Array.Sort(sorted);
        var tail = (1 - level) / 2;
        var z0 = Bias(sorted, mean);
        var acceleration = Acceleration(units, total, n);
        double At(double p) => SortedArrayStatistics.QuantileCustom(sorted, p, QuantileDefinition.R7);
        double Shifted(double p)
        {
            var z = z0 + Distributions.NormalQuantile(p);
            return Distributions.NormalCdf(z0 + z / (1 - acceleration * z));
        }
        var estimate = new Estimate(mean, ArrayStatistics.StandardDeviation(drawn), null, At(Shifted(tail)), At(Shifted(1 - tail)), level, n, missing, units.Length, Method,
            sorted[0] == sorted[^1] ? "zero_variance" : units.Length < 8 ? "few_clusters" : "ok")
        {
            Seed = seed,
        };
        return new BootstrapDetail(estimate, At(tail), At(1 - tail), z0, acceleration, drawn);
    }

    private static double[] Draw((double Sum, int Count)[] units, int replicates, int seed)
    {
        var random = new Xoshiro256StarStar(seed);
        var drawn = new double[replicates];
        for (var b = 0; b < replicates; b++)
        {
            double sum = 0, count = 0;
            for (var u = 0; u < units.Length; u++)
            {
                var unit = units[(int)(random.NextDouble() * units.Length)];
                sum += unit.Sum;
                count += unit.Count;
            }
            drawn[b] = sum / count;
        }
        return drawn;
    }

    private static double Bias(double[] replicates, double mean)
    {
        var below = replicates.Sum(r => Math.Abs(r - mean) <= 1e-12 ? 0.5 : r < mean ? 1 : 0);
        var half = 0.5 / replicates.Length;
        return Distributions.NormalQuantile(Math.Clamp(below / replicates.Length, half, 1 - half));
    }

    private static double Acceleration((double Sum, int Count)[] units, double total, int n)
    {
        var left = units.Select(u => (total - u.Sum) / (n - u.Count)).ToArray();
        var centre = left.Average();
        var cubes = left.Sum(j => Math.Pow(centre - j, 3));
        var squares = left.Sum(j => Math.Pow(centre - j, 2));
        var denominator = 6 * Math.Pow(squares, 1.5);
        return denominator == 0 ? 0 : cubes / denominator;
    }
}

internal sealed record BootstrapDetail(Estimate Estimate, double? PercentileLow, double? PercentileHigh, double Bias, double Acceleration, double[] Replicates);

namespace LLMEval.Core.Statistics;

/// <summary>Means of real scores with their errors.</summary>
public static class Means
{
    /// <summary>Student's interval. n = 0 is empty, n = 1 has no error, equal values have no interval (never ±0).</summary>
    public static Estimate TMean(IReadOnlyList<double?> values, double level)
    {
        var known = values.OfType<double>().ToList();
        var missing = values.Count - known.Count;
        var n = known.Count;
        if (n == 0)
        {
            return Estimate.Empty(level, missing, "t_mean");
        }
        var mean = known.Average();
        if (n == 1)
        {
            return new Estimate(mean, null, null, null, null, level, 1, missing, 1, "t_mean", "single");
        }
        var squares = known.Sum(x => (x - mean) * (x - mean));
        if (squares <= 1e-24 * Math.Max(1, mean * mean) * n)
        {
            return new Estimate(mean, 0, n - 1, null, null, level, n, missing, n, "t_mean", "zero_variance");
        }
        var error = Math.Sqrt(squares / (n - 1) / n);
        var half = Distributions.TCritical(level, n - 1) * error;
        return new Estimate(mean, error, n - 1, mean - half, mean + half, level, n, missing, n, "t_mean", "ok");
    }

    /// <summary>Mean of clustered observations with the CR2 error and Satterthwaite degrees of freedom.</summary>
    /// <remarks>Bell and McCaffrey 2002, specialised to a mean: closed form, no matrix root. Equal cluster sizes give G − 1 degrees of freedom. One cluster has no error.</remarks>
    public static Estimate ClusterMean(IReadOnlyList<double?> values, IReadOnlyList<string> clusters, double level) => ClusterMeanDetail(values, clusters, level).Estimate;

    internal static ClusterErrors ClusterMeanDetail(IReadOnlyList<double?> values, IReadOnlyList<string> clusters, double level)
    {
        const string Method = "cluster_mean";
        var groups = Group(values, clusters);
        double n = groups.Sum(g => g.Count);
        var missing = values.Count - (int)n;
        if (n == 0)
        {
            return new ClusterErrors(Estimate.Empty(level, missing, Method), null, null, null);
        }
        var count = groups.Count;
        var mean = groups.Sum(g => g.Sum()) / n;
        var squares = groups.Sum(g => g.Sum(x => (x - mean) * (x - mean)));
        double? naive = n < 2 ? null : Math.Sqrt(squares / (n - 1) / n);
        if (count < 2)
        {
            return new ClusterErrors(new Estimate(mean, null, null, null, null, level, (int)n, missing, count, Method, "one_cluster"), naive, null, null);
        }
        var residuals = groups.ConvertAll(g => g.Sum(x => x - mean));
        var cr1 = Math.Sqrt(count / (count - 1.0) * residuals.Sum(e => e * e) / (n * n));
        var cr2 = Math.Sqrt(groups.Select((g, i) => residuals[i] * residuals[i] / (1 - g.Count / n)).Sum() / (n * n));
        var df = Satterthwaite(groups.ConvertAll(g => (double)g.Count), n);
        var estimate = new Estimate(mean, cr2, df, null, null, level, (int)n, missing, count, Method, "zero_variance");
        if (squares <= 1e-24)
        {
            return new ClusterErrors(estimate with { StandardError = 0 }, 0, 0, count - 1);
        }
        var half = Distributions.TCritical(level, df) * cr2;
        estimate = estimate with
        {
            Low = mean - half,
            High = mean + half,
            Status = "ok",
            DesignEffect = cr1 * cr1 / (naive * naive),
            IntraClusterCorrelation = Correlation(groups, n),
        };
        return new ClusterErrors(estimate, naive, cr1, count - 1);
    }

    /// <summary>Splits the variance of items that were generated several times: between items (ω²), within an item (σ²); the error comes from item means only.</summary>
    /// <remarks>Miller 2024, section 3.1. Fewer than two items: only the mean. No repeats at all: no ω² and σ².</remarks>
    public static ResampleDecomposition ResampleDecomposition(IReadOnlyList<IReadOnlyList<double?>> rows, double costOfItem, double costOfRun)
    {
        var items = rows.Select(row => row.OfType<double>().ToList()).Where(row => row.Count > 0).ToList();
        var n = items.Count;
        if (n == 0)
        {
            return new ResampleDecomposition(0, null, null, null, null, null, null);
        }
        var means = items.ConvertAll(item => item.Average());
        var mean = means.Average();
        if (n < 2)
        {
            return new ResampleDecomposition(n, mean, null, null, null, null, null);
        }
        var between = means.Sum(m => (m - mean) * (m - mean)) / (n - 1);
        var harmonic = n / items.Sum(item => 1.0 / item.Count);
        var spare = items.Sum(item => item.Count - 1);
        if (spare == 0)
        {
            return new ResampleDecomposition(n, mean, Math.Sqrt(between / n), null, null, harmonic, null);
        }
        var within = items.Select((item, i) => item.Sum(x => (x - means[i]) * (x - means[i]))).Sum() / spare;
        var omega = Math.Max(0, between - within / harmonic);
        double? best = omega > 0 ? Math.Max(1, Math.Sqrt(costOfItem / costOfRun * within / omega)) : null;
        return new ResampleDecomposition(n, mean, Math.Sqrt(between / n), omega, within, harmonic, best);
    }

    /// <summary>Known values by cluster, in order of first appearance.</summary>
    internal static List<List<double>> Group(IReadOnlyList<double?> values, IReadOnlyList<string> clusters)
    {
        if (values.Count != clusters.Count)
        {
            throw new ArgumentException("Each value needs its cluster.", nameof(clusters));
        }
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        var groups = new List<List<double>>();
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                continue;
            }
            if (!order.TryGetValue(clusters[i], out var at))
            {
                order[clusters[i]] = at = groups.Count;
                groups.Add([]);
            }
            groups[at].Add(value);
        }
        return groups;
    }

    private static double Satterthwaite(List<double> sizes, double n)
    {
        // Σ P_gh² over all pairs without visiting them: the off-diagonal part factorises into (Σ w²n²)² − Σ w⁴n⁴.
        double trace = 0, diagonal = 0, product = 0, productSquares = 0;
        foreach (var size in sizes)
        {
            var weight = 1 / (1 - size / n);
            trace += size / (n * n);
            var own = weight * (size - size * size / n) / (n * n);
            diagonal += own * own;
            var share = weight * size * size;
            product += share;
            productSquares += share * share;
        }
        var off = (product * product - productSquares) / (n * n * n * n * n * n);
        return trace * trace / (diagonal + off);
    }

    // One-way analysis of variance.
    private static double? Correlation(List<List<double>> groups, double n)
    {
        var count = groups.Count;
        if (n <= count)
        {
            return null;
        }
        var mean = groups.Sum(g => g.Sum()) / n;
        var typical = (n - groups.Sum(g => (double)g.Count * g.Count) / n) / (count - 1);
        var between = groups.Sum(g => g.Count * Math.Pow(g.Average() - mean, 2)) / (count - 1);
        var within = groups.Sum(g => g.Sum(x => Math.Pow(x - g.Average(), 2))) / (n - count);
        var total = between + (typical - 1) * within;
        return total == 0 ? null : (between - within) / total;
    }
}

/// <summary>The cluster mean with the errors that are only shown for comparison.</summary>
internal sealed record ClusterErrors(Estimate Estimate, double? Naive, double? Cr1, int? Cr1DegreesOfFreedom);

/// <param name="BetweenItems">ω².</param>
/// <param name="WithinItems">σ².</param>
/// <param name="BestRepeats">Repeats per item that buy most precision for the cost; null where more items always beat more repeats or nothing can be said.</param>
public sealed record ResampleDecomposition(int Items, double? Mean, double? StandardError, double? BetweenItems, double? WithinItems, double? HarmonicRepeats, double? BestRepeats);

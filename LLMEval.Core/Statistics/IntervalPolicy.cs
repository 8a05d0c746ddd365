namespace LLMEval.Core.Statistics;

/// <summary>Chooses the interval for a metric's values (handbook, table 1.1).</summary>
public static class IntervalPolicy
{
    /// <summary>From so many clusters on, the t interval with the CR2 error covers what it claims.</summary>
    public const int EnoughClusters = 20;

    /// <summary>Below this many clusters any interval of a mean deserves a warning.</summary>
    public const int FewClusters = 10;

    /// <summary>Below this many units the bootstrap is too narrow to lead.</summary>
    private const int BootstrapUnits = 8;

    /// <param name="values">One per trial; null where unscored.</param>
    /// <param name="clusters">The independent unit (session, user) of each value.</param>
    /// <param name="minimum">Lowest possible value of the metric, null where there is none.</param>
    /// <param name="seed">For the bootstrap; stored with the result.</param>
    public static Estimate For(IReadOnlyList<double?> values, IReadOnlyList<string> clusters, double? minimum, double? maximum, double level, int seed)
    {
        var groups = Means.Group(values, clusters);
        var known = groups.Sum(g => g.Count);
        var missing = values.Count - known;
        var isShare = minimum is 0 && maximum is 1;
        if (known == 0)
        {
            return Estimate.Empty(level, missing, isShare ? "wilson" : "cluster_mean");
        }
        if (isShare && groups.TrueForAll(g => g.TrueForAll(x => x is 0 or 1)))
        {
            var share = groups.Count == known
                ? Intervals.Wilson(groups.Sum(g => g.Sum()), known, level)
                : Intervals.ClusteredProportion(groups.ConvertAll(g => g.Sum()), groups.ConvertAll(g => (double)g.Count), level);
            return share with { Missing = missing };
        }
        return Real(values, clusters, groups, minimum, maximum, level, seed);
    }

    private static Estimate Real(IReadOnlyList<double?> values, IReadOnlyList<string> clusters, List<List<double>> groups, double? minimum, double? maximum, double level, int seed)
    {
        var mean = Means.ClusterMean(values, clusters, level);
        if (groups.Count == mean.Count)
        {
            mean = mean with { Method = "t_mean", Status = mean.Status == "one_cluster" ? "single" : mean.Status };
        }
        var isBounded = minimum is not null && maximum > minimum;
        // What clusters hide cannot be seen when all values agree or clusters are few: each cluster then counts once.
        var bounded = isBounded
            ? Intervals.BoundedWilson(mean.Value!.Value, groups.Count, minimum!.Value, maximum!.Value, level) with
            {
                Count = mean.Count,
                Missing = mean.Missing,
                StandardError = mean.StandardError,
            }
            : null;
        if (mean.Status != "ok")
        {
            return bounded is null ? mean : bounded with { Status = mean.Status };
        }
        // A t interval knows no bounds, but the metric does: a share of −0.2 % helps nobody.
        mean = mean with { Low = Within(mean.Low, minimum, maximum), High = Within(mean.High, minimum, maximum) };
        if (groups.Count >= EnoughClusters)
        {
            return mean;
        }
        var bootstrap = Bootstrap.Mean(values, clusters, Bootstrap.DefaultReplicates, seed, level);
        var status = groups.Count < FewClusters ? "few_clusters" : "ok";
        Estimate chosen = groups.Count >= BootstrapUnits ? bootstrap : bounded ?? mean;
        var others = new[] { bootstrap, mean, bounded }.OfType<Estimate>().Where(e => e.Method != chosen.Method).ToList();
        return chosen with { Status = status, Alternatives = others };
    }

    private static double? Within(double? bound, double? minimum, double? maximum) =>
        bound is not { } value ? null : Math.Min(Math.Max(value, minimum ?? double.NegativeInfinity), maximum ?? double.PositiveInfinity);
}

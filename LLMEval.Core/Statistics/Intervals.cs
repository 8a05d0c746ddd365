namespace LLMEval.Core.Statistics;

/// <summary>Intervals for shares and for means of bounded scores. The normal approximation is used nowhere: at n = 10 it covers 40 % where it claims 95 %.</summary>
public static class Intervals
{
    /// <summary>Wilson 1927. Good may be fractional (half credit, ties). n = 0: no value, [0, 1].</summary>
    public static Estimate Wilson(double good, double total, double level)
    {
        if (total <= 0)
        {
            return Estimate.Empty(level, 0, "wilson", 0, 1);
        }
        var (low, high) = WilsonEnds(good, total, level);
        return Share(good, total, level, "wilson", low, high);
    }

    /// <summary>Clopper and Pearson 1934: never covers less than it claims; for release gates on safety.</summary>
    public static Estimate ClopperPearson(double good, double total, double level)
    {
        if (total <= 0)
        {
            return Estimate.Empty(level, 0, "clopper_pearson", 0, 1);
        }
        var tail = (1 - level) / 2;
        var low = good <= 0 ? 0 : Distributions.BetaQuantile(tail, good, total - good + 1);
        var high = good >= total ? 1 : Distributions.BetaQuantile(1 - tail, good + 1, total - good);
        return Share(good, total, level, "clopper_pearson", low, high);
    }

    /// <summary>Quantiles of Beta(k + ½, n − k + ½), with the ends fixed at 0 and 1 when nothing or everything is good.</summary>
    public static Estimate Jeffreys(double good, double total, double level)
    {
        if (total <= 0)
        {
            return Estimate.Empty(level, 0, "jeffreys", 0, 1);
        }
        var tail = (1 - level) / 2;
        var low = good <= 0 ? 0 : Distributions.BetaQuantile(tail, good + 0.5, total - good + 0.5);
        var high = good >= total ? 1 : Distributions.BetaQuantile(1 - tail, good + 0.5, total - good + 0.5);
        return Share(good, total, level, "jeffreys", low, high);
    }

    /// <summary>Posterior mean and quantiles under a Beta(a, b) prior; without data they are the prior's.</summary>
    public static Estimate BetaPosterior(double good, double total, double a, double b, double level)
    {
        var tail = (1 - level) / 2;
        var (alpha, beta) = (a + good, b + total - good);
        return new Estimate(alpha / (alpha + beta), null, null, Distributions.BetaQuantile(tail, alpha, beta), Distributions.BetaQuantile(1 - tail, alpha, beta),
            level, Whole(total), 0, Whole(total), "beta_posterior", "ok");
    }

    /// <summary>One-sided upper bound of a rate of which none was seen in n; about 3/n at 95 %. n = 0: 1.</summary>
    public static double ZeroBadUpper(int total, double confidence) => total <= 0 ? 1 : 1 - Math.Pow(1 - confidence, 1.0 / total);

    /// <summary>Wilson on the number of independent observations that would give this standard error (Korn and Graubard 1998), for any unbiased estimator on [0, 1].</summary>
    /// <param name="fallbackCount">Used where the error says nothing: at 0, at 1, or without a standard error.</param>
    /// <param name="cap">Largest effective number, or null for none.</param>
    public static Estimate EffectiveWilson(double? value, double? standardError, double? df, double fallbackCount, double? cap, double level)
    {
        if (value is not { } raw)
        {
            return Estimate.Empty(level, 0, "effective_wilson", 0, 1);
        }
        var theta = Math.Clamp(raw, 0, 1);
        var effective = fallbackCount;
        if (theta is > 0 and < 1 && standardError is > 0)
        {
            var narrowing = df is { } d ? Distributions.NormalCritical(level) / Distributions.TCritical(level, d) : 1;
            effective = theta * (1 - theta) / (standardError.Value * standardError.Value) * narrowing * narrowing;
        }
        effective = Math.Max(1, Math.Min(effective, cap ?? double.PositiveInfinity));
        var (low, high) = WilsonEnds(theta * effective, effective, level);
        return new Estimate(raw, standardError, df, low, high, level, Whole(fallbackCount), 0, Whole(fallbackCount), "effective_wilson", "ok") { EffectiveCount = effective };
    }

    /// <summary>Share of good observations that come in clusters: ratio estimator, then Wilson on the effective number. Empty clusters are skipped.</summary>
    public static Estimate ClusteredProportion(IReadOnlyList<double> good, IReadOnlyList<double> total, double level)
    {
        const string Method = "clustered_proportion";
        var rows = good.Zip(total).Where(row => row.Second > 0).ToList();
        var n = rows.Sum(row => row.Second);
        var clusters = rows.Count;
        if (clusters == 0)
        {
            return Estimate.Empty(level, 0, Method, 0, 1);
        }
        var p = rows.Sum(row => row.First) / n;
        if (clusters == 1)
        {
            var (oneLow, oneHigh) = WilsonEnds(p, 1, level);
            return new Estimate(p, null, null, oneLow, oneHigh, level, Whole(n), 0, 1, Method, "one_cluster") { EffectiveCount = 1 };
        }
        var isExtreme = p is <= 0 or >= 1;
        var variance = clusters / (clusters - 1.0) * rows.Sum(row => Square(row.First - p * row.Second)) / (n * n);
        // The same rate within every cluster leaves no variance: nothing speaks for dependence then.
        var fallback = isExtreme ? clusters : n;
        var shown = EffectiveWilson(p, Math.Sqrt(variance), clusters - 1, fallback, n, level);
        return shown with
        {
            Count = Whole(n),
            Clusters = clusters,
            Method = Method,
            Status = isExtreme ? "extreme" : "ok",
            DesignEffect = isExtreme || n <= 1 ? null : variance / (p * (1 - p) / (n - 1)),
        };
    }

    /// <summary>Wilson on a bounded score rescaled to [0, 1]; conservative, because no bounded variable varies more than a 0/1 one of the same mean.</summary>
    public static Estimate BoundedWilson(IReadOnlyList<double?> values, double minimum, double maximum, double level)
    {
        var known = values.OfType<double>().ToList();
        if (known.Count == 0)
        {
            return Estimate.Empty(level, values.Count, "bounded_wilson", minimum, maximum);
        }
        return BoundedWilson(known.Average(), known.Count, minimum, maximum, level) with { Count = known.Count, Missing = values.Count - known.Count };
    }

    /// <summary>The same from a mean and the number of independent observations behind it.</summary>
    public static Estimate BoundedWilson(double mean, double independent, double minimum, double maximum, double level)
    {
        var width = maximum - minimum;
        var share = Math.Clamp((mean - minimum) / width, 0, 1);
        var (low, high) = WilsonEnds(share * independent, independent, level);
        return new Estimate(mean, null, null, minimum + low * width, minimum + high * width, level, Whole(independent), 0, Whole(independent), "bounded_wilson", "ok")
        {
            EffectiveCount = independent,
        };
    }

    internal static (double Low, double High) WilsonEnds(double good, double total, double level)
    {
        var z = Distributions.NormalCritical(level);
        var p = good / total;
        var scale = 1 + z * z / total;
        var centre = (p + z * z / (2 * total)) / scale;
        var half = z / scale * Math.Sqrt(Math.Max(0, p * (1 - p) / total + z * z / (4 * total * total)));
        return (good <= 0 ? 0 : Math.Max(0, centre - half), good >= total ? 1 : Math.Min(1, centre + half));
    }

    private static Estimate Share(double good, double total, double level, string method, double low, double high) =>
        new(good / total, null, null, low, high, level, Whole(total), 0, Whole(total), method, "ok");

    private static int Whole(double count) => (int)Math.Round(count);

    private static double Square(double x) => x * x;
}

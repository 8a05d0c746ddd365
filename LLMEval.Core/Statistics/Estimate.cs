namespace LLMEval.Core.Statistics;

/// <summary>A number with what is known of its error. Undefined parts are null, never zero and never NaN.</summary>
/// <param name="Low">Lower end of the interval at <paramref name="Level"/>.</param>
/// <param name="Count">Observations used.</param>
/// <param name="Missing">Observations without a value: dropped, not counted as bad.</param>
/// <param name="Clusters">Independent units (sessions, users) among the observations used.</param>
/// <param name="Method">Name of the interval's method, as the methods page calls it.</param>
/// <param name="Status">ok, empty, single, zero_variance, one_cluster, extreme, few_clusters.</param>
public sealed record Estimate(
    double? Value, double? StandardError, double? DegreesOfFreedom, double? Low, double? High, double Level, int Count, int Missing, int Clusters, string Method, string Status)
{
    public const double DefaultLevel = 0.95;

    /// <summary>How many independent observations would carry the same information.</summary>
    public double? EffectiveCount { get; init; }

    /// <summary>Variance relative to independent observations: 1 where clustering does not matter.</summary>
    public double? DesignEffect { get; init; }

    /// <summary>Share of the variance that lies between clusters.</summary>
    public double? IntraClusterCorrelation { get; init; }

    /// <summary>Seed of the resampling, where there was any.</summary>
    public int? Seed { get; init; }

    /// <summary>The same quantity by other methods that the handbook shows beside the chosen one.</summary>
    public IReadOnlyList<Estimate> Alternatives { get; init; } = [];

    public static Estimate Empty(double level, int missing, string method, double? low = null, double? high = null) =>
        new(null, null, null, low, high, level, 0, missing, 0, method, "empty");
}

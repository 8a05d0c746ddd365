using MathNet.Numerics.Random;
using MathNet.Numerics.Statistics;

namespace LLMEval.Core.Statistics;

/// <summary>A statistic of agreement with its interval; null where it has no value.</summary>
public sealed record AgreementFigure(double? Value, double? Low, double? High);

/// <summary>Agreement of any number of raters with the interval of each figure.</summary>
/// <param name="Units">Units with two ratings or more.</param>
/// <param name="Observed">Share of agreeing pairs, 0 to 1.</param>
public sealed record AgreementReport(int Units, AgreementFigure Observed, AgreementFigure GwetAc, AgreementFigure Fleiss, AgreementFigure AlphaNominal, AgreementFigure AlphaOrdinal, AgreementFigure AlphaInterval);

/// <summary>Percentile intervals by the cluster bootstrap over units (handbook 4.1).</summary>
public static class AgreementIntervals
{
    public const int DefaultReplicates = 1000;

    /// <summary>Of fewer units the bootstrap gives intervals that are far too narrow; then there is none.</summary>
    public const int LeastUnits = 8;

    /// <summary>Fewer resamplings with a value than this share of all, and the figure has no interval.</summary>
    private const double LeastDefined = 0.95;

    /// <summary>
    /// As <see cref="Agreement.Multi"/>, with intervals. Units that were rated alike are counted once, so a replicate costs a draw a unit and the arithmetic of the distinct ones. Below <see cref="LeastUnits"/> there is no interval; at none all is null.
    /// The same seed gives the same interval, bit by bit.
    /// </summary>
    public static AgreementReport Of(
        IReadOnlyList<IReadOnlyList<string?>> ratings, IReadOnlyList<string> categories, IReadOnlyList<double>? values, int replicates = DefaultReplicates, int seed = 1, double level = Estimate.DefaultLevel)
    {
        var index = categories.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => p.i);
        var patterns = ratings.Select(unit => string.Join(',', unit.OfType<string>().Select(r => index[r]).Order())).CountBy(key => key)
            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new CountedUnits(CountsOf(g.Key, categories.Count), g.Value)).Where(u => u.Ratings >= 2).ToList();
        var point = Agreement.Counted(patterns, AgreementWeights.None, values);
        var n = point.Units;
        var drawn = n < LeastUnits ? [] : Draw(patterns, n, replicates, seed).Select(units => Agreement.Counted(units, AgreementWeights.None, values)).ToList();
        AgreementFigure Figure(Func<MultiAgreement, double?> of)
        {
            var sorted = drawn.Select(of).OfType<double>().Order().ToArray();
            if (of(point) is not { } value || sorted.Length == 0 || sorted.Length < LeastDefined * drawn.Count)
            {
                return new AgreementFigure(of(point), null, null);
            }
            var tail = (1 - level) / 2;
            return new AgreementFigure(value, SortedArrayStatistics.QuantileCustom(sorted, tail, QuantileDefinition.R7), SortedArrayStatistics.QuantileCustom(sorted, 1 - tail, QuantileDefinition.R7));
        }
        return new AgreementReport(
            n, Figure(a => a.Observed), Figure(a => a.GwetAc), Figure(a => a.Fleiss), Figure(a => a.AlphaNominal), Figure(a => a.AlphaOrdinal), values is null ? new AgreementFigure(null, null, null) : Figure(a => a.AlphaInterval));
    }

    private static IEnumerable<List<CountedUnits>> Draw(List<CountedUnits> patterns, int n, int replicates, int seed)
    {
        var random = new Xoshiro256StarStar(seed);
        var owner = new int[n];
        var next = 0;
        for (var p = 0; p < patterns.Count; p++)
        {
            Array.Fill(owner, p, next, patterns[p].Times);
            next += patterns[p].Times;
        }
        for (var b = 0; b < replicates; b++)
        {
            var times = new int[patterns.Count];
            for (var u = 0; u < n; u++)
            {
                times[owner[(int)(random.NextDouble() * n)]]++;
            }
            yield return [.. patterns.Select((p, i) => p with { Times = times[i] }).Where(p => p.Times > 0)];
        }
    }

    private static double[] CountsOf(string key, int q)
    {
        var counts = new double[q];
        foreach (var category in key.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            counts[int.Parse(category, System.Globalization.CultureInfo.InvariantCulture)]++;
        }
        return counts;
    }
}

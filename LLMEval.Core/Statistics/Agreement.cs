namespace LLMEval.Core.Statistics;

/// <summary>How far apart two classes are: not at all or wholly (none), by their distance in the declared order (linear), by its square (quadratic).</summary>
public enum AgreementWeights { None, Linear, Quadratic }

/// <param name="Status"><c>ok</c>, <c>empty</c> at n = 0, <c>degenerate</c> where both judges use one class only: chance agrees wholly then, and kappa has no value.</param>
public sealed record Kappa(double Count, double? Observed, double? Expected, double? Value, double? StandardError, double? Low, double? High, string Status);

/// <param name="Units">Units with two ratings or more.</param>
/// <param name="Observed">Mean share of agreeing pairs within a unit.</param>
/// <param name="GwetAc">AC1, with weights AC2.</param>
/// <param name="Fleiss">Null with weights.</param>
/// <param name="AlphaInterval">Null where the categories are no numbers.</param>
public sealed record MultiAgreement(int Units, double? Observed, double? GwetAc, double? Fleiss, double? AlphaNominal, double? AlphaOrdinal, double? AlphaInterval);

/// <param name="Counts">How often each category was chosen in the unit.</param>
/// <param name="Times">How many units are like this one.</param>
internal sealed record CountedUnits(IReadOnlyList<double> Counts, int Times)
{
    public double Ratings { get; } = Counts.Sum();
}

/// <summary>Agreement of people, or of a judge with people (handbook 4.1). Nothing here is ever NaN: what has no value is null.</summary>
public static class Agreement
{
    /// <summary>
    /// Cohen's kappa of two raters with the error of Fleiss, Cohen and Everitt 1969 and a normal interval. <paramref name="table"/> is q × q counts, rows the one rater, columns the other,
    /// classes in the same order.
    /// </summary>
    public static Kappa CohenKappa(IReadOnlyList<IReadOnlyList<double>> table, AgreementWeights weights, double level = Estimate.DefaultLevel)
    {
        var q = table.Count;
        var n = table.Sum(row => row.Sum());
        if (n == 0)
        {
            return new Kappa(0, null, null, null, null, null, null, "empty");
        }
        double W(int i, int j) => Weight(i, j, q, weights);
        double P(int i, int j) => table[i][j] / n;
        var rows = Enumerable.Range(0, q).Select(i => Enumerable.Range(0, q).Sum(j => P(i, j))).ToList();
        var columns = Enumerable.Range(0, q).Select(j => Enumerable.Range(0, q).Sum(i => P(i, j))).ToList();
        var cells = (from i in Enumerable.Range(0, q) from j in Enumerable.Range(0, q) select (i, j)).ToList();
        var observed = cells.Sum(c => W(c.i, c.j) * P(c.i, c.j));
        var expected = cells.Sum(c => W(c.i, c.j) * rows[c.i] * columns[c.j]);
        if (1 - expected <= 1e-12)
        {
            return new Kappa(n, observed, expected, null, null, null, null, "degenerate");
        }
        var kappa = (observed - expected) / (1 - expected);
        var rowMeans = Enumerable.Range(0, q).Select(i => Enumerable.Range(0, q).Sum(j => W(i, j) * columns[j])).ToList();
        var columnMeans = Enumerable.Range(0, q).Select(j => Enumerable.Range(0, q).Sum(i => W(i, j) * rows[i])).ToList();
        var spread = cells.Sum(c => P(c.i, c.j) * Squared(W(c.i, c.j) - ((rowMeans[c.i] + columnMeans[c.j]) * (1 - kappa)))) - Squared(kappa - (expected * (1 - kappa)));
        var error = Math.Sqrt(Math.Max(0, spread) / (n * Squared(1 - expected)));
        var z = Distributions.NormalQuantile((1 + level) / 2);
        return new Kappa(n, observed, expected, kappa, error, kappa - (z * error), kappa + (z * error), "ok");
    }

    /// <summary>
    /// Any number of raters, with gaps: Gwet's AC (2008), Fleiss' kappa, Krippendorff's alpha. <paramref name="ratings"/> holds a row a unit, in it a category or null a rater.
    /// <paramref name="categories"/> are all that could have been chosen, in their order: AC depends on how many there are. All null without a unit of two ratings.
    /// </summary>
    public static MultiAgreement Multi(IReadOnlyList<IReadOnlyList<string?>> ratings, IReadOnlyList<string> categories, AgreementWeights weights, IReadOnlyList<double>? values = null)
    {
        var index = categories.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => p.i);
        return Counted([.. ratings.Select(unit => new CountedUnits(CountsOf(unit, index, categories.Count), 1))], weights, values);
    }

    /// <summary>The same of units that are counted already: how often each category was chosen in a unit, and how many units are like it.</summary>
    internal static MultiAgreement Counted(IReadOnlyList<CountedUnits> units, AgreementWeights weights, IReadOnlyList<double>? values)
    {
        var rated = units.Where(u => u.Ratings >= 1 && u.Times > 0).ToList();
        var paired = rated.Where(u => u.Ratings >= 2).ToList();
        if (paired.Count == 0)
        {
            return new MultiAgreement(0, null, null, null, null, null, null);
        }
        var q = paired[0].Counts.Count;
        var range = Enumerable.Range(0, q).ToList();
        double W(int i, int j) => Weight(i, j, q, weights);
        var observed = Mean(paired, u => range.Sum(i => u.Counts[i] == 0 ? 0 : u.Counts[i] * (range.Sum(j => u.Counts[j] == 0 ? 0 : W(i, j) * u.Counts[j]) - 1)) / (u.Ratings * (u.Ratings - 1)));
        var shares = range.ConvertAll(i => Mean(rated, u => u.Counts[i] / u.Ratings));
        var total = (from i in range from j in range select W(i, j)).Sum();
        var chance = q < 2 ? 1 : total / (q * (q - 1.0)) * shares.Sum(p => p * (1 - p));
        var fleissChance = shares.Sum(p => p * p);
        var all = range.ConvertAll(i => paired.Sum(u => u.Counts[i] * u.Times));
        var below = 0.0;
        var ranks = all.ConvertAll(count => (below += count) - (count / 2));
        return new MultiAgreement(
            paired.Sum(u => u.Times), observed, Corrected(observed, chance), weights == AgreementWeights.None ? Corrected(observed, fleissChance) : null,
            Alpha(paired, all, Nominal), Alpha(paired, all, c => Interval(c, ranks)), values is null ? null : Alpha(paired, all, c => Interval(c, values)));
    }

    private static double Mean(List<CountedUnits> units, Func<CountedUnits, double> of) => units.Sum(u => u.Times * of(u)) / units.Sum(u => (double)u.Times);

    /// <summary>Several judgements of the same thing by the same judge: mean share of agreeing pairs within an item, and share of items judged alike each time. Items judged once do not count.</summary>
    public static (int Items, double? Pairwise, double? Unanimous) SelfConsistency(IReadOnlyList<IReadOnlyList<string>> labels)
    {
        var items = labels.Where(l => l.Count >= 2).ToList();
        return items.Count == 0
            ? (0, null, null)
            : (items.Count, items.Average(l => l.CountBy(x => x).Sum(g => g.Value * (g.Value - 1.0)) / (l.Count * (l.Count - 1.0))), items.Average(l => l.Distinct().Count() == 1 ? 1.0 : 0));
    }

    private static double? Alpha(List<CountedUnits> units, List<double> all, Func<IReadOnlyList<double>, double> disagreement)
    {
        var expected = disagreement(all);
        if (expected <= 1e-12)
        {
            return null;
        }
        var n = all.Sum();
        var observed = units.Sum(u => u.Times * disagreement(u.Counts) / (u.Ratings - 1)) / n;
        return 1 - (observed / (expected / (n * (n - 1))));
    }

    private static double Nominal(IReadOnlyList<double> counts) => Squared(counts.Sum()) - counts.Sum(c => c * c);

    private static double Interval(IReadOnlyList<double> counts, IReadOnlyList<double> values)
    {
        var m = counts.Sum();
        var mean = counts.Zip(values).Sum(p => p.First * p.Second) / m;
        return 2 * m * counts.Zip(values).Sum(p => p.First * Squared(p.Second - mean));
    }

    private static double[] CountsOf(IReadOnlyList<string?> unit, Dictionary<string, int> index, int q)
    {
        var counts = new double[q];
        foreach (var rating in unit.OfType<string>())
        {
            counts[index.TryGetValue(rating, out var i) ? i : throw new ArgumentException($"The rating '{rating}' is none of the categories.", nameof(unit))]++;
        }
        return counts;
    }

    private static double? Corrected(double observed, double chance) => 1 - chance <= 1e-12 ? null : (observed - chance) / (1 - chance);

    private static double Weight(int i, int j, int q, AgreementWeights weights) => weights switch
    {
        AgreementWeights.None => i == j ? 1 : 0,
        AgreementWeights.Linear => q < 2 ? 1 : 1 - (Math.Abs(i - j) / (q - 1.0)),
        _ => q < 2 ? 1 : 1 - Squared((i - j) / (q - 1.0)),
    };

    private static double Squared(double x) => x * x;
}

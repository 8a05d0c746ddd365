namespace LLMEval.Core.Statistics;

/// <summary>How unsure a judge is of one item. All null where it gave no probabilities.</summary>
/// <param name="Entropy">In bits: 0 when sure, log₂ of the number of classes when it knows nothing.</param>
/// <param name="Margin">Likeliest − second likeliest class: 1 when sure, 0 when two are level. The lower, the less sure.</param>
/// <param name="LeastConfidence">1 − the likeliest class's probability: 0 when sure.</param>
public sealed record Uncertainty(double? Entropy, double? Margin, double? LeastConfidence);

/// <param name="Items">In the order given.</param>
/// <param name="Rank">Indexes of the items, most entropy first, level ones in the order given; those without probabilities last.</param>
public sealed record ActiveScores(IReadOnlyList<Uncertainty> Items, IReadOnlyList<int> Rank);

/// <param name="Probabilities">π by item in [0, 1], in the order given. Store it with each item drawn: without it the sample estimates nothing.</param>
/// <param name="Factor">c where π = min(1, max(floor, c·score)); null where no c was needed: see <see cref="ActiveLabelling.Inclusion"/>.</param>
public sealed record InclusionProbabilities(IReadOnlyList<double> Probabilities, double? Factor);

/// <summary>
/// What to label next (handbook 7 and 9). To improve a judge: <see cref="Scores"/>. To estimate a mean: <see cref="Inclusion"/>. The two queues stay apart; a fifth of each, at least, is drawn purely at
/// random. Nothing here is ever NaN.
/// </summary>
public static class ActiveLabelling
{
    /// <summary>Least π as a share of the average one (handbook 7): a judge that is sure and wrong must stay reachable.</summary>
    public const double DefaultFloorShare = 0.1;

    /// <summary>Uncertainty sampling: entropy, margin and least confidence of each item. No items give no ranks; one class is sure.</summary>
    /// <param name="probabilities">Items × classes, each in [0, 1], a row summing to 1 (not checked); an empty row where the judge gave none.</param>
    public static ActiveScores Scores(IReadOnlyList<IReadOnlyList<double>> probabilities)
    {
        var items = probabilities.Select(Score).ToList();
        // A permuted row sums to another last digit; level items must stay level.
        var rank = Enumerable.Range(0, items.Count).OrderByDescending(i => items[i].Entropy is { } entropy ? Math.Round(entropy, 12) : (double?)null);
        return new ActiveScores(items, [.. rank]);
    }

    /// <summary>
    /// Chances of being drawn that make the error of an estimated mean smallest: Σ score²/π least under Σ π = n and floor ≤ π ≤ 1 (Zrnic and Candès 2024; handbook 7 and appendix A).
    /// n at least the number of items: all 1. Where the floor alone spends n: all n / items. Where all unsure items fit into n: those 1, and those of score 0 share the rest.
    /// No items give no chances, n = 0 only zeros.
    /// </summary>
    /// <param name="scores">By item, 0 or more: the root of the expected squared error of the judge, from its confidence or from past errors by tag. Only ratios matter.</param>
    /// <param name="n">How many to draw on average, 0 or more.</param>
    /// <param name="floor">Least π in [0, 1]; null for <see cref="DefaultFloorShare"/> of n / items. At 0, items of score 0 may never be drawn and the mean of all cannot be estimated.</param>
    public static InclusionProbabilities Inclusion(IReadOnlyList<double> scores, int n, double? floor = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (scores.Any(s => !(s >= 0 && double.IsFinite(s))))
        {
            throw new ArgumentException("A score is a finite number of 0 or more.", nameof(scores));
        }
        var items = scores.Count;
        if (n >= items)
        {
            return Alike(items, 1);
        }
        var least = floor ?? DefaultFloorShare * n / items;
        if (!(least is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(floor), floor, "A chance lies in [0, 1].");
        }
        if (n <= least * items)
        {
            return Alike(items, n / (double)items);
        }
        var unsure = scores.Count(s => s > 0);
        var sure = items - unsure;
        if (unsure + (least * sure) <= n)
        {
            return new InclusionProbabilities([.. scores.Select(s => s > 0 ? 1 : (n - unsure) / (double)sure)], null);
        }
        double Chance(double score, double factor) => Math.Min(1, Math.Max(least, factor * score));
        var factor = Solve(c => scores.Sum(s => Chance(s, c)), n, Math.Min(double.MaxValue, 1 / scores.Where(s => s > 0).Min()));
        return new InclusionProbabilities([.. scores.Select(s => Chance(s, factor))], factor);
    }

    /// <summary>Of shares in [0, 1], in bits.</summary>
    internal static double Entropy(IReadOnlyList<double> shares) => shares.Sum(p => p > 0 ? -p * Math.Log2(p) : 0);

    private static Uncertainty Score(IReadOnlyList<double> row)
    {
        if (row.Any(p => p is not (>= 0 and <= 1)))
        {
            throw new ArgumentException("A probability lies in [0, 1].", nameof(row));
        }
        if (row.Count == 0)
        {
            return new Uncertainty(null, null, null);
        }
        var likeliest = row.OrderDescending().Append(0).Take(2).ToList();
        return new Uncertainty(Entropy(row), likeliest[0] - likeliest[1], 1 - likeliest[0]);
    }

    private static InclusionProbabilities Alike(int items, double chance) => new([.. Enumerable.Repeat(chance, items)], null);

    private static double Solve(Func<double, double> growing, double target, double high)
    {
        // A fixed number of halvings leaves a gap where scores differ by many orders of magnitude; neighbouring doubles end it always.
        var low = 0.0;
        for (var middle = high / 2; middle > low && middle < high; middle = low + ((high - low) / 2))
        {
            (low, high) = growing(middle) < target ? (middle, high) : (low, middle);
        }
        return high;
    }
}

namespace LLMEval.Core.Statistics;

/// <summary>What one person said of one item. A repeat by the same person is a second vote.</summary>
public readonly record struct Vote(string Item, string Annotator, string Label);

/// <param name="Count">Votes, n.</param>
/// <param name="Label">Null on a tie and at n = 0.</param>
/// <param name="Share">Of the votes, that of the most frequent class, tied or not: (0, 1]. Null at n = 0.</param>
/// <param name="Margin">(first − second most frequent) / n: 0 on a tie, 1 when unanimous or at n = 1. Null at n = 0.</param>
/// <param name="Entropy">Of the shares, in bits: 0 when unanimous, log₂ of the number of classes at most. Null at n = 0.</param>
/// <param name="Tie">Two classes or more are the most frequent.</param>
/// <param name="Adjudicate">A third person should look: tie, n &lt; 2, or margin &lt; <see cref="Aggregation.LeastMargin"/>.</param>
public sealed record MajorityResult(int Count, string? Label, double? Share, double? Margin, double? Entropy, bool Tie, bool Adjudicate);

/// <param name="Count">Votes weighed.</param>
/// <param name="Missing">Votes of people whose accuracy is not known: left out.</param>
/// <param name="Posterior">By class in the declared order, each in [0, 1], sum 1; null when no vote was weighed.</param>
/// <param name="Label">The likeliest class, of tied ones the first declared; null when no vote was weighed.</param>
public sealed record WeightedVoteResult(int Count, int Missing, IReadOnlyList<double>? Posterior, string? Label);

/// <param name="Count">Votes on the item, 1 or more.</param>
/// <param name="Posterior">By class in the declared order, each in [0, 1], sum 1; 0 and 1 where gold settles it.</param>
/// <param name="Label">The likeliest class, of tied ones the first declared.</param>
/// <param name="Adjudicate">The likeliest class has less than <see cref="Aggregation.LeastPosterior"/>: a third person should look.</param>
public sealed record ItemConsensus(string Item, int Count, IReadOnlyList<double> Posterior, string Label, bool Adjudicate);

/// <summary>How well one person labels. What nobody else's votes back is null: alone with their items, a person agrees with nobody but themselves.</summary>
/// <param name="Count">Votes, 1 or more.</param>
/// <param name="Accuracy">Chance of naming the true class, over classes as frequent as in the prior: [0, 1]. Null where the person shares no item with another, so always with one annotator.</param>
/// <param name="Confusion">q × q: row the true class, column the one named, in the declared order; rows sum to 1. Null where <paramref name="Accuracy"/> is.</param>
public sealed record AnnotatorQuality(string Name, int Count, double? Accuracy, IReadOnlyList<IReadOnlyList<double>>? Confusion);

/// <param name="Items">In the order of their first votes; empty at n = 0.</param>
/// <param name="Annotators">In the order of their first votes; empty at n = 0.</param>
/// <param name="Prior">Estimated share of each class in the declared order, sum 1. Null at n = 0.</param>
/// <param name="Iterations">Rounds of EM; 0 at n = 0.</param>
/// <param name="Status"><c>ok</c>; <c>empty</c> without votes; <c>one_annotator</c>: the posteriors echo the votes; <c>not_converged</c>: stopped at the greatest number of rounds.</param>
public sealed record DawidSkeneResult(IReadOnlyList<ItemConsensus> Items, IReadOnlyList<AnnotatorQuality> Annotators, IReadOnlyList<double>? Prior, int Iterations, string Status);

/// <summary>
/// One label out of several people's (handbook 9). <see cref="Majority"/> for up to 2 labels an item, fewer than 3 annotators or fewer than 20 items an annotator; otherwise
/// <see cref="DawidSkene"/>. Nothing here is ever NaN: what has no value is null. A label that is none of the classes throws.
/// </summary>
public static class Aggregation
{
    /// <summary>A majority by a smaller margin is adjudicated (handbook, appendix C).</summary>
    public const double LeastMargin = 1.0 / 3;

    /// <summary>A posterior below is adjudicated (handbook 9).</summary>
    public const double LeastPosterior = 0.8;

    /// <summary>What EM adds to each count (handbook, appendix C): a person never seen to err may err.</summary>
    public const double DefaultSmoothing = 0.01;

    // The same sum taken in two orders may differ by this much: not enough to call one class likelier.
    private const double Slack = 1e-12;

    private const double LeastAccuracy = 0.01;

    /// <summary>The most frequent label of one item (handbook 9). n = 0 and n = 1 are adjudicated.</summary>
    /// <param name="labels">n votes, in any order.</param>
    /// <param name="classes">All that could have been chosen, one or more.</param>
    public static MajorityResult Majority(IReadOnlyList<string> labels, IReadOnlyList<string> classes)
    {
        var index = Index(classes);
        var n = labels.Count;
        var counts = new int[classes.Count];
        foreach (var label in labels)
        {
            counts[ClassOf(label, index)]++;
        }
        if (n == 0)
        {
            return new MajorityResult(0, null, null, null, null, false, true);
        }
        var most = counts.Max();
        var first = Array.IndexOf(counts, most);
        var second = counts.Where((_, i) => i != first).DefaultIfEmpty(0).Max();
        var tie = most == second;
        var margin = (most - second) / (double)n;
        var entropy = ActiveLabelling.Entropy([.. counts.Select(c => c / (double)n)]);
        return new MajorityResult(n, tie ? null : classes[first], most / (double)n, margin, entropy, tie, tie || n < 2 || margin < LeastMargin);
    }

    /// <summary>
    /// The label of one item by log-odds with known accuracies (Nitzan and Paroush 1982), all classes equally frequent beforehand; a person's errors spread evenly over the other classes.
    /// n = 1 follows the only vote, unless that person does worse than chance. With one class the posterior is 1.
    /// </summary>
    /// <param name="votes">(annotator, label) of one item.</param>
    /// <param name="accuracy">In [0, 1] by annotator, clipped to [0.01, 0.99]: nobody is believed against everybody else. Not a number counts as not known.</param>
    /// <param name="classes">All that could have been chosen, one or more.</param>
    public static WeightedVoteResult WeightedVote(IReadOnlyList<(string Annotator, string Label)> votes, IReadOnlyDictionary<string, double> accuracy, IReadOnlyList<string> classes)
    {
        var index = Index(classes);
        var logs = new double[classes.Count];
        var weighed = 0;
        foreach (var (annotator, label) in votes)
        {
            var named = ClassOf(label, index);
            if (!accuracy.TryGetValue(annotator, out var known) || double.IsNaN(known))
            {
                continue;
            }
            weighed++;
            var right = Math.Clamp(known, LeastAccuracy, 1 - LeastAccuracy);
            for (var k = 0; k < logs.Length; k++)
            {
                logs[k] += Math.Log(k == named ? right : (1 - right) / (logs.Length - 1));
            }
        }
        if (weighed == 0)
        {
            return new WeightedVoteResult(0, votes.Count, null, null);
        }
        var posterior = Normalised(logs);
        return new WeightedVoteResult(weighed, votes.Count - weighed, posterior, classes[Likeliest(posterior)]);
    }

    /// <summary>
    /// True labels and people's confusions together, by EM (Dawid and Skene 1979). Two votes an item or fewer hardly tell people apart; a person whose votes nobody else's back has no accuracy.
    /// n = 1 echoes the vote.
    /// </summary>
    /// <param name="votes">Items × annotators with gaps, in any order.</param>
    /// <param name="classes">All that could have been chosen, one or more, in the order in which posteriors, prior and confusions list them and ties are settled.</param>
    /// <param name="gold">Known labels by item; they stay as they are and teach the confusions. Items without votes are ignored.</param>
    /// <param name="smoothing">Added to each count, above 0.</param>
    /// <param name="maxIterations">1 or more.</param>
    /// <param name="tolerance">Stops when no posterior moved by as much.</param>
    public static DawidSkeneResult DawidSkene(
        IReadOnlyList<Vote> votes, IReadOnlyList<string> classes, IReadOnlyDictionary<string, string>? gold = null, double smoothing = DefaultSmoothing, int maxIterations = 200, double tolerance = 1e-9)
    {
        if (Fit(votes, classes, gold, smoothing, maxIterations, tolerance) is not { } fit)
        {
            return new DawidSkeneResult([], [], null, 0, "empty");
        }
        var votesOn = votes.CountBy(v => v.Item).ToDictionary();
        var votesBy = votes.CountBy(v => v.Annotator).ToDictionary();
        var backed = votes.GroupBy(v => v.Item).Select(g => g.Select(v => v.Annotator).Distinct().ToList()).Where(people => people.Count > 1).SelectMany(people => people).ToHashSet();
        return new DawidSkeneResult(
            [.. fit.Items.Select((item, i) =>
            {
                var likeliest = Likeliest(fit.Posterior[i]);
                return new ItemConsensus(item, votesOn[item], fit.Posterior[i], classes[likeliest], fit.Posterior[i][likeliest] < LeastPosterior - Slack);
            })],
            [.. fit.Annotators.Select((name, a) => backed.Contains(name)
                ? new AnnotatorQuality(name, votesBy[name], fit.Accuracy(a), fit.Confusion[a])
                : new AnnotatorQuality(name, votesBy[name], null, null))],
            fit.Prior, fit.Iterations, fit.Annotators.Count == 1 ? "one_annotator" : fit.Converged ? "ok" : "not_converged");
    }

    /// <summary>Also what <see cref="DawidSkene"/> keeps back. Null at n = 0.</summary>
    internal static DawidSkeneFit? Fit(
        IReadOnlyList<Vote> votes, IReadOnlyList<string> classes, IReadOnlyDictionary<string, string>? gold, double smoothing, int maxIterations, double tolerance)
    {
        if (!(smoothing > 0 && double.IsFinite(smoothing)))
        {
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "Without smoothing a class that nobody voted for has no row in a confusion.");
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIterations, 1);
        var index = Index(classes);
        List<string> items = [.. votes.Select(v => v.Item).Distinct()], annotators = [.. votes.Select(v => v.Annotator).Distinct()];
        var (itemAt, annotatorAt) = (Index(items), Index(annotators));
        var cast = votes.Select(v => (Item: itemAt[v.Item], Annotator: annotatorAt[v.Annotator], Label: ClassOf(v.Label, index))).ToLookup(v => v.Item, v => (v.Annotator, v.Label));
        if (items.Count == 0)
        {
            return null;
        }
        var clamped = items.ConvertAll(item => gold is not null && gold.TryGetValue(item, out var known) ? ClassOf(known, index) : (int?)null);
        var posterior = items.Select((_, i) => Start(cast[i], clamped[i], classes.Count)).ToArray();
        for (var iteration = 1; ; iteration++)
        {
            var (prior, confusion) = Maximised(posterior, cast, annotators.Count, smoothing);
            var moved = 0.0;
            for (var i = 0; i < posterior.Length; i++)
            {
                if (clamped[i] is null)
                {
                    var next = Expected(prior, confusion, cast[i]);
                    moved = Math.Max(moved, next.Zip(posterior[i], (after, before) => Math.Abs(after - before)).Max());
                    posterior[i] = next;
                }
            }
            if (moved < tolerance || iteration == maxIterations)
            {
                return new DawidSkeneFit(items, annotators, posterior, prior, confusion, iteration, moved < tolerance);
            }
        }
    }

    private static double[] Start(IEnumerable<(int Annotator, int Label)> votes, int? gold, int classes)
    {
        var shares = new double[classes];
        var labels = gold is { } known ? [known] : votes.Select(v => v.Label).ToList();
        labels.ForEach(label => shares[label] += 1.0 / labels.Count);
        return shares;
    }

    private static (double[] Prior, double[][][] Confusion) Maximised(double[][] posterior, ILookup<int, (int Annotator, int Label)> cast, int annotators, double smoothing)
    {
        var q = posterior[0].Length;
        double[] Row() => [.. Enumerable.Repeat(smoothing, q)];
        var prior = Row();
        var confusion = Enumerable.Range(0, annotators).Select(_ => Enumerable.Range(0, q).Select(_ => Row()).ToArray()).ToArray();
        for (var i = 0; i < posterior.Length; i++)
        {
            for (var k = 0; k < q; k++)
            {
                prior[k] += posterior[i][k];
                foreach (var (annotator, label) in cast[i])
                {
                    confusion[annotator][k][label] += posterior[i][k];
                }
            }
        }
        return (Shares(prior), [.. confusion.Select(rows => rows.Select(Shares).ToArray())]);
    }

    private static double[] Expected(double[] prior, double[][][] confusion, IEnumerable<(int Annotator, int Label)> votes) =>
        Normalised([.. prior.Select((p, k) => Math.Log(p) + votes.Sum(v => Math.Log(confusion[v.Annotator][k][v.Label])))]);

    private static double[] Normalised(double[] logs)
    {
        // Products of hundreds of votes underflow; only their ratios matter.
        var greatest = logs.Max();
        return Shares([.. logs.Select(l => Math.Exp(l - greatest))]);
    }

    private static double[] Shares(double[] weights)
    {
        var total = weights.Sum();
        return [.. weights.Select(w => w / total)];
    }

    private static int Likeliest(double[] posterior)
    {
        var greatest = posterior.Max();
        return Array.FindIndex(posterior, p => p >= greatest - Slack);
    }

    private static Dictionary<string, int> Index(IReadOnlyList<string> names) => names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i);

    private static int ClassOf(string label, Dictionary<string, int> index) => index.TryGetValue(label, out var i) ? i : throw new ArgumentException($"The label '{label}' is none of the classes.", nameof(label));
}

/// <param name="Posterior">Items × classes.</param>
/// <param name="Confusion">Annotators × true classes × named classes.</param>
internal sealed record DawidSkeneFit(
    IReadOnlyList<string> Items, IReadOnlyList<string> Annotators, double[][] Posterior, double[] Prior, double[][][] Confusion, int Iterations, bool Converged)
{
    public double Accuracy(int annotator) => Prior.Select((p, k) => p * Confusion[annotator][k][k]).Sum();
}

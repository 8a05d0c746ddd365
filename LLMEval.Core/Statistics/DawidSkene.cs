namespace LLMEval.Core.Statistics;

/// <param name="Posterior">Of each item, the probability of each class in their declared order.</param>
/// <param name="Labels">Of each item, the likeliest class; of equally likely ones the first in the declared order.</param>
/// <param name="Accuracy">Of each annotator, the probability that they say what is true. With one annotator it only echoes the votes: never show it then.</param>
public sealed record DawidSkeneResult(IReadOnlyDictionary<string, double[]> Posterior, IReadOnlyDictionary<string, string> Labels, double[] Prior, IReadOnlyDictionary<string, double> Accuracy);

/// <summary>
/// What is true of each item, from what several people say who are right to different degrees: expectation–maximisation over everybody's confusion matrix (Dawid and Skene 1979; handbook 9).
/// Nothing at no votes; at one annotator the posterior echoes the votes.
/// </summary>
public static class DawidSkene
{
    /// <summary>A posterior below this is not enough to settle an item.</summary>
    public const double Confident = 0.8;

    /// <summary>Below these the majority is as good, and steadier.</summary>
    public const int LeastAnnotators = 3;
    public const int LeastItemsEach = 20;
    private const double Smoothing = 0.01;
    private const double Enough = 1e-9;
    private const int MostSteps = 200;

    /// <param name="votes">Who said what of which item; each person once of each item.</param>
    /// <param name="classes">All that could have been said.</param>
    /// <param name="gold">Items whose class is known; they stay at it.</param>
    public static DawidSkeneResult Of(IReadOnlyList<(string Item, string Annotator, string Label)> votes, IReadOnlyList<string> classes, IReadOnlyDictionary<string, string>? gold = null)
    {
        var k = classes.Count;
        var classOf = classes.Select((c, i) => (c, i)).ToDictionary(p => p.c, p => p.i);
        var items = votes.Select(v => v.Item).Distinct().ToList();
        var annotators = votes.Select(v => v.Annotator).Distinct().ToList();
        var itemOf = items.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i);
        var annotatorOf = annotators.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i);
        var said = votes.Select(v => (Item: itemOf[v.Item], Annotator: annotatorOf[v.Annotator], Class: classOf[v.Label])).ToList();
        var known = gold?.Where(g => itemOf.ContainsKey(g.Key)).ToDictionary(g => itemOf[g.Key], g => classOf[g.Value]) ?? [];
        var truth = Shares(said, items.Count, k);
        Clamp(truth, known);
        var prior = new double[k];
        var confusion = new double[annotators.Count, k, k];
        for (var step = 0; step < MostSteps && items.Count > 0; step++)
        {
            Maximise(said, truth, prior, confusion);
            var next = Expect(said, items.Count, prior, confusion);
            Clamp(next, known);
            var moved = next.Zip(truth).Max(p => p.First.Zip(p.Second).Max(q => Math.Abs(q.First - q.Second)));
            truth = next;
            if (moved < Enough)
            {
                break;
            }
        }
        return new DawidSkeneResult(
            items.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => truth[p.i]), items.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => classes[Array.IndexOf(truth[p.i], truth[p.i].Max())]), prior,
            annotators.Select((name, a) => (name, a)).ToDictionary(p => p.name, p => Enumerable.Range(0, k).Sum(c => prior[c] * confusion[p.a, c, c])));
    }

    private static double[][] Shares(List<(int Item, int Annotator, int Class)> said, int items, int k)
    {
        var shares = Enumerable.Range(0, items).Select(_ => new double[k]).ToArray();
        foreach (var vote in said)
        {
            shares[vote.Item][vote.Class]++;
        }
        return [.. shares.Select(s => Normalised(s))];
    }

    private static void Maximise(List<(int Item, int Annotator, int Class)> said, double[][] truth, double[] prior, double[,,] confusion)
    {
        var k = prior.Length;
        var totals = Normalised([.. Enumerable.Range(0, k).Select(c => truth.Sum(t => t[c]) + Smoothing)]);
        totals.CopyTo(prior, 0);
        for (var a = 0; a < confusion.GetLength(0); a++)
        {
            for (var c = 0; c < k * k; c++)
            {
                confusion[a, c / k, c % k] = Smoothing;
            }
        }
        foreach (var vote in said)
        {
            for (var c = 0; c < k; c++)
            {
                confusion[vote.Annotator, c, vote.Class] += truth[vote.Item][c];
            }
        }
        for (var a = 0; a < confusion.GetLength(0); a++)
        {
            for (var c = 0; c < k; c++)
            {
                var sum = Enumerable.Range(0, k).Sum(o => confusion[a, c, o]);
                for (var o = 0; o < k; o++)
                {
                    confusion[a, c, o] /= sum;
                }
            }
        }
    }

    // In logarithms, less the largest: products of many small numbers would be zero.
    private static double[][] Expect(List<(int Item, int Annotator, int Class)> said, int items, double[] prior, double[,,] confusion)
    {
        var logs = Enumerable.Range(0, items).Select(_ => prior.Select(p => Math.Log(p)).ToArray()).ToArray();
        foreach (var vote in said)
        {
            for (var c = 0; c < prior.Length; c++)
            {
                logs[vote.Item][c] += Math.Log(confusion[vote.Annotator, c, vote.Class]);
            }
        }
        return [.. logs.Select(l => Probabilities(l))];
    }

    private static double[] Probabilities(double[] logs)
    {
        var largest = logs.Max();
        return Normalised([.. logs.Select(x => Math.Exp(x - largest))]);
    }

    private static void Clamp(double[][] truth, Dictionary<int, int> known)
    {
        foreach (var (item, c) in known)
        {
            truth[item] = [.. Enumerable.Range(0, truth[item].Length).Select(i => i == c ? 1.0 : 0)];
        }
    }

    private static double[] Normalised(double[] weights)
    {
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}

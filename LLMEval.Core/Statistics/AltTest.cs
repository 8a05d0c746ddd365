namespace LLMEval.Core.Statistics;

/// <param name="JudgeShare">Share of items on which the judge agrees with the others at least as well as this person does.</param>
/// <param name="P">One-sided p value of: this person is better than the judge by epsilon or more.</param>
public sealed record AltTestAnnotator(string Name, int Count, double JudgeShare, double HumanShare, double P);

/// <param name="WinningRate">Share of the people whom the judge may replace; 0.5 or more passes. Null when nobody had enough items.</param>
/// <param name="Advantage">Mean of <see cref="AltTestAnnotator.JudgeShare"/>.</param>
public sealed record AltTestResult(double? WinningRate, double? Advantage, IReadOnlyList<AltTestAnnotator> Annotators);

/// <summary>The alternative annotator test of Calderon, Reichart and Dror 2025 (arXiv:2501.10970): may a judge replace a person? Each person is left out in turn and compared with the judge on how well they agree with the rest.</summary>
public static class AltTest
{
    /// <param name="humans">Ratings by person and item.</param>
    /// <param name="judge">Ratings by item.</param>
    /// <param name="agreement">Of one rating with those of the others: the higher, the better.</param>
    /// <param name="epsilon">What a person costs more: 0.2 for experts, 0.15 for the skilled, 0.1 for a crowd.</param>
    /// <param name="falseDiscoveryRate">For Benjamini and Yekutieli's procedure over the people.</param>
    /// <param name="leastItems">People with fewer common items are left out.</param>
    public static AltTestResult Run<T>(
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, T>> humans, IReadOnlyDictionary<string, T> judge, Func<T, IReadOnlyList<T>, double> agreement, double epsilon, double falseDiscoveryRate, int leastItems)
    {
        var annotators = new List<AltTestAnnotator>();
        foreach (var (name, ratings) in humans)
        {
            var wins = new List<(double Judge, double Human)>();
            foreach (var (item, rating) in ratings)
            {
                var others = humans.Where(h => h.Key != name && h.Value.ContainsKey(item)).Select(h => h.Value[item]).ToList();
                if (others.Count > 0 && judge.TryGetValue(item, out var judged))
                {
                    var (byJudge, byHuman) = (agreement(judged, others), agreement(rating, others));
                    wins.Add((byJudge >= byHuman ? 1 : 0, byHuman >= byJudge ? 1 : 0));
                }
            }
            if (wins.Count >= Math.Max(2, leastItems))
            {
                annotators.Add(new AltTestAnnotator(name, wins.Count, wins.Average(w => w.Judge), wins.Average(w => w.Human), OneSided(wins.ConvertAll(w => w.Human - w.Judge), epsilon)));
            }
        }
        return annotators.Count == 0
            ? new AltTestResult(null, null, [])
            : new AltTestResult(Rejected([.. annotators.Select(a => a.P).Order()], falseDiscoveryRate) / (double)annotators.Count, annotators.Average(a => a.JudgeShare), annotators);
    }

    private static double OneSided(List<double> differences, double epsilon)
    {
        var n = differences.Count;
        var mean = differences.Average();
        var deviation = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1));
        if (deviation == 0)
        {
            return mean < epsilon ? 0 : 1;
        }
        var t = (mean - epsilon) / (deviation / Math.Sqrt(n));
        var twoSided = Distributions.TTwoSided(t, n - 1);
        return t < 0 ? twoSided / 2 : 1 - (twoSided / 2);
    }

    private static int Rejected(List<double> ascending, double rate)
    {
        var m = ascending.Count;
        var harmonic = Enumerable.Range(1, m).Sum(i => 1.0 / i);
        return Enumerable.Range(1, m).LastOrDefault(k => ascending[k - 1] <= k * rate / (m * harmonic));
    }
}

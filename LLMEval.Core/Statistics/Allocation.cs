namespace LLMEval.Core.Statistics;

/// <summary>How a sample is divided among strata.</summary>
public static class Allocation
{
    private const int RemainderDigits = 9;

    /// <summary>
    /// Neyman's allocation: n_h in proportion to N_h·S_h/√c_h (Neyman 1934; Cochran, Sampling Techniques, 5.5), at least <paramref name="minPer"/> and at most N_h each, whole numbers by largest remainders.
    /// The least is dropped where <paramref name="n"/> does not reach for it; where no weight is left all strata count equally.
    /// </summary>
    /// <param name="sizes">N_h ≥ 0.</param>
    /// <param name="n">How many in all, at least 0; more than there are gives all.</param>
    /// <param name="spreads">S_h ≥ 0, standard deviations; null makes it proportional to size.</param>
    /// <param name="costs">c_h &gt; 0, what one item costs; null for equal costs.</param>
    public static IReadOnlyList<int> Allocate(IReadOnlyList<int> sizes, int n, IReadOnlyList<double>? spreads = null, IReadOnlyList<double>? costs = null, int minPer = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var total = Math.Min(n, sizes.Sum());
        var least = sizes.Select(size => Math.Min(minPer, size)).ToArray();
        if (least.Sum() > total)
        {
            Array.Clear(least);
        }
        var weights = sizes.Select((size, h) => size * (spreads?[h] ?? 1) / Math.Sqrt(costs?[h] ?? 1)).ToArray();
        var given = new double[sizes.Count];
        var open = Enumerable.Range(0, sizes.Count).ToList();
        var left = (double)total;
        while (open.Count > 0)
        {
            var weight = open.Sum(h => weights[h]);
            foreach (var h in open)
            {
                given[h] = weight > 0 ? left * weights[h] / weight : left / open.Count;
            }
            // Only the side that misses by more is sure to stay at its bound; fixing the other first could give more than n away.
            var over = open.Sum(h => Math.Max(0, given[h] - sizes[h]));
            var under = open.Sum(h => Math.Max(0, least[h] - given[h]));
            var (bounds, fixedNow) = over >= under
                ? (sizes, open.Where(h => given[h] > sizes[h]).ToList())
                : (least, open.Where(h => given[h] < least[h]).ToList());
            if (fixedNow.Count == 0)
            {
                break;
            }
            foreach (var h in fixedNow)
            {
                given[h] = bounds[h];
                left -= bounds[h];
                open.Remove(h);
            }
            left = Math.Max(0, left);
        }
        var whole = given.Select(g => (int)Math.Floor(Math.Round(g, RemainderDigits))).ToArray();
        foreach (var h in Enumerable.Range(0, sizes.Count).OrderByDescending(h => Math.Round(given[h] - whole[h], RemainderDigits)).Where(h => whole[h] < sizes[h]).Take(Math.Max(0, total - whole.Sum())).ToList())
        {
            whole[h]++;
        }
        return whole;
    }

    /// <summary>The standard deviation of a 0/1 metric seen <paramref name="k"/> times in <paramref name="n"/>, shrunk towards ½ so that an all-good stratum keeps a share: √(p̃(1−p̃)), p̃ = (k+1)/(n+2). ½ at n = 0; 0.47 at n = 1.</summary>
    public static double ShrunkSd(int k, int n)
    {
        var p = (k + 1.0) / (n + 2);
        return Math.Sqrt(p * (1 - p));
    }
}

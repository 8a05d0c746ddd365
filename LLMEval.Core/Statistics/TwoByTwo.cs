using MathNet.Numerics;

namespace LLMEval.Core.Statistics;

/// <summary>Fisher's exact test of bad answers before and after, with the difference's interval and the odds ratio.</summary>
/// <param name="Improved">One-sided: the rate fell. 1 where a side is empty.</param>
/// <param name="Difference">Rate after less rate before, −1 to 1; null where a side is empty.</param>
/// <param name="Low">Of the difference, by Newcombe; −1 and 1 where a side is empty.</param>
/// <param name="OddsRatio">After over before, with half an answer added to each cell (Haldane); null where a side is empty.</param>
public sealed record FisherTest(
    double Improved, double ImprovedMid, double Worse, double TwoSided, double? Difference, double Low, double High, double? OddsRatio, double? OddsRatioLow, double? OddsRatioHigh);

/// <summary>Two rates of bad answers, before and after a change, compared exactly (handbook 6.5).</summary>
public static class TwoByTwo
{
    private const int Grid = 1000;

    /// <param name="badBefore">0 to <paramref name="before"/>.</param>
    /// <param name="badAfter">0 to <paramref name="after"/>.</param>
    public static FisherTest Fisher(int badBefore, int before, int badAfter, int after, double level = Estimate.DefaultLevel)
    {
        Check(badBefore, before, badAfter, after);
        var difference = Comparison.NewcombeIndependent(badAfter, after, badBefore, before, level);
        if (before == 0 || after == 0)
        {
            return new FisherTest(1, 1, 1, 1, null, -1, 1, null, null, null);
        }
        var pmf = ConditionalPmf(badBefore + badAfter, before, after, out var least);
        var observed = pmf[badBefore - least];
        var improved = Math.Min(1, pmf[(badBefore - least)..].Sum());
        var worse = Math.Min(1, pmf[..(badBefore - least + 1)].Sum());
        var twoSided = Math.Min(1, pmf.Where(p => p <= observed * (1 + 1e-7)).Sum());
        double[] cells = [badAfter + 0.5, after - badAfter + 0.5, badBefore + 0.5, before - badBefore + 0.5];
        var logOdds = Math.Log(cells[0] * cells[3] / (cells[1] * cells[2]));
        var half = Distributions.NormalCritical(level) * Math.Sqrt(cells.Sum(c => 1 / c));
        return new FisherTest(
            improved, improved - (observed / 2), worse, twoSided, difference.Value, difference.Low ?? -1, difference.High ?? 1, Math.Exp(logOdds), Math.Exp(logOdds - half), Math.Exp(logOdds + half));
    }

    /// <summary>Boschloo 1970: the greatest chance, over the common rate, of a table at least as extreme by Fisher's p. Exact, and more powerful than Fisher's everywhere. One-sided p that the rate fell; 1 where a side is empty. O(grid · before · after).</summary>
    public static double Boschloo(int badBefore, int before, int badAfter, int after)
    {
        Check(badBefore, before, badAfter, after);
        if (before == 0 || after == 0)
        {
            return 1;
        }
        var tails = new double[before + 1, after + 1];
        for (var bad = 0; bad <= before + after; bad++)
        {
            var pmf = ConditionalPmf(bad, before, after, out var least);
            var tail = 0.0;
            for (var i = pmf.Length - 1; i >= 0; i--)
            {
                tail += pmf[i];
                tails[least + i, bad - least - i] = Math.Min(1, tail);
            }
        }
        var observed = tails[badBefore, badAfter];
        return Greatest(before, after, (x, y) => tails[x, y] <= observed + 1e-9);
    }

    /// <summary>Barnard 1945 with the pooled z as statistic: the greatest chance, over the common rate, of a z at least as great. One-sided p that the rate fell; 1 and z 0 where a side is empty.</summary>
    public static (double Z, double Improved) Barnard(int badBefore, int before, int badAfter, int after)
    {
        Check(badBefore, before, badAfter, after);
        if (before == 0 || after == 0)
        {
            return (0, 1);
        }
        var observed = PooledZ(badBefore, before, badAfter, after);
        return (observed, Greatest(before, after, (x, y) => PooledZ(x, before, y, after) >= observed - 1e-9));
    }

    private static double PooledZ(int badBefore, int before, int badAfter, int after)
    {
        var pooled = (double)(badBefore + badAfter) / (before + after);
        var variance = pooled * (1 - pooled) * ((1.0 / before) + (1.0 / after));
        return variance <= 0 ? 0 : (((double)badBefore / before) - ((double)badAfter / after)) / Math.Sqrt(variance);
    }

    /// <summary>The greatest probability of the region over a common rate of 1/1000 to 999/1000.</summary>
    private static double Greatest(int before, int after, Func<int, int, bool> isExtreme)
    {
        // Of each row the region's cells, so that the grid multiplies one row sum at a time.
        var region = Enumerable.Range(0, before + 1).Select(x => Enumerable.Range(0, after + 1).Where(y => isExtreme(x, y)).ToArray()).ToArray();
        var greatest = 0.0;
        for (var step = 1; step < Grid; step++)
        {
            var rate = (double)step / Grid;
            var (ofBefore, ofAfter) = (Pmf(before, rate), Pmf(after, rate));
            var sum = 0.0;
            for (var x = 0; x <= before; x++)
            {
                var row = 0.0;
                foreach (var y in region[x])
                {
                    row += ofAfter[y];
                }
                sum += ofBefore[x] * row;
            }
            greatest = Math.Max(greatest, sum);
        }
        return Math.Min(1, greatest);
    }

    private static double[] Pmf(int n, double rate)
    {
        var (bad, good) = (Math.Log(rate), Math.Log(1 - rate));
        return [.. Enumerable.Range(0, n + 1).Select(k => Math.Exp(LogChoose(n, k) + (k * bad) + ((n - k) * good)))];
    }

    /// <summary>Of the bad answers before, given how many are bad in all; <paramref name="least"/> is the count that the first element stands for.</summary>
    private static double[] ConditionalPmf(int bad, int before, int after, out int least)
    {
        var from = Math.Max(0, bad - after);
        least = from;
        var all = LogChoose(before + after, bad);
        return [.. Enumerable.Range(from, Math.Min(bad, before) - from + 1).Select(x => Math.Exp(LogChoose(before, x) + LogChoose(after, bad - x) - all))];
    }

    private static double LogChoose(int n, int k) => SpecialFunctions.FactorialLn(n) - SpecialFunctions.FactorialLn(k) - SpecialFunctions.FactorialLn(n - k);

    private static void Check(int badBefore, int before, int badAfter, int after)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(badBefore);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(badBefore, before);
        ArgumentOutOfRangeException.ThrowIfNegative(badAfter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(badAfter, after);
    }
}

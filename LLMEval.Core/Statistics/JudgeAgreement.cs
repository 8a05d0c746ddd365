namespace LLMEval.Core.Statistics;

/// <summary>A judge's yes and no against people's. Null where a denominator is zero; the intervals are Wilson's, [0, 1] at n = 0.</summary>
public sealed record Confusion(int Count, double? Accuracy, Estimate Sensitivity, Estimate Specificity, double? Ppv, double? Npv, double? F1, double? Mcc, double? BalancedAccuracy, double? Youden, double? PrevalenceHuman, double? PrevalenceJudge);

/// <summary>Two series of scores of the same things. Correlations are null for n &lt; 3 and where a side is constant; the interval of Pearson's needs n &gt; 3.</summary>
public sealed record Correlations(int Count, double? Pearson, double? PearsonLow, double? PearsonHigh, double? Spearman, double? KendallB, double? Rmse, double? Mae);

/// <param name="Bias">Mean of judge − human; a correlation hides it.</param>
public sealed record BlandAltman(int Count, double? Bias, double? StandardDeviation, double? BiasLow, double? BiasHigh, double? LimitLow, double? LimitHigh);

/// <summary>Does a judge agree with people (handbook 4.1)?</summary>
public static class JudgeAgreement
{
    public static Confusion Confusion(int truePositive, int falsePositive, int falseNegative, int trueNegative, double level = Estimate.DefaultLevel)
    {
        var (tp, fp, fn, tn) = ((double)truePositive, (double)falsePositive, (double)falseNegative, (double)trueNegative);
        var n = tp + fp + fn + tn;
        var (sensitivity, specificity) = (Ratio(tp, tp + fn), Ratio(tn, tn + fp));
        return new Confusion(
            (int)n, Ratio(tp + tn, n), Intervals.Wilson(tp, tp + fn, level), Intervals.Wilson(tn, tn + fp, level), Ratio(tp, tp + fp), Ratio(tn, tn + fn), Ratio(2 * tp, (2 * tp) + fp + fn),
            Ratio((tp * tn) - (fp * fn), Math.Sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))), (sensitivity + specificity) / 2, sensitivity + specificity - 1, Ratio(tp + fn, n), Ratio(tp + fp, n));
    }

    /// <summary>Pairs with a gap on either side are left out.</summary>
    public static Correlations Correlate(IReadOnlyList<double?> x, IReadOnlyList<double?> y, double level = Estimate.DefaultLevel)
    {
        var pairs = x.Zip(y).Where(p => p.First is not null && p.Second is not null).Select(p => (X: p.First!.Value, Y: p.Second!.Value)).ToList();
        var n = pairs.Count;
        double? rmse = n == 0 ? null : Math.Sqrt(pairs.Average(p => (p.X - p.Y) * (p.X - p.Y)));
        double? mae = n == 0 ? null : pairs.Average(p => Math.Abs(p.X - p.Y));
        var (xs, ys) = (pairs.ConvertAll(p => p.X), pairs.ConvertAll(p => p.Y));
        if (n < 3 || xs.Distinct().Count() < 2 || ys.Distinct().Count() < 2)
        {
            return new Correlations(n, null, null, null, null, null, rmse, mae);
        }
        var pearson = Pearson(xs, ys);
        double? low = null, high = null;
        if (n > 3)
        {
            var half = Distributions.NormalQuantile((1 + level) / 2) / Math.Sqrt(n - 3);
            (low, high) = (Math.Tanh(Math.Atanh(pearson) - half), Math.Tanh(Math.Atanh(pearson) + half));
        }
        return new Correlations(n, pearson, low, high, Pearson(Ranks(xs), Ranks(ys)), KendallB(pairs), rmse, mae);
    }

    /// <summary>Bland and Altman 1986: bias with a t interval, and the limits within which 95 % of the differences lie. One pair has a bias and nothing else.</summary>
    public static BlandAltman Differences(IReadOnlyList<double> judge, IReadOnlyList<double> human, double level = Estimate.DefaultLevel)
    {
        var differences = judge.Zip(human).Select(p => p.First - p.Second).ToList();
        var n = differences.Count;
        if (n == 0)
        {
            return new BlandAltman(0, null, null, null, null, null, null);
        }
        var bias = differences.Average();
        if (n == 1)
        {
            return new BlandAltman(1, bias, null, null, null, null, null);
        }
        var deviation = Math.Sqrt(differences.Sum(d => (d - bias) * (d - bias)) / (n - 1));
        var half = Distributions.TQuantile((1 + level) / 2, n - 1) * deviation / Math.Sqrt(n);
        var limit = Distributions.NormalQuantile((1 + level) / 2) * deviation;
        return new BlandAltman(n, bias, deviation, bias - half, bias + half, bias - limit, bias + limit);
    }

    private static double? Ratio(double part, double whole) => whole > 0 ? part / whole : null;

    private static double Pearson(List<double> x, List<double> y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        var (sxx, syy) = (x.Sum(v => (v - meanX) * (v - meanX)), y.Sum(v => (v - meanY) * (v - meanY)));
        // Rounding may leave the range by a hair.
        return Math.Clamp(x.Zip(y).Sum(p => (p.First - meanX) * (p.Second - meanY)) / Math.Sqrt(sxx * syy), -1, 1);
    }

    private static List<double> Ranks(List<double> values)
    {
        var sorted = values.Order().ToList();
        return values.ConvertAll(v => (sorted.FindIndex(s => s == v) + sorted.FindLastIndex(s => s == v)) / 2.0);
    }

    private static double? KendallB(List<(double X, double Y)> pairs)
    {
        double score = 0, untiedX = 0, untiedY = 0;
        for (var i = 0; i < pairs.Count; i++)
        {
            for (var j = i + 1; j < pairs.Count; j++)
            {
                var (dx, dy) = (Math.Sign(pairs[i].X - pairs[j].X), Math.Sign(pairs[i].Y - pairs[j].Y));
                score += dx * dy;
                untiedX += Math.Abs(dx);
                untiedY += Math.Abs(dy);
            }
        }
        return Ratio(score, Math.Sqrt(untiedX * untiedY));
    }
}

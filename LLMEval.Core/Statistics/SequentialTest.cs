namespace LLMEval.Core.Statistics;

public enum SequentialVerdict { Undecided, Reproduces, Fixed }

/// <param name="LogLikelihoodRatio">Of P1 to P0 given the answers so far; 0 of none.</param>
public readonly record struct SequentialState(double LogLikelihoodRatio, SequentialVerdict Verdict);

/// <summary>Where a sequence of answers ended.</summary>
/// <param name="Graded">Answers that were looked at.</param>
public readonly record struct SequentialRun(SequentialVerdict Verdict, int Graded, int Bad, double LogLikelihoodRatio);

/// <summary>Probabilities of the three outcomes, which sum to 1, and the mean number of answers looked at.</summary>
public readonly record struct OperatingCharacteristic(double Reproduces, double Fixed, double Undecided, double MeanGenerations);

/// <summary>
/// Wald's sequential probability ratio test of a rate of bad answers (Wald 1945; handbook 6.2). The errors are bounded however often it is looked at:
/// P(ever "reproduces" | p ≤ P0) ≤ α/(1 − β), P(ever "fixed" | p ≥ P1) ≤ β/(1 − α). Of no answers it is undecided.
/// </summary>
public sealed record SequentialTest
{
    private const double Slack = 1e-12;

    /// <param name="p0">0 &lt; p0 &lt; p1 &lt; 1.</param>
    /// <param name="alpha">Above 0; with <paramref name="beta"/> below 1.</param>
    public SequentialTest(double p0, double p1, double alpha = 0.05, double beta = 0.05)
    {
        if (!(p0 > 0 && p0 < p1 && p1 < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p0), p0, "0 < p0 < p1 < 1 is expected.");
        }
        if (!(alpha > 0 && beta > 0 && alpha + beta < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "alpha and beta are expected above 0 and together below 1.");
        }
        (P0, P1, Alpha, Beta) = (p0, p1, alpha, beta);
        (Upper, Lower) = (Math.Log((1 - beta) / alpha), Math.Log(beta / (1 - alpha)));
        (IncrementBad, IncrementGood) = (Math.Log(p1 / p0), Math.Log((1 - p1) / (1 - p0)));
    }

    public double P0 { get; }
    public double P1 { get; }
    public double Alpha { get; }
    public double Beta { get; }

    /// <summary>From here on: "reproduces".</summary>
    public double Upper { get; }

    /// <summary>From here down: "fixed".</summary>
    public double Lower { get; }
    public double IncrementBad { get; }
    public double IncrementGood { get; }

    /// <summary>Without a bad one between.</summary>
    public int GoodsToFixed => (int)Math.Ceiling((Lower / IncrementGood) - Slack);

    /// <summary>Without a good one between.</summary>
    public int BadsToReproduce => (int)Math.Ceiling((Upper / IncrementBad) - Slack);

    /// <summary>
    /// The test of what a judge sees who calls bad answers bad with this sensitivity and good ones good with this specificity (handbook 6.4). Null where the two together are hardly better
    /// than chance (Youden's J up to 0.05): then only people can decide.
    /// </summary>
    public static SequentialTest? JudgeAdjusted(double p0, double p1, double sensitivity, double specificity)
    {
        var j = sensitivity + specificity - 1;
        return j <= 0.05 ? null : new SequentialTest(1 - specificity + (p0 * j), 1 - specificity + (p1 * j));
    }

    /// <param name="bad">0 to <paramref name="graded"/>.</param>
    public SequentialState StateOf(int bad, int graded)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bad);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bad, graded);
        var ratio = (bad * IncrementBad) + ((graded - bad) * IncrementGood);
        return new SequentialState(ratio, ratio >= Upper - Slack ? SequentialVerdict.Reproduces : ratio <= Lower + Slack ? SequentialVerdict.Fixed : SequentialVerdict.Undecided);
    }

    /// <summary>Looks at answers in the order in which they came, after each batch and at the end.</summary>
    /// <param name="answers">True where bad, null where it could not be graded: those are skipped.</param>
    /// <param name="most">Later ones are not looked at.</param>
    public SequentialRun Run(IEnumerable<bool?> answers, int batch, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var graded = answers.OfType<bool>().Take(most).ToList();
        var bad = 0;
        for (var n = 1; n <= graded.Count; n++)
        {
            bad += graded[n - 1] ? 1 : 0;
            if ((n % batch == 0 || n == graded.Count) && StateOf(bad, n) is { Verdict: not SequentialVerdict.Undecided } state)
            {
                return new SequentialRun(state.Verdict, n, bad, state.LogLikelihoodRatio);
            }
        }
        return new SequentialRun(SequentialVerdict.Undecided, graded.Count, bad, StateOf(bad, graded.Count).LogLikelihoodRatio);
    }

    /// <summary>What the test does at a true rate, exactly, by dynamic programming over (answers, bad ones): O(most²).</summary>
    /// <param name="rate">0 to 1.</param>
    public OperatingCharacteristic Characteristic(double rate, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        var alive = new double[most + 2];
        alive[0] = 1;
        double reproduces = 0, isFixed = 0, mean = 0;
        for (var n = 1; n <= most; n++)
        {
            // From the top, so that each cell is read before it is written.
            for (var k = n; k >= 0; k--)
            {
                var mass = (k < n ? alive[k] * (1 - rate) : 0) + (k > 0 ? alive[k - 1] * rate : 0);
                alive[k] = 0;
                var verdict = mass == 0 ? SequentialVerdict.Undecided : StateOf(k, n).Verdict;
                switch (verdict)
                {
                    case SequentialVerdict.Reproduces: (reproduces, mean) = (reproduces + mass, mean + (mass * n)); break;
                    case SequentialVerdict.Fixed: (isFixed, mean) = (isFixed + mass, mean + (mass * n)); break;
                    default: alive[k] = mass; break;
                }
            }
        }
        var undecided = alive.Sum();
        return new OperatingCharacteristic(reproduces, isFixed, undecided, mean + (undecided * most));
    }
}

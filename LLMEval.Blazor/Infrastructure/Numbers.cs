using System.Globalization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Numbers as people read them, in the culture of the circuit. What has no value is never shown as zero.</summary>
public static class Numbers
{
    public const string None = "–";

    public static string Count(long count) => count.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>One score: what a person can tell apart, and no more.</summary>
    public static string Score(double? value) => value is { } v ? v.ToString(Math.Abs(v) >= 10 ? "0.#" : "0.###", CultureInfo.CurrentCulture) : None;

    /// <summary>Such as 0.42 [0.35, 0.49]: as many decimals as the interval's width gives meaning to.</summary>
    public static string WithInterval(double? value, double? low, double? high)
    {
        if (value is not { } v || low is not { } l || high is not { } h)
        {
            return Score(value);
        }
        var format = "F" + Decimals(h - l).ToString(CultureInfo.InvariantCulture);
        return $"{v.ToString(format, CultureInfo.CurrentCulture)} [{l.ToString(format, CultureInfo.CurrentCulture)}, {h.ToString(format, CultureInfo.CurrentCulture)}]";
    }

    private static int Decimals(double width) => width <= 0 ? 3 : Math.Clamp((int)Math.Ceiling(-Math.Log10(width)) + 1, 0, 4);
}

using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Reproduction;

namespace LLMEval.Blazor.Reproduction;

/// <summary>Figures of reproductions as people read them.</summary>
internal static class ReproductionTextsOf
{
    /// <summary>Such as 30 % [10 %, 60 %].</summary>
    public static string Percent(ArmRow row) =>
        row.Rate is null ? Numbers.None : string.Create(CultureInfo.CurrentCulture, $"{row.Rate * 100:0} % [{row.Low * 100:0} %, {row.High * 100:0} %]");

    /// <summary>The smallest p that is told apart from zero is one thousandth.</summary>
    public static string P(double p) => p < 0.001 ? "< " + 0.001.ToString(CultureInfo.CurrentCulture) : p.ToString("0.000", CultureInfo.CurrentCulture);
}

using System.Globalization;
using System.Text.Json;
using LLMEval.Core.Statistics;
using Fields = System.Collections.Generic.Dictionary<string, object?>;

namespace LLMEval.Tests.Core.Statistics;

/// <summary>The functions of the handbook's agreement suite, by their names there.</summary>
internal static class AgreementFunctions
{
    public static Dictionary<string, Func<JsonElement, Fields>> All { get; } = new()
    {
        ["confusion"] = Confusion,
        ["cohen_kappa"] = Kappa,
        ["multi_agreement"] = Multi,
        ["correlations"] = Correlations,
        ["self_consistency"] = SelfConsistency,
        ["bland_altman"] = BlandAltman,
        ["alt_test"] = AltTestOf,
    };

    private static Fields Confusion(JsonElement i)
    {
        var c = JudgeAgreement.Confusion(i.I("tp"), i.I("fp"), i.I("fn"), i.I("tn"), i.D("level"));
        return new()
        {
            ["n"] = c.Count,
            ["accuracy"] = c.Accuracy,
            ["sens"] = c.Sensitivity.Value,
            ["sens_lo"] = c.Sensitivity.Low,
            ["sens_hi"] = c.Sensitivity.High,
            ["spec"] = c.Specificity.Value,
            ["spec_lo"] = c.Specificity.Low,
            ["spec_hi"] = c.Specificity.High,
            ["ppv"] = c.Ppv,
            ["npv"] = c.Npv,
            ["f1"] = c.F1,
            ["mcc"] = c.Mcc,
            ["balanced"] = c.BalancedAccuracy,
            ["youden"] = c.Youden,
            ["prevalence_human"] = c.PrevalenceHuman,
            ["prevalence_judge"] = c.PrevalenceJudge,
        };
    }

    private static Fields Kappa(JsonElement i)
    {
        var k = Agreement.CohenKappa([.. i.GetProperty("table").EnumerateArray().Select(row => row.EnumerateArray().Select(x => x.GetDouble()).ToList())], Weights(i));
        return new() { ["n"] = k.Count, ["po"] = k.Observed, ["pe"] = k.Expected, ["kappa"] = k.Value, ["se"] = k.StandardError, ["lo"] = k.Low, ["hi"] = k.High, ["status"] = k.Status };
    }

    private static Fields Multi(JsonElement i)
    {
        var categories = i.GetProperty("categories").EnumerateArray().ToList();
        var values = categories.TrueForAll(c => c.ValueKind == JsonValueKind.Number) ? categories.ConvertAll(c => c.GetDouble()) : null;
        var ratings = i.GetProperty("ratings").EnumerateArray().Select(unit => unit.EnumerateArray().Select(r => r.ValueKind == JsonValueKind.Null ? null : r.ToString()).ToList()).ToList();
        var m = Agreement.Multi(ratings, categories.ConvertAll(c => c.ToString()), Weights(i), values);
        return new()
        {
            ["units"] = m.Units,
            ["pa"] = m.Observed,
            ["ac"] = m.GwetAc,
            ["fleiss"] = m.Fleiss,
            ["alpha_nominal"] = m.AlphaNominal,
            ["alpha_ordinal"] = m.AlphaOrdinal,
            ["alpha_interval"] = m.AlphaInterval,
        };
    }

    private static Fields Correlations(JsonElement i)
    {
        var c = JudgeAgreement.Correlate(i.Values("x"), i.Values("y"));
        return new() { ["n"] = c.Count, ["pearson"] = c.Pearson, ["pearson_lo"] = c.PearsonLow, ["pearson_hi"] = c.PearsonHigh, ["spearman"] = c.Spearman, ["kendall_b"] = c.KendallB, ["rmse"] = c.Rmse, ["mae"] = c.Mae };
    }

    private static Fields SelfConsistency(JsonElement i)
    {
        var (items, pairwise, unanimous) = Agreement.SelfConsistency([.. i.GetProperty("labels").EnumerateArray().Select(l => l.EnumerateArray().Select(x => x.ToString()).ToList())]);
        return new() { ["items"] = items, ["pairwise"] = pairwise, ["unanimous"] = unanimous };
    }

    private static Fields BlandAltman(JsonElement i)
    {
        var b = JudgeAgreement.Differences([.. i.Values("judge").OfType<double>()], [.. i.Values("human").OfType<double>()]);
        return new() { ["n"] = b.Count, ["bias"] = b.Bias, ["sd"] = b.StandardDeviation, ["bias_lo"] = b.BiasLow, ["bias_hi"] = b.BiasHigh, ["loa_lo"] = b.LimitLow, ["loa_hi"] = b.LimitHigh };
    }

    private static Fields AltTestOf(JsonElement i)
    {
        static IReadOnlyDictionary<string, string> Ratings(JsonElement of) => of.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString());
        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
        Func<string, IReadOnlyList<string>, double> agreement = i.GetProperty("scoring").GetString() == "accuracy"
            ? (one, others) => others.Average(o => o == one ? 1.0 : 0)
            : (one, others) => -Math.Sqrt(others.Average(o => Math.Pow(Number(one) - Number(o), 2)));
        var result = AltTest.Run(
            i.GetProperty("humans").EnumerateObject().ToDictionary(p => p.Name, p => Ratings(p.Value)), Ratings(i.GetProperty("llm")), agreement, i.D("epsilon"), i.D("q"), i.I("min_instances"));
        return new()
        {
            ["winning_rate"] = result.WinningRate,
            ["advantage"] = result.Advantage,
            ["annotators"] = result.Annotators.ToDictionary(a => a.Name, a => (object?)new Fields { ["n"] = a.Count, ["rho_llm"] = a.JudgeShare, ["rho_human"] = a.HumanShare, ["p"] = a.P }),
        };
    }

    private static AgreementWeights Weights(JsonElement i) => Enum.Parse<AgreementWeights>(i.GetProperty("weights").GetString()!, ignoreCase: true);
}

using System.Text.Json;
using LLMEval.Core.Statistics;
using Fields = System.Collections.Generic.Dictionary<string, object?>;

namespace LLMEval.Tests.Core.Statistics;

/// <summary>The functions of the handbook's suite on reproducing bad cases, by their names there.</summary>
internal static class ReproductionFunctions
{
    public static Dictionary<string, Func<JsonElement, Fields>> All { get; } = new()
    {
        ["sprt_constants"] = Constants,
        ["sprt_state"] = i =>
        {
            var state = Test(i).StateOf(i.I("k"), i.I("n"));
            return new() { ["llr"] = state.LogLikelihoodRatio, ["verdict"] = Word(state.Verdict) };
        },
        ["sprt_run"] = i =>
        {
            var run = Test(i).Run(i.Values("seq").Select(v => v is { } x ? x == 1 : (bool?)null), i.I("batch"), i.I("n_max"));
            return new() { ["verdict"] = Word(run.Verdict), ["n"] = run.Graded, ["k"] = run.Bad, ["llr"] = run.LogLikelihoodRatio };
        },
        ["sprt_oc"] = i =>
        {
            var c = Test(i).Characteristic(i.D("p"), i.I("n_max"));
            return new() { ["p_reproduces"] = c.Reproduces, ["p_fixed"] = c.Fixed, ["p_undecided"] = c.Undecided, ["expected_n"] = c.MeanGenerations };
        },
        ["judge_adjusted"] = i =>
        {
            var test = SequentialTest.JudgeAdjusted(i.D("p0"), i.D("p1"), i.D("sens"), i.D("spec"));
            return new() { ["p0"] = test?.P0, ["p1"] = test?.P1 };
        },
        ["e_values"] = i =>
        {
            var e = EValues.OfRate(i.I("k"), i.I("n"), i.D("p0"), i.D("p1"));
            return new() { ["log_e_reproduces"] = e.Reproduces, ["log_e_fixed"] = e.Fixed, ["verdict_20"] = Word(e.Verdict) };
        },
        ["posterior_verdict"] = i =>
        {
            var p = PosteriorVerdict.Of(i.I("k"), i.I("n"), i.D("p0"), i.D("p1"), i.D("a"), i.D("b"), i.D("conf"));
            return new() { ["p_gt_p0"] = p.AboveP0, ["p_lt_p1"] = p.BelowP1, ["mean"] = p.Mean, ["verdict"] = Word(p.Verdict) };
        },
        ["posterior_predictive_next"] = i => new() { ["p_any_bad"] = PosteriorVerdict.AnyBadOfNext(i.I("m"), i.I("k"), i.I("n"), i.D("a"), i.D("b")) },
        ["fisher"] = Fisher,
        ["boschloo_grid"] = i => new()
        {
            ["fisher"] = TwoByTwo.Fisher(i.I("bad_before"), i.I("n_before"), i.I("bad_after"), i.I("n_after")).Improved,
            ["p_improved"] = TwoByTwo.Boschloo(i.I("bad_before"), i.I("n_before"), i.I("bad_after"), i.I("n_after")),
        },
        ["barnard_grid"] = i =>
        {
            var (z, p) = TwoByTwo.Barnard(i.I("bad_before"), i.I("n_before"), i.I("bad_after"), i.I("n_after"));
            return new() { ["z"] = z, ["p_improved"] = p };
        },
        ["e_two_by_two"] = i =>
        {
            var blocks = i.GetProperty("blocks").EnumerateArray().Select(b => (b[0].GetInt32(), b[1].GetInt32(), b[2].GetInt32(), b[3].GetInt32()));
            var e = EValues.OfTwoVersions(blocks, i.D("gamma"));
            return new() { ["log_e"] = e.LogEvidence, ["max_log_e"] = e.Greatest, ["reject_at_005"] = e.Differs };
        },
        ["cs_bernoulli"] = i =>
        {
            var (low, high) = ConfidenceSequences.Bernoulli(i.I("k"), i.I("n"), i.D("alpha"), i.D("a"), i.D("b"));
            return new() { ["lo"] = low, ["hi"] = high };
        },
        ["cs_asymptotic"] = i =>
        {
            var (rho, half) = ConfidenceSequences.Asymptotic(i.D("sd"), i.I("n"), i.D("alpha"), i.I("n_opt"));
            return new() { ["rho2"] = rho, ["half"] = half, ["lo"] = i.D("mean") - half, ["hi"] = i.D("mean") + half };
        },
    };

    private static SequentialTest Test(JsonElement i) => new(i.D("p0"), i.D("p1"), i.D("alpha"), i.D("beta"));

    private static Fields Constants(JsonElement i)
    {
        var test = Test(i);
        return new()
        {
            ["upper"] = test.Upper,
            ["lower"] = test.Lower,
            ["inc_bad"] = test.IncrementBad,
            ["inc_good"] = test.IncrementGood,
            ["bads_to_reproduce"] = test.BadsToReproduce,
            ["goods_to_fixed"] = test.GoodsToFixed,
        };
    }

    private static Fields Fisher(JsonElement i)
    {
        var f = TwoByTwo.Fisher(i.I("bad_before"), i.I("n_before"), i.I("bad_after"), i.I("n_after"), i.D("level"));
        return new()
        {
            ["p_improved"] = f.Improved,
            ["p_improved_mid"] = f.ImprovedMid,
            ["p_worse"] = f.Worse,
            ["p_two"] = f.TwoSided,
            ["diff"] = f.Difference,
            ["lo"] = f.Low,
            ["hi"] = f.High,
            ["or_ha"] = f.OddsRatio,
            ["or_lo"] = f.OddsRatioLow,
            ["or_hi"] = f.OddsRatioHigh,
        };
    }

    private static string Word<T>(T verdict) where T : struct, Enum => verdict.ToString().ToLowerInvariant();
}

using System.Text.Json;
using LLMEval.Core.Statistics;
using MathNet.Numerics.Random;
using Fields = System.Collections.Generic.Dictionary<string, object?>;

namespace LLMEval.Tests.Core.Statistics;

public class MethodVectorTests
{
    private static readonly Dictionary<string, Func<JsonElement, Fields>> Functions = new(AgreementFunctions.All.Concat(AggregationFunctions.All).Concat(ReproductionFunctions.All))
    {
        ["wilson"] = i => Share(Intervals.Wilson(i.D("k"), i.D("n"), i.D("level"))),
        ["clopper_pearson"] = i => Share(Intervals.ClopperPearson(i.D("k"), i.D("n"), i.D("level"))),
        ["jeffreys"] = i => Share(Intervals.Jeffreys(i.D("k"), i.D("n"), i.D("level"))),
        ["beta_posterior"] = i => Share(Intervals.BetaPosterior(i.D("k"), i.D("n"), i.D("a"), i.D("b"), i.D("level"))),
        ["zero_bad_upper"] = i => new() { ["upper"] = Intervals.ZeroBadUpper(i.I("n"), i.D("conf")) },
        ["effective_wilson"] = i => Share(Intervals.EffectiveWilson(i.Maybe("theta"), i.Maybe("se"), i.Maybe("df"), i.D("fallback_n"), i.Maybe("cap"), i.D("level"))),
        ["clustered_proportion"] = i => Share(Intervals.ClusteredProportion([.. i.Values("k").OfType<double>()], [.. i.Values("n").OfType<double>()], i.D("level"))),
        ["bounded_wilson"] = i => Share(Intervals.BoundedWilson(i.Values("values"), i.D("min"), i.D("max"), i.D("level"))),
        ["t_mean"] = i => Share(Means.TMean(i.Values("values"), i.D("level"))),
        ["cluster_mean"] = ClusterMean,
        ["resample_decomp"] = Resample,
        ["bootstrap_mean"] = BootstrapMean,
        ["paired_diff"] = i => Compared(Comparison.PairedDiff(i.Values("a"), i.Values("b"), i.D("level"))),
        ["paired_binary"] = i => Compared(Comparison.PairedBinary(i.I("n11"), i.I("n10"), i.I("n01"), i.I("n00"), i.D("level"))),
        ["newcombe_indep"] = i => Compared(Comparison.NewcombeIndependent(i.D("k1"), i.D("n1"), i.D("k2"), i.D("n2"), i.D("level"))),
        ["welch"] = i => Compared(Comparison.Welch(i.Values("a"), i.Values("b"), i.D("level"))),
        ["sign_flip_exact"] = i => Flipped(Comparison.SignFlip([.. i.Values("d").OfType<double>()], 1)),
        ["prob_beta_greater"] = i => new() { ["prob"] = Comparison.ProbabilitySecondGreater(i.I("k1"), i.I("n1"), i.I("k2"), i.I("n2")) },
        ["t_quantile"] = i => new() { ["t"] = Distributions.TQuantile(i.D("p"), i.D("df")) },
        ["t_two_sided_p"] = i => new() { ["p"] = Distributions.TTwoSided(i.D("t"), i.D("df")) },
        ["normal_quantile"] = i => new() { ["z"] = Distributions.NormalQuantile(i.D("p")) },
        ["chi2_sf"] = i => new() { ["p"] = Distributions.ChiSquaredTail(i.D("x"), i.D("df")) },
        ["hypergeom_pmf"] = i => new() { ["pmf"] = Distributions.HypergeometricPmf(i.I("k"), i.I("N"), i.I("K"), i.I("n")) },
        ["beta_quantile"] = i => new() { ["x"] = Distributions.BetaQuantile(i.D("p"), i.D("a"), i.D("b")) },
        ["beta_cdf"] = i => new() { ["p"] = Distributions.BetaCdf(i.D("x"), i.D("a"), i.D("b")) },
        ["binom_tail"] = i => new() { ["le"] = Distributions.BinomialAtMost(i.I("k"), i.I("n"), i.D("p")), ["ge"] = Distributions.BinomialAtLeast(i.I("k"), i.I("n"), i.D("p")) },
        ["betabinom_pmf"] = i => new() { ["pmf"] = Distributions.BetaBinomialPmf(i.I("k"), i.I("n"), i.D("a"), i.D("b")) },
        ["xoshiro_doubles"] = i => new() { ["values"] = new Xoshiro256StarStar(i.I("seed")).NextDoubles(i.I("count")) },
    };

    public static TheoryData<string> CaseIds => [.. MethodVectors.Cases.Keys];

    [Theory, MemberData(nameof(CaseIds))]
    public void Function_ReferenceCase_AgreesWithinTolerance(string id)
    {
        var vector = MethodVectors.Cases[id];
        var tolerance = vector.GetProperty("tol").GetDouble();

        var got = Functions[vector.GetProperty("fn").GetString()!](vector.GetProperty("input"));

        var mismatches = vector.GetProperty("expected").EnumerateObject()
            .Select(field => got.TryGetValue(field.Name, out var value) ? MethodVectors.Mismatch(field.Value, value, tolerance, field.Name) : $"{field.Name}: not given")
            .Where(mismatch => mismatch is not null);
        Assert.Empty(mismatches);
    }

    [Fact]
    public void Vectors_EachFunctionAndEachCase_AreCovered()
    {
        var byFunction = MethodVectors.Cases.Values.GroupBy(c => c.GetProperty("fn").GetString()!).ToDictionary(g => g.Key, g => g.Count());

        Assert.Equal(byFunction.Keys.Order(), Functions.Keys.Order());
        Assert.Equal(MethodVectors.Cases.Count, CaseIds.Count);
        Assert.All(byFunction.Values, count => Assert.True(count > 0));
    }

    private static Fields Share(Estimate e) => new()
    {
        ["p"] = e.Value,
        ["mean"] = e.Value,
        ["lo"] = e.Low,
        ["hi"] = e.High,
        ["se"] = e.StandardError,
        ["n"] = e.Count,
        ["missing"] = e.Missing,
        ["G"] = e.Clusters,
        ["n_eff"] = e.EffectiveCount,
        ["deff"] = e.DesignEffect,
        ["status"] = e.Status,
    };

    private static Fields ClusterMean(JsonElement i)
    {
        var detail = Means.ClusterMeanDetail(i.Values("values"), i.Names("clusters")!, i.D("level"));
        var e = detail.Estimate;
        return new Fields(Share(e))
        {
            ["se_naive"] = detail.Naive,
            ["se_cr1"] = detail.Cr1,
            ["df_cr1"] = detail.Cr1DegreesOfFreedom,
            ["se_cr2"] = e.StandardError,
            ["df_cr2"] = e.DegreesOfFreedom,
            ["icc"] = e.IntraClusterCorrelation,
        };
    }

    private static Fields Resample(JsonElement i)
    {
        var rows = i.GetProperty("rows").EnumerateArray().Select(MethodVectors.Values).ToList();
        var r = Means.ResampleDecomposition(rows, i.D("cost_item"), i.D("cost_run"));
        return new Fields
        {
            ["n"] = r.Items,
            ["mean"] = r.Mean,
            ["se"] = r.StandardError,
            ["omega2"] = r.BetweenItems,
            ["sigma2"] = r.WithinItems,
            ["k_harmonic"] = r.HarmonicRepeats,
            ["k_opt"] = r.BestRepeats,
        };
    }

    private static Fields BootstrapMean(JsonElement i)
    {
        var b = Bootstrap.MeanDetail(i.Values("values"), i.Names("clusters"), i.I("B"), i.I("seed"), i.D("level"));
        return new Fields
        {
            ["estimate"] = b.Estimate.Value,
            ["se"] = b.Estimate.StandardError,
            ["pct_lo"] = b.PercentileLow,
            ["pct_hi"] = b.PercentileHigh,
            ["z0"] = b.Bias,
            ["accel"] = b.Acceleration,
            ["bca_lo"] = b.Estimate.Low,
            ["bca_hi"] = b.Estimate.High,
            ["first3"] = b.Replicates[..3],
        };
    }

    private static Fields Compared(Difference d) => new()
    {
        ["n"] = d.Count,
        ["dropped"] = d.Dropped,
        ["diff"] = d.Value,
        ["se"] = d.StandardError,
        ["t"] = d.TStatistic,
        ["df"] = d.DegreesOfFreedom,
        ["p"] = d.PValue,
        ["lo"] = d.Low,
        ["hi"] = d.High,
        ["corr"] = d.Correlation,
        ["se_unpaired"] = d.UnpairedStandardError,
        ["p_exact"] = d.PValue,
        ["p_mid"] = d.MidPValue,
        ["status"] = d.Status,
    };

    private static Fields Flipped((double PValue, int NonZero) flipped) => new() { ["p"] = flipped.PValue, ["n_nonzero"] = flipped.NonZero };
}

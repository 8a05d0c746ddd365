using LLMEval.Core.Statistics;

namespace LLMEval.Tests.Core.Statistics;

public class IntervalPolicyTests
{
    private static List<string> Own(int count) => [.. Enumerable.Range(0, count).Select(i => $"c{i}")];

    private static List<double?> Spread(int count) => [.. Enumerable.Range(0, count).Select(i => (double?)(i % 7 / 7.0))];

    [Fact]
    public void For_SharesWithoutClusters_IsWilsonAndCountsMissing()
    {
        var estimate = IntervalPolicy.For([1, 0, null, 1], Own(4), 0, 1, 0.95, 1);

        Assert.Equal(("wilson", 3, 1, "ok"), (estimate.Method, estimate.Count, estimate.Missing, estimate.Status));
        Assert.Equal(2.0 / 3, estimate.Value!.Value, 12);
    }

    [Fact]
    public void For_SharesInClusters_IsClusteredProportion()
    {
        var estimate = IntervalPolicy.For([1, 1, 0, 1], ["a", "a", "b", "b"], 0, 1, 0.95, 1);

        Assert.Equal("clustered_proportion", estimate.Method);
        Assert.Equal(2, estimate.Clusters);
    }

    [Fact]
    public void For_EqualScores_NeverClaimsCertainty()
    {
        var bounded = IntervalPolicy.For([0.5, 0.5, 0.5], Own(3), 0, 1, 0.95, 1);
        var unbounded = IntervalPolicy.For([7, 7, 7], Own(3), 0, null, 0.95, 1);

        Assert.Equal("bounded_wilson", bounded.Method);
        Assert.True(bounded.High - bounded.Low > 0.5);
        Assert.Equal("zero_variance", unbounded.Status);
        Assert.Null(unbounded.Low);
    }

    [Fact]
    public void For_NoScoreAtAll_IsEmptyNotZero()
    {
        var estimate = IntervalPolicy.For([null, null], Own(2), 0, 100, 0.95, 1);

        Assert.Equal((null, "empty", 2), (estimate.Value, estimate.Status, estimate.Missing));
    }

    [Fact]
    public void For_ManyClusters_IsTheClusteredT()
    {
        var clusters = Enumerable.Range(0, 60).Select(i => $"c{i / 3}").ToList();

        Assert.Equal("cluster_mean", IntervalPolicy.For(Spread(60), clusters, 0, 1, 0.95, 1).Method);
        Assert.Equal("t_mean", IntervalPolicy.For(Spread(60), Own(60), 0, 1, 0.95, 1).Method);
    }

    [Fact]
    public void For_FewClusters_IsTheBootstrapWithTheOthersBeside()
    {
        var estimate = IntervalPolicy.For(Spread(12), Own(12), 0, 100, 0.95, 7);

        Assert.Equal(("bootstrap_bca", 7), (estimate.Method, estimate.Seed));
        Assert.Equal(["t_mean", "bounded_wilson"], estimate.Alternatives.Select(a => a.Method));
        Assert.Equal("few_clusters", IntervalPolicy.For(Spread(5), Own(5), null, null, 0.95, 7).Status);
    }

    [Fact]
    public void For_SameSeed_IsTheSameInterval()
    {
        Assert.Equal(IntervalPolicy.For(Spread(12), Own(12), null, null, 0.95, 3).Low, IntervalPolicy.For(Spread(12), Own(12), null, null, 0.95, 3).Low);
    }

    [Fact]
    public void TQuantile_BeyondWhatTheLibraryCanInvert_StillInverts()
    {
        var t = Distributions.TQuantile(0.99999, 1.2);

        Assert.True(t > 800);
        Assert.Equal(2e-5, Distributions.TTwoSided(t, 1.2), 9);
    }

    [Fact]
    public void For_ManyValuesNearABound_NeverLeavesTheMetricsRange()
    {
        var values = Enumerable.Range(0, 40).Select(i => (double?)(i == 0 ? 0.4 : 0)).ToList();

        var estimate = IntervalPolicy.For(values, [.. Enumerable.Range(0, 40).Select(i => $"s-{i}")], 0, 1, 0.95, 1);

        Assert.Equal(("t_mean", 0.0), (estimate.Method, estimate.Low));
        Assert.InRange(estimate.High!.Value, 0.01, 1);
    }
}

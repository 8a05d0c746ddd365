using LLMEval.Core.Statistics;

namespace LLMEval.Tests.Core.Statistics;

public class SeverityPlanTests
{
    [Theory]
    [InlineData(Severity.Critical, 0.005, 0.05, 64, 2, 192)]
    [InlineData(Severity.Major, 0.02, 0.15, 21, 2, 63)]
    [InlineData(Severity.Minor, 0.05, 0.30, 10, 2, 30)]
    public void Of_EachSeverity_IsTheHandbooksTable(Severity severity, double p0, double p1, int goods, int bads, int most) =>
        Assert.Equal(new SeverityPlan(p0, p1, goods, bads, most), SeverityPlan.Of(severity));

    [Fact]
    public void Of_CaseThatFailedOften_NeedsFewerGoodAnswers()
    {
        var minor = SeverityPlan.Of(Severity.Minor, 10, 10);
        Assert.Equal((0.39, 7), (Math.Round(minor.P1, 2), minor.GoodsToFixed));
        var major = SeverityPlan.Of(Severity.Major, 9, 10);
        Assert.Equal((0.33, 8), (Math.Round(major.P1, 2), major.GoodsToFixed));
    }

    [Theory]
    [InlineData(Severity.Critical, 10, 10)]
    [InlineData(Severity.Minor, 4, 4)]
    [InlineData(Severity.Minor, 0, 10)]
    [InlineData(Severity.Minor, 0, 0)]
    public void Of_BaselineThatSaysNothing_IsTheTables(Severity severity, int bad, int graded) => Assert.Equal(SeverityPlan.Of(severity), SeverityPlan.Of(severity, bad, graded));

    [Fact]
    public void Test_RatesOutOfOrder_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequentialTest(0.3, 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequentialTest(0, 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequentialTest(0.05, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequentialTest(0.05, 0.3).StateOf(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TwoByTwo.Fisher(2, 1, 0, 1));
    }

    [Fact]
    public void Boschloo_EmptySide_SaysNothing() => Assert.Equal((1, 1), (TwoByTwo.Boschloo(0, 0, 1, 3), TwoByTwo.Boschloo(1, 3, 0, 0)));
}

using LLMEval.Core.Statistics;

namespace LLMEval.Tests.Core.Statistics;

public class ActiveLabellingTests
{
    [Fact]
    public void Scores_ItemsWithoutProbabilities_HaveNoScoreAndComeLast()
    {
        var scores = ActiveLabelling.Scores([[], [1, 0], [0.5, 0.5]]);

        Assert.Equal(new Uncertainty(null, null, null), scores.Items[0]);
        Assert.Equal([2, 1, 0], scores.Rank);
    }

    [Fact]
    public void Scores_OneClass_IsSure() => Assert.Equal([new Uncertainty(0, 1, 0)], ActiveLabelling.Scores([[1]]).Items);

    [Fact]
    public void Scores_NoItems_AreNone() => Assert.Empty(ActiveLabelling.Scores([]).Rank);

    [Theory, InlineData(double.NaN), InlineData(-0.1), InlineData(1.1)]
    public void Scores_NoProbability_Throws(double p) => Assert.Throws<ArgumentException>(() => ActiveLabelling.Scores([[p, 0.5]]));

    [Fact]
    public void Inclusion_WithoutFloor_LeavesNothingUnreachable()
    {
        var chances = ActiveLabelling.Inclusion([0, 0, 1, 2, 4, 8, 16, 32, 64, 128], 3).Probabilities;

        Assert.Equal(3, chances.Sum(), 9);
        Assert.Equal(0.03, chances.Min(), 12);
        Assert.Equal(1, chances.Max());
    }

    [Fact]
    public void Inclusion_NothingToDrawOrToDrawFrom_IsZeroOrEmpty()
    {
        Assert.Equal([0, 0], ActiveLabelling.Inclusion([1, 2], 0).Probabilities);
        Assert.Equal([0, 0], ActiveLabelling.Inclusion([1, 2], 0, 0.5).Probabilities);
        Assert.Empty(ActiveLabelling.Inclusion([], 0).Probabilities);
        Assert.Equal([1], ActiveLabelling.Inclusion([0], 1).Probabilities);
    }

    [Theory, InlineData(1e-300), InlineData(double.Epsilon)]
    public void Inclusion_ScoresManyOrdersApart_StillSpendsN(double least)
    {
        var chances = ActiveLabelling.Inclusion([least, 1, 1, 1, 1], 2, 0).Probabilities;

        Assert.Equal(2, chances.Sum(), 9);
        Assert.Equal(0.5, chances[1], 9);
    }

    [Fact]
    public void Inclusion_ArgumentsOutOfRange_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ActiveLabelling.Inclusion([1, 2, 3], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ActiveLabelling.Inclusion([1, 2, 3], 1, double.NaN));
        Assert.Throws<ArgumentException>(() => ActiveLabelling.Inclusion([1, double.NaN, 3], 1));
        Assert.Throws<ArgumentException>(() => ActiveLabelling.Inclusion([1, -1, 3], 1));
    }
}

using LLMEval.Core.Statistics;

namespace LLMEval.Tests.Core.Statistics;

public class AggregationTests
{
    private static readonly string[] Classes = ["good", "bad"];

    [Fact]
    public void DawidSkene_NoVotes_IsEmpty()
    {
        var result = Aggregation.DawidSkene([], Classes);

        Assert.Equal(("empty", 0), (result.Status, result.Iterations));
        Assert.Null(result.Prior);
        Assert.Empty(result.Items);
        Assert.Empty(result.Annotators);
    }

    [Fact]
    public void DawidSkene_OneVote_EchoesItWithoutAccuracy()
    {
        var result = Aggregation.DawidSkene([new("1", "ann", "bad")], Classes);

        Assert.Equal("one_annotator", result.Status);
        Assert.Equal("bad", Assert.Single(result.Items).Label);
        var annotator = Assert.Single(result.Annotators);
        Assert.Equal(("ann", 1), (annotator.Name, annotator.Count));
        Assert.Null(annotator.Accuracy);
        Assert.Null(annotator.Confusion);
    }

    [Fact]
    public void DawidSkene_AnnotatorAloneWithTheirItems_HasNoAccuracy()
    {
        var result = Aggregation.DawidSkene([new("1", "ann", "bad"), new("1", "bob", "bad"), new("2", "ann", "good"), new("2", "bob", "good"), new("3", "cai", "good"), new("3", "cai", "good")], Classes);

        Assert.Equal([true, true, false], result.Annotators.Select(a => a.Accuracy is not null));
        Assert.Equal([2, 2, 2], result.Annotators.Select(a => a.Count));
    }

    [Fact]
    public void DawidSkene_TwoWhoContradictEachOther_TakesTheFirstClassAndAdjudicates()
    {
        var result = Aggregation.DawidSkene([new("1", "ann", "bad"), new("1", "bob", "good")], Classes);

        var item = Assert.Single(result.Items);
        Assert.Equal(("good", 2, true), (item.Label, item.Count, item.Adjudicate));
        Assert.Equal(0.5, item.Posterior[0], 12);
    }

    [Fact]
    public void DawidSkene_Gold_OverrulesEverybodyAndIgnoresItemsWithoutVotes()
    {
        var result = Aggregation.DawidSkene([new("1", "ann", "good"), new("1", "bob", "good")], Classes, new Dictionary<string, string> { ["1"] = "bad", ["2"] = "good" });

        var item = Assert.Single(result.Items);
        Assert.Equal(("bad", false), (item.Label, item.Adjudicate));
        Assert.Equal([0, 1], item.Posterior);
        Assert.True(result.Annotators[0].Accuracy < 0.5);
    }

    [Fact]
    public void DawidSkene_ThousandVotesOnAnItem_StaysFinite()
    {
        var votes = Enumerable.Range(0, 1000).SelectMany(a => new Vote[] { new("1", $"a{a}", "good"), new("2", $"a{a}", "bad") }).ToList();

        var result = Aggregation.DawidSkene(votes, Classes);

        Assert.Equal("ok", result.Status);
        Assert.All(result.Items, item => Assert.All(item.Posterior, p => Assert.True(double.IsFinite(p))));
        Assert.All(result.Annotators, a => Assert.All(a.Confusion!, row => Assert.Equal(1, row.Sum(), 12)));
    }

    [Fact]
    public void DawidSkene_RoundsRunOut_SaysSo()
    {
        var votes = new Vote[] { new("1", "ann", "good"), new("1", "bob", "bad"), new("2", "ann", "good"), new("2", "bob", "good") };

        Assert.Equal("not_converged", Aggregation.DawidSkene(votes, Classes, maxIterations: 1).Status);
    }

    [Fact]
    public void DawidSkene_ArgumentsOutOfRange_Throw()
    {
        Vote[] votes = [new("1", "ann", "good")];

        Assert.Throws<ArgumentOutOfRangeException>(() => Aggregation.DawidSkene(votes, Classes, smoothing: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aggregation.DawidSkene(votes, Classes, maxIterations: 0));
        Assert.Throws<ArgumentException>(() => Aggregation.DawidSkene(votes, ["x", "y"]));
        Assert.Throws<ArgumentException>(() => Aggregation.DawidSkene(votes, Classes, new Dictionary<string, string> { ["1"] = "x" }));
    }

    [Fact]
    public void Majority_LabelOutsideTheClasses_Throws() => Assert.Throws<ArgumentException>(() => Aggregation.Majority(["x"], Classes));

    [Fact]
    public void Majority_OneClassOnly_IsUnanimous()
    {
        var result = Aggregation.Majority(["good", "good"], ["good"]);

        Assert.Equal(("good", 1.0, 0.0, false, false), (result.Label, result.Margin, result.Entropy, result.Tie, result.Adjudicate));
    }

    [Fact]
    public void WeightedVote_NobodyKnown_HasNoLabel()
    {
        var result = Aggregation.WeightedVote([("ann", "good"), ("bob", "bad")], new Dictionary<string, double> { ["bob"] = double.NaN }, Classes);

        Assert.Equal((0, 2), (result.Count, result.Missing));
        Assert.Null(result.Posterior);
        Assert.Null(result.Label);
    }

    [Fact]
    public void WeightedVote_EqualOpponents_TakesTheFirstClass()
    {
        var result = Aggregation.WeightedVote([("ann", "bad"), ("bob", "good"), ("cai", "bad")], new Dictionary<string, double> { ["ann"] = 0.7, ["bob"] = 0.7 }, Classes);

        Assert.Equal(("good", 2, 1), (result.Label, result.Count, result.Missing));
    }

    [Fact]
    public void WeightedVote_OneClassOnly_IsCertain()
    {
        var result = Aggregation.WeightedVote([("ann", "good")], new Dictionary<string, double> { ["ann"] = 1 }, ["good"]);

        Assert.Equal([1], result.Posterior!);
    }
}

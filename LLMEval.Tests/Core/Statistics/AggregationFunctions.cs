using System.Text.Json;
using LLMEval.Core.Statistics;
using Fields = System.Collections.Generic.Dictionary<string, object?>;

namespace LLMEval.Tests.Core.Statistics;

/// <summary>The functions of the handbook's aggregation suite and, of its sampling suite, what chooses items; by their names there.</summary>
internal static class AggregationFunctions
{
    public static Dictionary<string, Func<JsonElement, Fields>> All { get; } = new()
    {
        ["majority"] = Majority,
        ["dawid_skene"] = DawidSkene,
        ["weighted_vote"] = WeightedVote,
        ["active_scores"] = Scores,
        ["inclusion_probs"] = Inclusion,
        ["allocate"] = i => new() { ["n"] = Allocation.Allocate([.. i.Values("N").OfType<double>().Select(n => (int)n)], i.I("n"), Numbers(i, "S"), Numbers(i, "cost"), i.I("min_per")) },
        ["shrunk_sd"] = i => new() { ["sd"] = Allocation.ShrunkSd(i.I("k"), i.I("n")) },
    };

    private static List<double>? Numbers(JsonElement i, string name) => i.GetProperty(name).ValueKind == JsonValueKind.Null ? null : [.. i.Values(name).OfType<double>()];

    private static Fields Majority(JsonElement i)
    {
        var m = Aggregation.Majority(i.Names("labels")!, i.Names("classes")!);
        return new() { ["label"] = m.Label, ["share"] = m.Share, ["margin"] = m.Margin, ["entropy_bits"] = m.Entropy, ["tie"] = m.Tie, ["adjudicate"] = m.Adjudicate };
    }

    private static Fields DawidSkene(JsonElement i)
    {
        var votes = i.GetProperty("triples").EnumerateArray().Select(t => new Vote(t[0].GetString()!, t[1].GetString()!, t[2].GetString()!)).ToList();
        var classes = i.Names("classes")!;
        var gold = i.GetProperty("gold") is { ValueKind: JsonValueKind.Object } known ? known.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!) : null;
        var result = Aggregation.DawidSkene(votes, classes, gold, i.D("smoothing"), i.I("max_iter"), i.D("em_tol"));
        // The suite has the accuracy of an only annotator too, which the product must not give away.
        var fit = Aggregation.Fit(votes, classes, gold, i.D("smoothing"), i.I("max_iter"), i.D("em_tol"))!;
        return new()
        {
            ["posterior"] = result.Items.ToDictionary(item => item.Item, item => (object?)item.Posterior),
            ["labels"] = result.Items.ToDictionary(item => item.Item, item => (object?)item.Label),
            ["prior"] = result.Prior,
            ["annotator_accuracy"] = result.Annotators.Select((a, at) => (a.Name, Accuracy: a.Accuracy ?? fit.Accuracy(at))).ToDictionary(a => a.Name, a => (object?)a.Accuracy),
        };
    }

    private static Fields WeightedVote(JsonElement i)
    {
        var accuracy = i.GetProperty("accuracy").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
        var result = Aggregation.WeightedVote([.. i.GetProperty("labels").EnumerateArray().Select(l => (l[0].GetString()!, l[1].GetString()!))], accuracy, i.Names("classes")!);
        return new() { ["posterior"] = result.Posterior, ["label"] = result.Label };
    }

    private static Fields Scores(JsonElement i)
    {
        var scores = ActiveLabelling.Scores([.. i.GetProperty("probs").EnumerateArray().Select(row => row.EnumerateArray().Select(p => p.GetDouble()).ToList())]);
        return new()
        {
            ["items"] = scores.Items.Select(u => new Fields { ["entropy"] = u.Entropy, ["margin"] = u.Margin, ["least_confidence"] = u.LeastConfidence }).ToList(),
            ["rank"] = scores.Rank,
        };
    }

    private static Fields Inclusion(JsonElement i)
    {
        var result = ActiveLabelling.Inclusion([.. i.Values("scores").OfType<double>()], i.I("n"), i.D("floor"));
        return new() { ["pi"] = result.Probabilities, ["c"] = result.Factor };
    }
}

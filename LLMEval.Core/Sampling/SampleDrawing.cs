using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Statistics;
using MathNet.Numerics.Random;

namespace LLMEval.Core.Sampling;

/// <summary>A sample that may be drawn, with what rules look at.</summary>
internal sealed record DrawnSample(long Id, string BizCode, string RobotId, string Language)
{
    public Verdict? Verdict { get; init; }
    public string? Tag { get; init; }
    public double? Score { get; init; }
}

/// <summary>Chooses some of a pool by a rule. Pure: the same seed, pool and rule choose the same, whatever order the pool came in.</summary>
internal static class SampleDrawing
{
    public static IReadOnlyList<DrawnSample> Draw(SetDraw draw, IReadOnlyList<DrawnSample> pool)
    {
        var shuffled = pool.OrderBy(s => s.Id).ToArray();
        new Xoshiro256StarStar(draw.Seed).Shuffle(shuffled);
        return draw.Rule switch
        {
            DrawRule.Stratified => Stratified(draw, shuffled),
            DrawRule.LabelBalanced => Divided(shuffled.GroupBy(s => s.Verdict?.ToString() ?? ""), groups => Allocation.Allocate([.. groups.Select(g => g.Count)], draw.Size, Equal(groups))),
            // The sort is stable: equally bad ones stay shuffled.
            DrawRule.WorstScored => [.. shuffled.Where(s => s.Score is not null).OrderBy(s => s.Score).Take(draw.Size)],
            _ => [.. shuffled.Take(draw.Size)],
        };
    }

    /// <summary>The level below the node that the tag belongs to, with its path.</summary>
    public static string Branch(string tag, string node)
    {
        var start = node.Length == 0 ? 0 : node.Length + 1;
        var end = start < tag.Length ? tag.IndexOf('/', start) : -1;
        return end < 0 ? tag : tag[..end];
    }

    private static List<DrawnSample> Stratified(SetDraw draw, DrawnSample[] shuffled) => Divided(
        shuffled.GroupBy(s => draw.Strata switch
        {
            DrawStrata.Biz => s.BizCode,
            DrawStrata.Language => s.Language,
            DrawStrata.Tag => s.Tag ?? "",
            _ => s.RobotId,
        }),
        groups => Allocation.Allocate([.. groups.Select(g => g.Count)], draw.Size, draw.Allocation switch
        {
            DrawAllocation.Equal => Equal(groups),
            DrawAllocation.Neyman => Spreads(groups),
            _ => null,
        }));

    // N·S is the same for all where S is 1/N.
    private static List<double> Equal(List<List<DrawnSample>> groups) => groups.ConvertAll(g => 1.0 / g.Count);

    /// <summary>The metric's standard deviation in each group; where fewer than two were scored, that of all groups together, and 1 where nothing was scored at all.</summary>
    private static List<double> Spreads(List<List<DrawnSample>> groups)
    {
        var all = Spread(groups.SelectMany(g => g)) ?? 1;
        return groups.ConvertAll(g => Spread(g) ?? all);
    }

    private static double? Spread(IEnumerable<DrawnSample> samples)
    {
        var scores = samples.Where(s => s.Score is not null).Select(s => s.Score!.Value).ToList();
        if (scores.Count < 2)
        {
            return null;
        }
        var mean = scores.Average();
        return Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / (scores.Count - 1));
    }

    private static List<DrawnSample> Divided(IEnumerable<IGrouping<string, DrawnSample>> grouped, Func<List<List<DrawnSample>>, IReadOnlyList<int>> allocate)
    {
        var groups = grouped.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.ToList()).ToList();
        var sizes = allocate(groups);
        return [.. groups.Zip(sizes).SelectMany(pair => pair.First.Take(pair.Second))];
    }
}

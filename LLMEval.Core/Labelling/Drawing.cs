using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using MathNet.Numerics.Random;

namespace LLMEval.Core.Labelling;

/// <param name="Stratum">The group it was drawn from, or why it comes first; null where the rule has no groups.</param>
internal sealed record Drawn(PoolMessage Message, string? Stratum);

/// <summary>Takes some of a pool by a rule; the same seed, pool and rule give the same messages in the same order.</summary>
internal static class Drawing
{
    /// <summary>Of a queue that begins with what is uncertain, so much is random: what looks certain is looked at too.</summary>
    public const double RandomShare = 0.2;
    public const string RandomStratum = "random";

    public static IReadOnlyList<Drawn> Draw(QueueRule rule, IReadOnlyList<PoolMessage> pool, int size, int seed, Func<PoolMessage, string> strata, IReadOnlyDictionary<long, Uncertainty> uncertain) => rule switch
    {
        QueueRule.NewestFirst => [.. pool.OrderByDescending(m => m.SentAt).ThenByDescending(m => m.Id).Take(size).Select(m => new Drawn(m, null))],
        QueueRule.ByBot or QueueRule.ByTag => Stratified(Shuffled(pool, seed), size, strata),
        QueueRule.UncertainFirst => UncertainFirst(Shuffled(pool, seed), size, uncertain),
        _ => [.. Shuffled(pool, seed).Take(size).Select(m => new Drawn(m, null))],
    };

    /// <summary>One of each group in turn, so that small groups are as well covered as they can be and the queue is balanced wherever people stop.</summary>
    private static List<Drawn> Stratified(IEnumerable<PoolMessage> shuffled, int size, Func<PoolMessage, string> stratumOf)
    {
        var groups = shuffled.GroupBy(stratumOf).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (Name: g.Key, Messages: g.ToList())).ToList();
        var drawn = new List<Drawn>();
        for (var round = 0; drawn.Count < size && groups.Exists(g => g.Messages.Count > round); round++)
        {
            drawn.AddRange(groups.Where(g => g.Messages.Count > round).Take(size - drawn.Count).Select(g => new Drawn(g.Messages[round], g.Name)));
        }
        return drawn;
    }

    private static List<Drawn> UncertainFirst(IReadOnlyList<PoolMessage> shuffled, int size, IReadOnlyDictionary<long, Uncertainty> uncertain)
    {
        // The sort is stable: equally uncertain ones stay shuffled.
        var first = shuffled.Where(m => uncertain.ContainsKey(m.Id)).OrderByDescending(m => uncertain[m.Id].Entropy).Take((int)Math.Ceiling(size * (1 - RandomShare)))
            .Select(m => new Drawn(m, uncertain[m.Id].Reason)).ToList();
        var taken = first.Select(d => d.Message.Id).ToHashSet();
        return [.. first, .. shuffled.Where(m => !taken.Contains(m.Id)).Take(size - first.Count).Select(m => new Drawn(m, RandomStratum))];
    }

    // From the order of ids, not from the one in which the pool happened to arrive.
    private static PoolMessage[] Shuffled(IReadOnlyList<PoolMessage> pool, int seed)
    {
        var messages = pool.OrderBy(m => m.Id).ToArray();
        new Xoshiro256StarStar(seed).Shuffle(messages);
        return messages;
    }
}

/// <param name="Entropy">Of all verdicts on the message, people's together counting as one rater and each judge as one: 0 to 1 bit.</param>
/// <param name="Reason">Who disagree: <c>people</c>, <c>judge-people</c> or <c>judges</c>.</param>
internal sealed record Uncertainty(double Entropy, string Reason);

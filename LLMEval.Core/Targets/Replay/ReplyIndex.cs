using System.Buffers;
using System.Runtime.InteropServices;

namespace LLMEval.Core.Targets.Replay;

/// <summary>A recorded bot message that can be given again.</summary>
internal sealed record Reply(long MessageId, long SessionId, string BizCode, string RobotId, string Text);

internal readonly record struct Hit(Reply Reply, double Score);

/// <summary>BM25 (k1 = 1.2, b = 0.75) over what users said before each reply. Filled once by its builder, then only read.</summary>
/// <remarks>Robertson and Zaragoza 2009; idf = ln(1 + (N − df + ½)/(df + ½)), which is never negative.</remarks>
internal sealed class ReplyIndex
{
    private const double K1 = 1.2;
    private const double B = 0.75;
    private readonly List<Reply> _replies = [];
    private readonly List<int> _lengths = [];
    private readonly Dictionary<long, int> _byMessage = [];

    // Reply number << 8 | term frequency, at most 255.
    private readonly Dictionary<ulong, List<int>> _postings = [];
    private long _totalLength;

    public int Count => _replies.Count;

    public IReadOnlyList<Reply> Replies => _replies;

    public void Add(Reply reply, List<ulong> terms)
    {
        var number = _replies.Count;
        _replies.Add(reply);
        _lengths.Add(terms.Count);
        _byMessage[reply.MessageId] = number;
        _totalLength += terms.Count;
        foreach (var group in terms.GroupBy(term => term))
        {
            ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_postings, group.Key, out _);
            (list ??= new List<int>(1)).Add(number << 8 | Math.Min(255, group.Count()));
        }
    }

    public Reply? Find(long messageId) => _byMessage.TryGetValue(messageId, out var number) ? _replies[number] : null;

    public double Idf(ulong term)
    {
        var df = _postings.TryGetValue(term, out var list) ? list.Count : 0;
        return Math.Log(1 + (_replies.Count - df + 0.5) / (df + 0.5));
    }

    /// <summary>The best matches, best first; equal scores newest message first, so that the order is always the same.</summary>
    public List<Hit> Search(IEnumerable<(ulong Term, double Weight)> query, Func<Reply, bool> isAllowed, int take)
    {
        var scores = ArrayPool<double>.Shared.Rent(Math.Max(1, _replies.Count));
        Array.Clear(scores, 0, _replies.Count);
        try
        {
            Accumulate(query, scores);
            // The worst of the kept on top.
            var best = new PriorityQueue<int, (double, long)>(take + 1);
            for (var number = 0; number < _replies.Count; number++)
            {
                if (scores[number] <= 0 || (best.Count == take && best.TryPeek(out _, out var worst) && scores[number] < worst.Item1) || !isAllowed(_replies[number]))
                {
                    continue;
                }
                best.Enqueue(number, (scores[number], _replies[number].MessageId));
                if (best.Count > take)
                {
                    best.Dequeue();
                }
            }
            var hits = new List<Hit>(best.Count);
            while (best.TryDequeue(out var number, out _))
            {
                hits.Add(new Hit(_replies[number], scores[number]));
            }
            hits.Reverse();
            return hits;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(scores);
        }
    }

    private void Accumulate(IEnumerable<(ulong Term, double Weight)> query, double[] scores)
    {
        var average = Math.Max(1, (double)_totalLength / Math.Max(1, _replies.Count));
        foreach (var (term, weight) in query)
        {
            if (!_postings.TryGetValue(term, out var list))
            {
                continue;
            }
            var idf = weight * Idf(term);
            foreach (var posting in list)
            {
                var (number, frequency) = (posting >> 8, posting & 255);
                scores[number] += idf * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * _lengths[number] / average));
            }
        }
    }
}

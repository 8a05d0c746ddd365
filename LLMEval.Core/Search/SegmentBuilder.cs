using System.Numerics;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Search;

/// <summary>What of a message is indexed.</summary>
internal sealed record IndexedMessage(long Id, long SessionId, string ExternalId, string BizCode, string RobotId, string UserId, SenderType SenderType, string Content, DateTime SentAt);

/// <summary>Gathers messages, ids ascending, and makes the blocks of a segment of them.</summary>
internal sealed class SegmentBuilder
{
    /// <summary>Bounds the memory of building and, with it, the bits that the densest term costs a search.</summary>
    public const int MostMessages = 1 << 17;

    // Eight bytes each: 64 MiB while building.
    public const int MostTerms = 1 << 23;
    private const int MessagesPerBlock = 8;
    private const int MostBlockBits = 14;

    private readonly List<uint> _terms = [];
    private readonly List<long> _ids = [];

    // A term above, a position below: sorted, they are the postings.
    private ulong[] _postings = new ulong[1 << 16];
    private int _count;
    private DateTime _min = DateTime.MaxValue;
    private DateTime _max = DateTime.MinValue;

    public int Messages => _ids.Count;

    public bool IsFull => _ids.Count >= MostMessages || _count >= MostTerms;

    public void Add(IndexedMessage message)
    {
        _terms.Clear();
        SearchTerms.AddContent(message.Content, _terms);
        _terms.Add(SearchTerms.Of(SearchTerms.Field.Session, message.SessionId));
        _terms.Add(SearchTerms.Of(SearchTerms.Field.MessageId, message.ExternalId));
        _terms.Add(SearchTerms.Of(SearchTerms.Field.User, message.UserId));
        _terms.Add(SearchTerms.Of(SearchTerms.Field.Robot, message.RobotId));
        _terms.Add(SearchTerms.Of(SearchTerms.Field.Biz, message.BizCode));
        _terms.Add(SearchTerms.Of(SearchTerms.Field.Sender, (long)message.SenderType));
        var position = (uint)_ids.Count;
        _ids.Add(message.Id);
        if (_count + _terms.Count > _postings.Length)
        {
            Array.Resize(ref _postings, Math.Max(_postings.Length * 2, _count + _terms.Count));
        }
        foreach (var term in _terms)
        {
            // Mixed: the order of the terms is then the order of the blocks.
            _postings[_count++] = ((ulong)SearchTerms.Mix(term) << 32) | position;
        }
        _min = message.SentAt < _min ? message.SentAt : _min;
        _max = message.SentAt > _max ? message.SentAt : _max;
    }

    public SearchSegment Segment() => new()
    {
        MessageCount = _ids.Count,
        TermCount = _count,
        BlockBits = Math.Clamp(BitOperations.Log2((uint)Math.Max(1, _ids.Count / MessagesPerBlock)), 0, MostBlockBits),
        MinSentAt = _min,
        MaxSentAt = _max,
        MessageIds = MessageRuns.Write(_ids),
    };

    public IEnumerable<SearchBlock> Blocks(SearchSegment segment)
    {
        Array.Sort(_postings, 0, _count);
        var stream = new MemoryStream();
        var positions = new List<int>();
        var block = 0;
        for (var i = 0; i < _count;)
        {
            var term = (uint)(_postings[i] >> 32);
            positions.Clear();
            for (; i < _count && (uint)(_postings[i] >> 32) == term; i++)
            {
                var position = (int)(uint)_postings[i];
                if (positions.Count == 0 || positions[^1] != position)
                {
                    positions.Add(position);
                }
            }
            if (BlockOf(term, segment.BlockBits) != block && stream.Length > 0)
            {
                yield return Take();
            }
            block = BlockOf(term, segment.BlockBits);
            Postings.Write(stream, term, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(positions), _ids.Count);
        }
        if (stream.Length > 0)
        {
            yield return Take();
        }

        SearchBlock Take()
        {
            var made = new SearchBlock { Id = SearchBlock.IdOf(segment.Id, block), Data = stream.ToArray() };
            stream.SetLength(0);
            return made;
        }
    }

    public static int BlockOf(uint mixedTerm, int blockBits) => blockBits == 0 ? 0 : (int)(mixedTerm >> (32 - blockBits));
}

/// <summary>Ascending ids as runs of neighbours: most segments are one run.</summary>
internal static class MessageRuns
{
    public static byte[] Write(IReadOnlyList<long> ids)
    {
        using var stream = new MemoryStream();
        var previous = 0L;
        for (var i = 0; i < ids.Count;)
        {
            var start = i;
            while (i + 1 < ids.Count && ids[i + 1] == ids[i] + 1)
            {
                i++;
            }
            var gap = ids[start] - previous;
            Postings.WriteVarint(stream, (uint)(gap >> 28));
            Postings.WriteVarint(stream, (uint)(gap & 0xFFFFFFF));
            Postings.WriteVarint(stream, (uint)(i - start + 1));
            previous = ids[i];
            i++;
        }
        return stream.ToArray();
    }

    public static IEnumerable<(long From, int Count)> Read(byte[] runs)
    {
        var at = 0;
        var previous = 0L;
        while (at < runs.Length)
        {
            var gap = ((long)Next() << 28) | Next();
            var count = (int)Next();
            yield return (previous + gap, count);
            previous += gap + count - 1;
        }

        uint Next()
        {
            ReadOnlySpan<byte> rest = runs.AsSpan(at);
            var length = rest.Length;
            var value = Postings.ReadVarint(ref rest);
            at += length - rest.Length;
            return value;
        }
    }
}

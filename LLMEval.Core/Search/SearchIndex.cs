using System.Numerics;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Search;

/// <summary>A question in terms: a message qualifies when each group has an alternative that it satisfies.</summary>
internal sealed record TermQuery(IReadOnlyList<IReadOnlyList<TermAlternative>> Groups)
{
    public bool IsEmpty => Groups.Count == 0;
}

/// <summary>Any of the terms, and <paramref name="With"/> as well where it is given.</summary>
internal sealed record TermAlternative(IReadOnlyList<uint> Any, uint? With = null)
{
    public IEnumerable<uint> Terms => With is { } with ? Any.Append(with) : Any;
}

/// <param name="Ids">Messages that may qualify, those of the index; null when the question has no terms, so that every message may.</param>
/// <param name="Tail">Changed messages that the index does not hold yet, or not as they are now.</param>
/// <param name="Latest">No message of <paramref name="Ids"/> is later, nor earlier than <paramref name="Earliest"/>, unless it stands in the tail.</param>
internal sealed record Candidates(IdSet? Ids, IReadOnlyList<IdRange> Tail, long Messages, DateTime Earliest, DateTime Latest);

internal static class SearchIndex
{
    public static async Task<Candidates> ReadAsync(LLMEvalDbContext db, TermQuery query, DateTime from, DateTime to, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // The changes first: what is indexed meanwhile is then seen twice, never not at all.
            var tail = IdRanges.Of(await db.MessageChanges.AsNoTracking().ToListAsync(cancellationToken));
            var heads = await db.SearchSegments.AsNoTracking().Select(s => new { s.Id, s.MessageCount, s.MinSentAt, s.MaxSentAt }).ToListAsync(cancellationToken);
            heads.RemoveAll(s => s.MaxSentAt < from || s.MinSentAt >= to);
            var messages = heads.Sum(s => (long)s.MessageCount) + IdRanges.Size(tail);
            var asked = heads.ConvertAll(s => s.Id);
            if (query.IsEmpty)
            {
                return new Candidates(null, tail, messages, DateTime.MinValue, DateTime.MaxValue);
            }
            var segments = await db.SearchSegments.AsNoTracking().Where(s => asked.Contains(s.Id)).OrderBy(s => s.Id).ToListAsync(cancellationToken);
            var ids = new IdSet();
            var (earliest, latest) = (DateTime.MaxValue, DateTime.MinValue);
            var blocks = await BlocksAsync(db, segments, query, cancellationToken);
            // Segments are joined now and then; a joined one may have lost its blocks before we read them.
            if (await db.SearchSegments.CountAsync(s => asked.Contains(s.Id), cancellationToken) != asked.Count && attempt < 10)
            {
                continue;
            }
            foreach (var segment in segments)
            {
                if (Match(segment, query, blocks, ids))
                {
                    earliest = segment.MinSentAt < earliest ? segment.MinSentAt : earliest;
                    latest = segment.MaxSentAt > latest ? segment.MaxSentAt : latest;
                }
            }
            return new Candidates(ids, tail, messages, earliest, latest);
        }
    }

    private static async Task<Dictionary<long, byte[]>> BlocksAsync(LLMEvalDbContext db, List<SearchSegment> segments, TermQuery query, CancellationToken cancellationToken)
    {
        var terms = query.Groups.SelectMany(g => g).SelectMany(a => a.Terms).Select(SearchTerms.Mix).Distinct().ToList();
        var wanted = segments.SelectMany(s => terms.Select(t => SearchBlock.IdOf(s.Id, SegmentBuilder.BlockOf(t, s.BlockBits)))).Distinct().Order();
        var blocks = new Dictionary<long, byte[]>();
        foreach (var ids in wanted.Chunk(1000))
        {
            await foreach (var block in db.SearchBlocks.AsNoTracking().Where(b => ids.Contains(b.Id)).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                blocks.Add(block.Id, block.Data);
            }
        }
        return blocks;
    }

    private static bool Match(SearchSegment segment, TermQuery query, Dictionary<long, byte[]> blocks, IdSet into)
    {
        var words = (segment.MessageCount + 63) / 64;
        ulong[]? all = null;
        var (some, with) = (new ulong[words], new ulong[words]);
        foreach (var group in query.Groups)
        {
            var any = new ulong[words];
            foreach (var alternative in group)
            {
                if (alternative.With is not { } required)
                {
                    ReadAny(alternative, any);
                    continue;
                }
                Array.Clear(with);
                Array.Clear(some);
                if (Read(required, with) && ReadAny(alternative, some))
                {
                    Or(any, And(some, with));
                }
            }
            all = all is null ? any : And(all, any);
        }
        var found = false;
        var position = 0;
        foreach (var (from, count) in MessageRuns.Read(segment.MessageIds))
        {
            for (var i = 0; i < count; i++, position++)
            {
                var word = all![position >> 6] >> (position & 63);
                if (word == 0)
                {
                    // Nothing up to the end of this word.
                    var skip = Math.Min(63 - (position & 63), count - i - 1);
                    i += skip;
                    position += skip;
                    continue;
                }
                var next = BitOperations.TrailingZeroCount(word);
                if (i + next >= count)
                {
                    position += count - i;
                    break;
                }
                i += next;
                position += next;
                into.Add(from + i);
                found = true;
            }
        }
        return found;

        bool ReadAny(TermAlternative alternative, ulong[] bits)
        {
            var isThere = false;
            foreach (var term in alternative.Any)
            {
                isThere |= Read(term, bits);
            }
            return isThere;
        }

        bool Read(uint term, ulong[] bits)
        {
            var mixed = SearchTerms.Mix(term);
            return blocks.TryGetValue(SearchBlock.IdOf(segment.Id, SegmentBuilder.BlockOf(mixed, segment.BlockBits)), out var block) && Postings.Read(block, mixed, bits);
        }
    }

    private static ulong[] And(ulong[] left, ulong[] right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            left[i] &= right[i];
        }
        return left;
    }

    private static void Or(ulong[] left, ulong[] right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            left[i] |= right[i];
        }
    }
}

using System.Numerics;

namespace LLMEval.Core.Search;

/// <summary>A set of message ids: a bit an id in pages of 65,536, since ids are dense. Ten million of them are 1.3 MB.</summary>
internal sealed class IdSet
{
    private readonly SortedDictionary<long, ulong[]> _pages = [];
    private (long Page, ulong[] Bits) _last = (-1, []);

    public long Count { get; private set; }

    public void Add(long id)
    {
        var page = id >> 16;
        if (_last.Page != page)
        {
            if (!_pages.TryGetValue(page, out var bits))
            {
                _pages.Add(page, bits = new ulong[1024]);
            }
            _last = (page, bits);
        }
        ref var word = ref _last.Bits[(id & 0xFFFF) >> 6];
        var bit = 1UL << (int)(id & 63);
        if ((word & bit) == 0)
        {
            word |= bit;
            Count++;
        }
    }

    public bool Contains(long id) => _pages.TryGetValue(id >> 16, out var bits) && (bits[(id & 0xFFFF) >> 6] & (1UL << (int)(id & 63))) != 0;

    /// <summary>Ascending.</summary>
    public IEnumerable<long> All()
    {
        foreach (var (page, bits) in _pages)
        {
            for (var i = 0; i < bits.Length; i++)
            {
                for (var word = bits[i]; word != 0; word &= word - 1)
                {
                    yield return (page << 16) | ((long)i << 6) | (uint)BitOperations.TrailingZeroCount(word);
                }
            }
        }
    }
}

using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>The running numbers that people see: 1, 2, 3… without the gaps that removed items leave in the positions. Counted in the index of a set's positions: O(items before).</summary>
internal static class SetNumbers
{
    /// <summary>How many items stand before the position.</summary>
    /// <param name="positions">Of all items of one set or version.</param>
    public static Task<int> BeforeAsync(IQueryable<int> positions, int position, CancellationToken cancellationToken) => positions.CountAsync(p => p < position, cancellationToken);

    /// <summary>The number of each of the positions, which are given in ascending order.</summary>
    public static async Task<IReadOnlyDictionary<int, int>> OfAsync(IQueryable<int> positions, IReadOnlyList<int> wanted, CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<int, int>(wanted.Count);
        var (before, from) = (0, int.MinValue);
        foreach (var position in wanted)
        {
            var start = from;
            before += await positions.CountAsync(p => p >= start && p < position, cancellationToken);
            (numbers[position], from) = (before + 1, position);
        }
        return numbers;
    }

    /// <summary>Where the item with this number stands; beyond the end the last one, below 1 the first. Found by bisection: some seventeen counts of a hundred thousand items.</summary>
    public static async Task<int> PositionAsync(IQueryable<int> positions, int number, CancellationToken cancellationToken)
    {
        var (low, high) = (await positions.MinAsync(cancellationToken), await positions.MaxAsync(cancellationToken));
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (await positions.CountAsync(p => p <= middle, cancellationToken) >= number)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        return low;
    }
}

using System.Numerics;
using LLMEval.Core.Common;

namespace LLMEval.Core.Samples;

/// <summary>
/// Texts that say nearly the same. Similarity is Jaccard's over the pairs of neighbouring characters, case, punctuation and blanks aside; candidates come from MinHash with banding
/// (Broder 1997; Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3): <see cref="Bands"/> bands of <see cref="RowsPerBand"/> rows find a text of similarity s with probability
/// 1 − (1 − s^4)^10: 98 % at 0.75, 90 % at 0.68, 47 % at 0.5.
/// </summary>
public static class NearDuplicates
{
    public const double Threshold = 0.75;
    public const int Bands = 10;
    private const int RowsPerBand = 4;

    // Odd multipliers and offsets from a fixed generator (SplitMix64): the keys are stored, so they never change.
    private static readonly (ulong Multiplier, ulong Offset)[] Permutations = [.. Enumerable.Range(1, Bands * RowsPerBand).Select(i => (Mix((ulong)i) | 1, Mix((ulong)i << 32)))];

    /// <summary>The text's pairs of neighbouring characters, each once. One character is one gram; a text without letters, digits or symbols is compared as it stands; an empty one has none.</summary>
    public static IReadOnlySet<ulong> Grams(string text)
    {
        var characters = Characters.WithoutWhiteSpace(Characters.Normalise(text, Punctuation.Ignored));
        if (characters.Count == 0)
        {
            characters = Characters.WithoutWhiteSpace(Characters.Fold(text));
        }
        return characters.Count switch
        {
            0 => new HashSet<ulong>(),
            1 => new HashSet<ulong> { (ulong)characters[0] },
            _ => characters.Zip(characters.Skip(1), (a, b) => ((ulong)a << 32) | (uint)b).ToHashSet(),
        };
    }

    /// <summary>Shared grams over all grams, 0 to 1; of two texts without grams 0, since nothing is said twice.</summary>
    public static double Similarity(IReadOnlySet<ulong> a, IReadOnlySet<ulong> b)
    {
        var shared = a.Count < b.Count ? a.Count(b.Contains) : b.Count(a.Contains);
        var all = a.Count + b.Count - shared;
        return all == 0 ? 0 : (double)shared / all;
    }

    /// <summary>The keys of which similar texts are likely to share one; none for a text without grams.</summary>
    public static IReadOnlyList<long> Keys(IReadOnlySet<ulong> grams)
    {
        if (grams.Count == 0)
        {
            return [];
        }
        var keys = new long[Bands];
        for (var band = 0; band < Bands; band++)
        {
            var key = Mix((ulong)band + 1);
            for (var row = 0; row < RowsPerBand; row++)
            {
                var (multiplier, offset) = Permutations[(band * RowsPerBand) + row];
                var least = ulong.MaxValue;
                foreach (var gram in grams)
                {
                    least = Math.Min(least, Mix((gram * multiplier) + offset));
                }
                key = Mix(BitOperations.RotateLeft(key, 7) ^ least);
            }
            keys[band] = (long)key;
        }
        return keys;
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

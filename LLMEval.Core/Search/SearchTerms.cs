using System.Globalization;

namespace LLMEval.Core.Search;

/// <summary>
/// What a message is found by, each a number of 32 bits: every pair of neighbouring characters (code points of the folded text), its first and its last character as such, and each of
/// its identifying fields. Two things may share a number; whoever finds a message by its terms therefore looks at the message itself before showing it.
/// </summary>
internal static class SearchTerms
{
    public enum Field { Session = 1, MessageId, User, Robot, Biz, Sender }

    // Not characters (Unicode will never assign them), so no text has such a pair.
    private const int Start = 0xFFFE;
    private const int End = 0xFFFF;

    /// <summary>Adds the terms of a content; the same one may come several times.</summary>
    public static void AddContent(string content, List<uint> terms)
    {
        var previous = Start;
        foreach (var rune in SearchText.Fold(content).AsSpan().Trim().EnumerateRunes())
        {
            terms.Add(Pair(previous, rune.Value));
            previous = rune.Value;
        }
        terms.Add(Pair(previous, End));
    }

    public static uint Of(Field field, string value)
    {
        var hash = 2166136261u ^ (uint)field;
        foreach (var c in value)
        {
            hash = (hash ^ c) * 16777619u;
        }
        return Mix(hash * 31 + (uint)field);
    }

    public static uint Of(Field field, long value) => Of(field, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Terms that every message with this text has, <paramref name="most"/> at most, spread over the text; none when it is a single character.</summary>
    public static IReadOnlyList<uint> OfNeedle(string foldedNeedle, TextMatch match, int most)
    {
        var pairs = new List<uint>();
        var ends = new List<uint>();
        var previous = Start;
        foreach (var rune in foldedNeedle.EnumerateRunes())
        {
            (previous == Start ? ends : pairs).Add(Pair(previous, rune.Value));
            previous = rune.Value;
        }
        ends.Add(Pair(previous, End));
        if (match == TextMatch.Exact)
        {
            return [.. Spread([.. pairs.Distinct()], most - ends.Count).Concat(ends)];
        }
        return [.. Spread([.. pairs.Distinct()], most)];
    }

    /// <summary>The term's bits well mixed: neighbours in Unicode must not share a block.</summary>
    public static uint Mix(uint term)
    {
        term ^= term >> 16;
        term *= 0x7feb352du;
        term ^= term >> 15;
        term *= 0x846ca68bu;
        return term ^ (term >> 16);
    }

    private static IEnumerable<uint> Spread(List<uint> terms, int most)
    {
        if (terms.Count <= most)
        {
            return terms;
        }
        return Enumerable.Range(0, most).Select(i => terms[i * (terms.Count - 1) / (most - 1)]);
    }

    private static uint Pair(int first, int second) =>
        (first | second) <= 0xFFFF ? ((uint)first << 16) | (uint)second : Mix(((uint)first * 0x9E3779B1u) ^ (uint)second);
}

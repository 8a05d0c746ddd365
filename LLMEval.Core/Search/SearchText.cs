using System.Text;

namespace LLMEval.Core.Search;

/// <summary>What search takes for the same text: neither case nor the width of Latin letters, digits and punctuation matters. Folding keeps every character's place, so that a hit in the folded text is a hit in the text.</summary>
public static class SearchText
{
    private const int WidthShift = 0xFF01 - '!';

    public static string Fold(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsFolded(text[i]))
            {
                return FoldAll(text);
            }
        }
        return text;
    }

    /// <summary>Where the folded needle stands in a text: starts in UTF-16 units, ascending, not overlapping, <paramref name="most"/> at most.</summary>
    public static List<int> Hits(string text, string foldedNeedle, int most)
    {
        var hits = new List<int>();
        if (foldedNeedle.Length == 0)
        {
            return hits;
        }
        var folded = Fold(text);
        for (var at = folded.IndexOf(foldedNeedle, StringComparison.Ordinal); at >= 0 && hits.Count < most; at = folded.IndexOf(foldedNeedle, at + foldedNeedle.Length, StringComparison.Ordinal))
        {
            hits.Add(at);
        }
        return hits;
    }

    public static bool Contains(string text, string foldedNeedle) => Fold(text).Contains(foldedNeedle, StringComparison.Ordinal);

    /// <summary>The whole text is the needle, white space at its ends aside.</summary>
    public static bool IsExactly(string text, string foldedNeedle) => Fold(text).AsSpan().Trim().SequenceEqual(foldedNeedle);

    // Han, kana and the ASCII characters that are no capitals: most of what is recorded.
    private static bool IsFolded(char c) => c is (< '\u0080' and not (>= 'A' and <= 'Z')) or (>= '\u3001' and <= '\u9FFF');

    private static string FoldAll(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        source.CopyTo(span);
        for (var i = 0; i < span.Length; i++)
        {
            var c = span[i];
            if (IsFolded(c))
            {
                continue;
            }
            if (char.IsHighSurrogate(c) && i + 1 < span.Length && char.IsLowSurrogate(span[i + 1]))
            {
                var folded = Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(c, span[i + 1])));
                if (folded.Utf16SequenceLength == 2)
                {
                    folded.EncodeToUtf16(span[i..]);
                }
                i++;
                continue;
            }
            span[i] = FoldOne(c);
        }
    });

    private static char FoldOne(char c) => c switch
    {
        '\u3000' => ' ',
        >= '\uFF01' and <= '\uFF5E' => FoldOne((char)(c - WidthShift)),
        // Upper case first, so that letters with several lower-case forms (final sigma) meet.
        _ => char.ToLowerInvariant(char.ToUpperInvariant(c)),
    };
}

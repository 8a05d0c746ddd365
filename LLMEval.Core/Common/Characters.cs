using System.Globalization;
using System.Text;

namespace LLMEval.Core.Common;

/// <summary>What scorers and the built-in bot take for a character, a word and the same text.</summary>
public static class Characters
{
    /// <summary>Compatibility-composed (NFKC), case folded, trimmed, every run of white space one blank. Lone surrogates become U+FFFD.</summary>
    public static string Normalise(string text, Punctuation punctuation)
    {
        var folded = Fold(text);
        var result = new StringBuilder(folded.Length);
        var isGap = false;
        foreach (var rune in folded.EnumerateRunes())
        {
            if (IsWhiteSpace(rune.Value) || (punctuation == Punctuation.Ignored && IsPunctuation(rune)))
            {
                isGap = isGap || IsWhiteSpace(rune.Value);
                continue;
            }
            if (isGap && result.Length > 0)
            {
                result.Append(' ');
            }
            isGap = false;
            result.Append(rune.ToString());
        }
        return result.ToString();
    }

    /// <summary>NFKC and simple case folding. Upper case first, so that letters with several lower-case forms (final sigma, long s) meet.</summary>
    public static string Fold(string text) => WellFormed(text).Normalize(NormalizationForm.FormKC).ToUpperInvariant().ToLowerInvariant();

    /// <summary>Code points without white space: what n-grams of characters are made of.</summary>
    public static List<int> WithoutWhiteSpace(string text) => [.. text.EnumerateRunes().Select(rune => rune.Value).Where(value => !IsWhiteSpace(value))];

    /// <summary>Each Han, kana or Hangul character by itself, other letters and digits in runs; punctuation and symbols are left out.</summary>
    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var run = new StringBuilder();
        void End()
        {
            if (run.Length > 0)
            {
                words.Add(run.ToString());
                run.Clear();
            }
        }
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsCjk(rune.Value))
            {
                End();
                words.Add(rune.ToString());
            }
            else if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                || (rune.Value is '\'' or 0x2019 && run.Length > 0))
            {
                run.Append(rune.ToString());
            }
            else
            {
                End();
            }
        }
        End();
        return words;
    }

    public static bool IsCjk(int codePoint) => codePoint is
        (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x323AF);

    /// <summary>The white space of Unicode and the four separators U+001C to U+001F, as Python's <c>split</c> has it.</summary>
    public static bool IsWhiteSpace(int codePoint) => codePoint is >= 0x1C and <= 0x1F || (codePoint <= 0xFFFF && char.IsWhiteSpace((char)codePoint));

    private static bool IsPunctuation(Rune rune) => Rune.IsPunctuation(rune) || Rune.IsSymbol(rune);

    private static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));
            }
        }
        return text;
    }
}

public enum Punctuation { Kept, Ignored }

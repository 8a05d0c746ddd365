using System.Globalization;
using System.Text;
using LLMEval.Core.Common;

namespace LLMEval.Core.Targets.Replay;

/// <summary>The terms of a text as 64-bit keys: pairs of neighbouring Han, kana or Hangul characters (a lone one by itself), and other words in lower case.</summary>
internal static class ReplyTerms
{
    public static List<ulong> Of(string text)
    {
        var terms = new List<ulong>();
        var folded = Characters.Fold(text);
        uint before = 0;
        var isAlone = false;
        ulong word = 0;
        void EndWord()
        {
            if (word != 0)
            {
                // The highest bit keeps words apart from pairs of code points.
                terms.Add(word | 1UL << 63);
                word = 0;
            }
        }
        void EndRun()
        {
            if (isAlone)
            {
                terms.Add((ulong)before << 32);
            }
            (before, isAlone) = (0, false);
        }
        foreach (var rune in folded.EnumerateRunes())
        {
            if (Characters.IsCjk(rune.Value))
            {
                EndWord();
                if (before != 0)
                {
                    terms.Add((ulong)before << 32 | (uint)rune.Value);
                }
                (before, isAlone) = ((uint)rune.Value, before == 0);
                continue;
            }
            EndRun();
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark)
            {
                word = ((word == 0 ? 14695981039346656037UL : word) ^ (uint)rune.Value) * 1099511628211UL;
            }
            else
            {
                EndWord();
            }
        }
        EndWord();
        EndRun();
        return terms;
    }
}

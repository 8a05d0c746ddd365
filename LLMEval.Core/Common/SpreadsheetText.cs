using System.Buffers;

namespace LLMEval.Core.Common;

/// <summary>Keeps a spreadsheet from executing what people wrote: text that begins like a formula gets an apostrophe in front, and loses it when it comes back.</summary>
public static class SpreadsheetText
{
    private const char Mark = '\'';
    private static readonly SearchValues<char> Beginnings = SearchValues.Create("=@+-\t\r\n");

    public static string Guard(string text) => IsFormula(text) ? Mark + text : text;

    /// <summary>What <see cref="Guard"/> was given.</summary>
    public static string Unguard(string text) => text is [Mark, ..] && IsFormula(text) ? text[1..] : text;

    // Apostrophes of its own count as none: such text gets one more, so that taking one away always gives what it was.
    private static bool IsFormula(string text) => text.AsSpan().TrimStart(Mark) is [var first, ..] && Beginnings.Contains(first);
}

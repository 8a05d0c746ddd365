namespace LLMEval.Core.Common;

/// <summary>The short form of a long text that lists show and store: at most 200 UTF-16 units, line breaks as spaces, never half a surrogate pair.</summary>
public static class Preview
{
    public const int MaxLength = 200;

    public static string Of(string text)
    {
        var end = Math.Min(text.Length, MaxLength);
        if (end < text.Length && end > 0 && char.IsHighSurrogate(text[end - 1]))
        {
            end--;
        }
        return OneLine(text.AsSpan(0, end));
    }

    /// <summary>Line breaks and other control characters as spaces; every character keeps its place.</summary>
    public static string OneLine(ReadOnlySpan<char> text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = char.IsControl(source[i]) ? ' ' : source[i];
        }
    });
}

using LLMEval.Core.Common;

namespace LLMEval.Core.Search;

/// <summary>Cuts the part of a message that a list shows: the first hit with what stands around it, on one line.</summary>
internal static class Snippets
{
    public const int Length = 160;
    private const int Before = 40;
    private const char Ellipsis = '…';

    public static Snippet Of(string content, string foldedNeedle)
    {
        var hits = SearchText.Hits(content, foldedNeedle, 50);
        var from = hits.Count == 0 || hits[0] <= Before ? 0 : hits[0] - Before;
        var to = Math.Min(content.Length, from + Length);
        from = Math.Max(0, Math.Min(from, to - Length));
        // Never half a character.
        from += from > 0 && from < content.Length && char.IsLowSurrogate(content[from]) ? 1 : 0;
        to -= to < content.Length && to > from && char.IsHighSurrogate(content[to - 1]) ? 1 : 0;
        var text = Preview.OneLine(content.AsSpan(from, to - from));
        var lead = from > 0 ? 1 : 0;
        var marks = new List<SnippetMark>();
        foreach (var hit in hits)
        {
            var (start, end) = (Math.Max(hit, from), Math.Min(hit + foldedNeedle.Length, to));
            if (start < end)
            {
                marks.Add(new SnippetMark(start - from + lead, end - start));
            }
        }
        return new Snippet((lead > 0 ? Ellipsis.ToString() : "") + text + (to < content.Length ? Ellipsis.ToString() : ""), marks);
    }
}

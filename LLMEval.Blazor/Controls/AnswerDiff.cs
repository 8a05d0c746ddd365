using DiffPlex;
using DiffPlex.Chunkers;

namespace LLMEval.Blazor.Controls;

public enum DiffKind { Same, Added, Removed }

public sealed record DiffPart(DiffKind Kind, string Text);

/// <summary>How one answer's words differ from another's. Chinese has no blanks between words, so each of its characters counts as one.</summary>
public static class AnswerDiff
{
    private const double LeastShared = 0.3;

    /// <summary>Empty where the two have so little in common that marks would only confuse.</summary>
    public static IReadOnlyList<DiffPart> Of(string from, string to)
    {
        var diff = Differ.Instance.CreateDiffs(from, to, ignoreWhiteSpace: false, ignoreCase: false, new CustomFunctionChunker(Words));
        var (before, after) = (diff.PiecesOld.ToArray(), diff.PiecesNew.ToArray());
        var parts = new List<DiffPart>();
        var at = 0;
        foreach (var block in diff.DiffBlocks)
        {
            Add(DiffKind.Same, after[at..block.InsertStartB]);
            Add(DiffKind.Removed, before[block.DeleteStartA..(block.DeleteStartA + block.DeleteCountA)]);
            Add(DiffKind.Added, after[block.InsertStartB..(block.InsertStartB + block.InsertCountB)]);
            at = block.InsertStartB + block.InsertCountB;
        }
        Add(DiffKind.Same, after[at..]);
        var shared = parts.Where(p => p.Kind == DiffKind.Same).Sum(p => p.Text.Length);
        return shared < LeastShared * Math.Max(from.Length, to.Length) ? [] : parts;

        void Add(DiffKind kind, string[] pieces)
        {
            if (pieces.Length > 0)
            {
                parts.Add(new DiffPart(kind, string.Concat(pieces)));
            }
        }
    }

    private static string[] Words(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 == text.Length || !(IsLatinWord(text[i]) && IsLatinWord(text[i + 1])) && !char.IsHighSurrogate(text[i]))
            {
                words.Add(text[start..(i + 1)]);
                start = i + 1;
            }
        }
        return [.. words];
    }

    private static bool IsLatinWord(char c) => c < 0x2E80 && char.IsLetterOrDigit(c);
}

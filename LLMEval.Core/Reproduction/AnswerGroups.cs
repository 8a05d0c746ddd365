using LLMEval.Core.Samples;

namespace LLMEval.Core.Reproduction;

/// <summary>Which of a version's answers say nearly the same, and whether they say enough different things to be n observations.</summary>
/// <param name="Groups">For each answer the number of its group, from 0 in the order of their first answers; null where there is no answer.</param>
/// <param name="Distinct">How many different texts there are, to the last character.</param>
/// <param name="MostCommonShare">Share of the answers that are the commonest text, 0 to 1; 0 of none.</param>
public sealed record AnswerGroups(IReadOnlyList<int?> Groups, int Distinct, double MostCommonShare, bool IsLowDiversity)
{
    private const int FewestToTell = 5;

    /// <summary>Each answer joins the first group whose first answer it resembles by <see cref="NearDuplicates.Threshold"/>. Texts without letters form a group where they are equal.</summary>
    public static AnswerGroups Of(IReadOnlyList<string?> answers)
    {
        var first = new List<(string Text, IReadOnlySet<ulong> Grams)>();
        var byText = new Dictionary<string, int>(StringComparer.Ordinal);
        var groups = new int?[answers.Count];
        foreach (var (index, answer) in answers.Index())
        {
            if (answer is null)
            {
                continue;
            }
            if (!byText.TryGetValue(answer, out var group))
            {
                var grams = NearDuplicates.Grams(answer);
                group = first.FindIndex(f => NearDuplicates.Similarity(f.Grams, grams) >= NearDuplicates.Threshold);
                if (group < 0)
                {
                    group = first.Count;
                    first.Add((answer, grams));
                }
                byText[answer] = group;
            }
            groups[index] = group;
        }
        var texts = answers.OfType<string>().ToList();
        var most = texts.Count == 0 ? 0 : texts.GroupBy(t => t, StringComparer.Ordinal).Max(g => g.Count());
        return new AnswerGroups(groups, byText.Count, texts.Count == 0 ? 0 : (double)most / texts.Count, texts.Count >= FewestToTell && most * 2 > texts.Count);
    }
}

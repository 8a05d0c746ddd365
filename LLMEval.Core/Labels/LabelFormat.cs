namespace LLMEval.Core.Labels;

/// <summary>The shapes in which labels leave and come in: one label a line as CSV or JSON, tasks of Label Studio, records of Argilla.</summary>
public enum LabelFormat { Csv, Jsonl, LabelStudio, Argilla }

/// <summary>The words of a label as files write them.</summary>
public static class LabelWords
{
    public static IReadOnlyList<string> Verdicts { get; } = [.. Enum.GetValues<Verdict>().Select(Word)];

    public static IReadOnlyList<string> Scales { get; } = [.. Enum.GetValues<ScoreScale>().Select(Word)];

    public static string Word(this Verdict verdict) => verdict == Verdict.Good ? "good" : "bad";

    public static string Word(this ScoreScale scale) => scale switch
    {
        ScoreScale.ZeroToOne => "0-1",
        ScoreScale.OneToFive => "1-5",
        ScoreScale.ZeroToTen => "0-10",
        _ => "0-100",
    };

    /// <summary>Null when it is no verdict; case does not matter.</summary>
    public static Verdict? VerdictOf(string word) => Find<Verdict>(word, Verdicts);

    /// <summary>Null when it is no scale.</summary>
    public static ScoreScale? ScaleOf(string word) => Find<ScoreScale>(word, Scales);

    private static T? Find<T>(string word, IReadOnlyList<string> words) where T : struct, Enum
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i].Equals(word.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return Enum.GetValues<T>()[i];
            }
        }
        return null;
    }
}

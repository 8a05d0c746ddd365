using System.Globalization;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>Shows what there is to choose from under a question, one letter a line, and takes it away again.</summary>
internal static class Choices
{
    private const int Letters = 26;

    public static string Append(string question, IReadOnlyList<string> choices) => question + Block(choices);

    /// <summary>The question without these choices, where they stand at its end.</summary>
    public static string Strip(string question, IReadOnlyList<string> choices) =>
        choices.Count > 0 && question.EndsWith(Block(choices), StringComparison.Ordinal) ? question[..^Block(choices).Length] : question;

    public static string Lines(IReadOnlyList<string> choices) => string.Join('\n', choices.Select((choice, i) => $"{Letter(i)}) {choice}"));

    private static string Block(IReadOnlyList<string> choices) => choices.Count == 0 ? "" : "\n\n" + Lines(choices);

    private static string Letter(int index) => index < Letters ? ((char)('A' + index)).ToString() : (index + 1).ToString(CultureInfo.InvariantCulture);
}

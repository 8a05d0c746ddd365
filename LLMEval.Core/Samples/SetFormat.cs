namespace LLMEval.Core.Samples;

/// <summary>Shapes of files that evaluation items are read from and written to.</summary>
public enum SetFormat
{
    /// <summary>Ours, one item a line; loses nothing.</summary>
    Jsonl,

    /// <summary>Ours as a table, one item a row; what a cell cannot hold stands in it as JSON.</summary>
    Csv,
    Xlsx,

    /// <summary>promptfoo test cases: the <c>tests</c> of a configuration, or a list of them.</summary>
    PromptfooYaml,
    PromptfooCsv,

    /// <summary>Lines of <c>input</c> and <c>ideal</c>, as the evals repository has them; Phoenix writes <c>messages</c> where it has <c>input</c>.</summary>
    OpenAiEvals,

    /// <summary>Lines of <c>messages</c> that end with the answer, for fine-tuning.</summary>
    OpenAiChat,

    /// <summary>Lines of <c>preferred_output</c> and <c>non_preferred_output</c>.</summary>
    OpenAiPreference,
    ShareGpt,
    Alpaca,
    Langfuse,
    Phoenix,
    Inspect,
}

/// <summary>An item of a set as files have it.</summary>
/// <param name="IsBad">What counts of its labels: true for bad, false for good, null where nobody judged it or people disagree.</param>
public sealed record SetFileItem(SampleDraft Draft, bool? IsBad);

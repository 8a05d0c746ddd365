using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>What the formats of sets are called in addresses, on the command line and in file names.</summary>
public static class SetFormats
{
    private const string Lines = "application/x-ndjson";
    private const string Csv = "text/csv; charset=utf-8";

    public static IReadOnlyDictionary<string, (SetFormat Format, string Ending, string Type)> All { get; } = new Dictionary<string, (SetFormat, string, string)>(StringComparer.OrdinalIgnoreCase)
    {
        ["jsonl"] = (SetFormat.Jsonl, "jsonl", Lines),
        ["csv"] = (SetFormat.Csv, "csv", Csv),
        ["xlsx"] = (SetFormat.Xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ["promptfoo-yaml"] = (SetFormat.PromptfooYaml, "promptfoo.yaml", "application/yaml"),
        ["promptfoo-csv"] = (SetFormat.PromptfooCsv, "promptfoo.csv", Csv),
        ["openai-evals"] = (SetFormat.OpenAiEvals, "evals.jsonl", Lines),
        ["openai-chat"] = (SetFormat.OpenAiChat, "chat.jsonl", Lines),
        ["openai-preference"] = (SetFormat.OpenAiPreference, "preference.jsonl", Lines),
        ["sharegpt"] = (SetFormat.ShareGpt, "sharegpt.json", "application/json"),
        ["alpaca"] = (SetFormat.Alpaca, "alpaca.json", "application/json"),
        ["langfuse"] = (SetFormat.Langfuse, "langfuse.jsonl", Lines),
        ["phoenix"] = (SetFormat.Phoenix, "phoenix.jsonl", Lines),
        ["inspect"] = (SetFormat.Inspect, "inspect.jsonl", Lines),
    };

    public static string Words { get; } = string.Join(", ", All.Keys);

    public static string Word(SetFormat format) => All.First(f => f.Value.Format == format).Key;

    /// <summary>A file's name that every system takes.</summary>
    public static string FileName(string setName, int? version, string ending)
    {
        var name = string.Concat(setName.Select(c => char.IsControl(c) || "\\/:*?\"<>|".Contains(c, StringComparison.Ordinal) ? '_' : c));
        return version is { } number ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}-v{number}.{ending}") : $"{name}.{ending}";
    }
}

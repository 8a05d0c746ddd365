using LLMEval.Blazor.Resources;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Says the codes that Core stores in the reader's language. A code without words (of a newer version, of an endpoint) stands as it is.</summary>
public sealed class CodeTexts(IStringLocalizer<CodesTexts> texts)
{
    public string Metric(string metric) => Or(texts[$"Metric_{metric}"], metric);

    public string? MetricHelp(string metric) => Or(texts[$"MetricHelp_{metric}"], null);

    public string Scorer(string kind) => Or(texts[$"Scorer_{kind}"], kind);

    public string? ScorerHelp(string kind) => Or(texts[$"ScorerHelp_{kind}"], null);

    public string Option(string option) => Or(texts[$"Option_{option}"], option);

    public string Unscored(string reason) => Or(texts[$"Unscored_{reason}"], reason);

    /// <summary>What went wrong with one question, by the type that targets give it.</summary>
    public string Error(string errorType) => Or(texts[$"Error_{errorType}"], errorType);

    public string Connector(Core.Targets.Connector connector) => texts[$"Connector_{connector}"];

    public string Memory(Core.Targets.MemoryPolicy policy) => texts[$"Memory_{policy}"];

    public string Method(string method) => Or(texts[$"Method_{method}"], method);

    /// <summary>What a reader must know about an interval; null where all is well.</summary>
    public string? Caution(string status) => status == "ok" ? null : Or(texts[$"Caution_{status}"], status);

    private static string Or(LocalizedString text, string? code) => text.ResourceNotFound ? code! : text.Value;
}

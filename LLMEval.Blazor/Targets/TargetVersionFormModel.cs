using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Targets;

namespace LLMEval.Blazor.Targets;

public sealed class TargetVersionFormModel
{
    public string? Endpoint { get; set; }
    public string? Model { get; set; }

    /// <summary>Only ever typed in; what is stored never comes back.</summary>
    public string? ApiKey { get; set; }
    public bool ForgetsApiKey { get; set; }
    public string? SystemPrompt { get; set; }
    public string Parameters { get; set; } = "{}";
    public MemoryPolicy MemoryPolicy { get; set; }
    public int? ContextLength { get; set; }
    public int MaxParallel { get; set; } = 4;
    public int TimeoutSeconds { get; set; } = 120;
    public string? Note { get; set; }

    public static TargetVersionFormModel Of(TargetVersionRow version) => new()
    {
        Endpoint = version.Endpoint,
        Model = version.Model,
        SystemPrompt = version.SystemPrompt,
        Parameters = Indented(version.ParametersJson),
        MemoryPolicy = version.MemoryPolicy,
        ContextLength = version.ContextLength,
        MaxParallel = version.MaxParallel,
        TimeoutSeconds = version.TimeoutSeconds,
    };

    public Result<TargetVersionRequest> ToRequest()
    {
        JsonElement parameters;
        try
        {
            parameters = JsonElement.Parse(string.IsNullOrWhiteSpace(Parameters) ? "{}" : Parameters);
        }
        catch (JsonException)
        {
            return Failure.Invalid("TargetParametersNotAnObject", nameof(Parameters));
        }
        var key = ForgetsApiKey ? "" : string.IsNullOrEmpty(ApiKey) ? null : ApiKey;
        return new TargetVersionRequest(Trimmed(Endpoint), Trimmed(Model), key, SystemPrompt, parameters, MemoryPolicy, ContextLength, MaxParallel, TimeoutSeconds, Trimmed(Note));
    }

    private static string Indented(string json) => JsonSerializer.Serialize(JsonElement.Parse(json), Json.Shown);

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

using System.Text.Json;
using System.Text.RegularExpressions;
using LLMEval.Core.Common;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Targets;

/// <summary>A target version's request parameters: a JSON object with the names of the OpenAI API. Those not known here are sent as they stand.</summary>
public static partial class ChatParameters
{
    /// <summary>Set by LLMEval itself: the question decides them.</summary>
    private static readonly HashSet<string> Reserved = ["messages", "model", "stream", "stream_options", "n", "metadata"];

    public static JsonElement None { get; } = JsonElement.Parse("{}");

    /// <summary>Null when the object may be sent.</summary>
    public static Failure? Check(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            return Failure.Invalid("TargetParametersNotAnObject", nameof(TargetVersionRequest.Parameters));
        }
        foreach (var parameter in parameters.EnumerateObject())
        {
            if (Reserved.Contains(parameter.Name))
            {
                return Failure.Invalid("TargetParameterReserved", nameof(TargetVersionRequest.Parameters), parameter.Name);
            }
            if (!Name().IsMatch(parameter.Name) || !Fits(parameter.Name, parameter.Value))
            {
                return Failure.Invalid("TargetParameterInvalid", nameof(TargetVersionRequest.Parameters), Preview.Of(parameter.Name), Preview.Of(parameter.Value.GetRawText()));
            }
        }
        return null;
    }

    /// <summary>The first object with the second's values over it; a null there takes a parameter away.</summary>
    public static JsonElement Merge(JsonElement parameters, JsonElement overrides)
    {
        var merged = Sorted(parameters);
        foreach (var parameter in overrides.EnumerateObject())
        {
            if (parameter.Value.ValueKind == JsonValueKind.Null)
            {
                merged.Remove(parameter.Name);
            }
            else
            {
                merged[parameter.Name] = parameter.Value.Clone();
            }
        }
        return JsonSerializer.SerializeToElement(merged, Json.Stored);
    }

    /// <summary>The parameters of one question, exactly as they are sent. The question's own seed, if it has one, takes the place of the version's.</summary>
    public static JsonElement Effective(JsonElement parameters, int? seed) =>
        seed is { } own ? Merge(parameters, JsonSerializer.SerializeToElement(new { seed = own })) : Merge(parameters, None);

    /// <summary>For clients that live in this process. Names unknown to the abstraction go into the additional properties.</summary>
    public static ChatOptions ToOptions(JsonElement parameters, string? model)
    {
        var options = new ChatOptions { ModelId = model };
        foreach (var parameter in parameters.EnumerateObject())
        {
            var value = parameter.Value;
            switch (parameter.Name)
            {
                case "temperature": options.Temperature = value.GetSingle(); break;
                case "top_p": options.TopP = value.GetSingle(); break;
                case "max_tokens" or "max_completion_tokens": options.MaxOutputTokens = value.GetInt32(); break;
                case "seed": options.Seed = value.GetInt64(); break;
                case "frequency_penalty": options.FrequencyPenalty = value.GetSingle(); break;
                case "presence_penalty": options.PresencePenalty = value.GetSingle(); break;
                case "stop": options.StopSequences = value.ValueKind == JsonValueKind.String ? [value.GetString()!] : [.. value.EnumerateArray().Select(s => s.GetString()!)]; break;
                default: (options.AdditionalProperties ??= [])[parameter.Name] = value.Clone(); break;
            }
        }
        return options;
    }

    private static bool Fits(string name, JsonElement value) => name switch
    {
        "temperature" or "top_p" or "frequency_penalty" or "presence_penalty" => value.ValueKind == JsonValueKind.Number && float.IsFinite(value.GetSingle()),
        "max_tokens" or "max_completion_tokens" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var tokens) && tokens > 0,
        "seed" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "stop" => value.ValueKind == JsonValueKind.String || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(s => s.ValueKind == JsonValueKind.String)),
        _ => true,
    };

    private static SortedDictionary<string, JsonElement> Sorted(JsonElement parameters) =>
        new(parameters.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone()), StringComparer.Ordinal);

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
    private static partial Regex Name();
}

using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

/// <summary>Where a sent value comes from; <see cref="Own"/> is each generation's own seed.</summary>
public enum ParameterSource { Version, Recorded, Override, Own }

/// <summary>What is sent: the version's parameters, over them what production recorded where the name is one that every endpoint knows, over these the overrides.</summary>
public static class ReproductionParameters
{
    /// <summary>Recorded values of other names may mean something else, or nothing, to this endpoint. The recorded seed is left out: n times the same draw would be one observation.</summary>
    private static readonly HashSet<string> Known = ["temperature", "top_p", "max_tokens", "max_completion_tokens", "frequency_penalty", "presence_penalty", "stop"];

    /// <summary>What a request holds beside its parameters.</summary>
    private static readonly HashSet<string> Content = ["messages", "prompt", "input", "metadata", "user"];

    internal const string Seed = "seed";
    internal const string Model = "model";

    internal static bool IsKnown(string name) => Known.Contains(name);

    /// <param name="Sent">Without the seed, which each generation has its own of.</param>
    public sealed record Merged(JsonElement Sent, IReadOnlyDictionary<string, ParameterSource> Sources, int? Seed);

    /// <summary>What production sent, as far as it was recorded: the members of its request but for the conversation, over them the parameters that were recorded by themselves, and the model. Null where nothing was.</summary>
    public static JsonElement? Recorded(string? parametersJson, string? requestJson, string? model)
    {
        var all = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in Members(Parsed(requestJson)).Where(m => !Content.Contains(m.Key)).Concat(Members(Parsed(parametersJson))))
        {
            all[name] = value;
        }
        if (model is not null)
        {
            all[Model] = JsonSerializer.SerializeToElement(model);
        }
        return all.Count == 0 ? null : JsonSerializer.SerializeToElement(all, Json.Stored);
    }

    public static Result<Merged> Merge(JsonElement version, JsonElement? recorded, JsonElement overrides)
    {
        if (overrides.ValueKind != JsonValueKind.Object)
        {
            return Failure.Invalid("TargetParametersNotAnObject");
        }
        if (ChatParameters.Check(ChatParameters.Merge(ChatParameters.None, overrides)) is { } failure)
        {
            return failure;
        }
        var all = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        var sources = new SortedDictionary<string, ParameterSource>(StringComparer.Ordinal);
        Put(version, ParameterSource.Version, _ => true);
        if (recorded is { ValueKind: JsonValueKind.Object } production)
        {
            Put(production, ParameterSource.Recorded, p => Known.Contains(p.Name) && IsSendable(p));
            // The two names of one limit: an endpoint takes one of them.
            if (sources.GetValueOrDefault("max_tokens") != sources.GetValueOrDefault("max_completion_tokens") && all.ContainsKey("max_tokens") && all.ContainsKey("max_completion_tokens"))
            {
                var own = sources["max_tokens"] == ParameterSource.Version ? "max_tokens" : "max_completion_tokens";
                all.Remove(own);
                sources.Remove(own);
            }
        }
        Put(overrides, ParameterSource.Override, _ => true);
        int? seed = all.Remove(Seed, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? (int)(number & int.MaxValue) : null;
        sources.Remove(Seed);
        return new Merged(JsonSerializer.SerializeToElement(all, Json.Stored), sources, seed);

        void Put(JsonElement from, ParameterSource source, Func<JsonProperty, bool> isWanted)
        {
            foreach (var parameter in from.EnumerateObject().Where(isWanted))
            {
                if (parameter.Value.ValueKind == JsonValueKind.Null)
                {
                    all.Remove(parameter.Name);
                    sources.Remove(parameter.Name);
                }
                else
                {
                    all[parameter.Name] = parameter.Value.Clone();
                    sources[parameter.Name] = source;
                }
            }
        }
    }

    /// <summary>The members of a JSON object; none of anything else.</summary>
    internal static IReadOnlyDictionary<string, JsonElement> Members(JsonElement? json)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (json is { ValueKind: JsonValueKind.Object } found)
        {
            foreach (var member in found.EnumerateObject())
            {
                members[member.Name] = member.Value.Clone();
            }
        }
        return members;
    }

    /// <summary>The parameters of a request's body: all its members but the conversation.</summary>
    internal static IReadOnlyDictionary<string, JsonElement> OfRequest(string? requestJson)
    {
        var members = Members(Parsed(requestJson)).Where(m => !Content.Contains(m.Key)).ToDictionary(StringComparer.Ordinal);
        // The built-in bot is asked inside the process and notes its parameters as one member.
        if (members.Remove("parameters", out var own))
        {
            foreach (var (name, value) in Members(own))
            {
                members[name] = value;
            }
        }
        return members;
    }

    internal static JsonElement? Parsed(string? json)
    {
        try
        {
            return json is null ? null : JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            // A source may record what is no JSON; there is nothing to compare then.
            return null;
        }
    }

    private static bool IsSendable(JsonProperty parameter) =>
        parameter.Value.ValueKind != JsonValueKind.Null
        && ChatParameters.Check(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [parameter.Name] = parameter.Value })) is null;
}

using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>What a foreign format has no place for stands in its metadata under our names, and is found there again. What stands under such a name and is of another type stays where it is.</summary>
internal static class DraftMetadata
{
    public const string Id = "id";
    public const string SystemPrompt = "system_prompt";
    public const string RecordedAnswer = "production_output";
    public const string Reference = "reference";
    public const string ExpectedBehaviour = "expected_behaviour";

    /// <summary>The draft's metadata and all fields but those that the format holds itself.</summary>
    public static JsonObject Of(SampleDraft draft, params IReadOnlyCollection<string> held)
    {
        var metadata = Parse(draft.MetadataJson);
        Add(Id, draft.ExternalId);
        Add("biz_code", draft.BizCode);
        Add("robot_id", draft.RobotId);
        Add("user_id", draft.UserId);
        Add(SystemPrompt, draft.SystemPrompt);
        Add("memory", draft.Memory.Count > 0 ? SetItemJson.Memory(draft.Memory) : null);
        Add(RecordedAnswer, draft.RecordedAnswer);
        Add(Reference, draft.References.Count > 0 ? SetItemJson.Texts(draft.References) : null);
        Add(ExpectedBehaviour, draft.ExpectedBehaviour);
        Add("tags", draft.Tags.Count > 0 ? SetItemJson.Texts(draft.Tags) : null);
        Add("context_length", draft.ContextLength);
        Add("script", draft.IsScript ? true : null);
        return metadata;

        void Add(string name, JsonNode? value)
        {
            if (value is not null && !held.Contains(name))
            {
                metadata[name] = value;
            }
        }
    }

    /// <summary>Moves out of the metadata what is ours; the rest becomes the draft's.</summary>
    public static SampleDraft Take(SampleDraft draft, JsonObject metadata, SetFields fields)
    {
        draft = draft with
        {
            ExternalId = draft.ExternalId ?? Text(Id) ?? Number(Id),
            BizCode = draft.BizCode ?? Text("biz_code"),
            RobotId = draft.RobotId ?? Text("robot_id"),
            UserId = draft.UserId ?? Text("user_id"),
            SystemPrompt = draft.SystemPrompt ?? Text(SystemPrompt),
            RecordedAnswer = draft.RecordedAnswer ?? Text(RecordedAnswer) ?? Text("recorded_answer"),
            ExpectedBehaviour = draft.ExpectedBehaviour ?? Text(ExpectedBehaviour),
            References = Texts(Reference) ?? draft.References,
            Tags = draft.Tags.Count > 0 ? draft.Tags : Texts("tags") ?? [],
            ContextLength = draft.ContextLength ?? (int.TryParse(Number("context_length"), out var length) ? length : null),
        };
        if (metadata["memory"] is JsonArray memory && memory.Count > 0 && memory.All(point => point is JsonObject entry && IsText(entry["content"])))
        {
            draft = draft with { Memory = SetItemJson.Memory(JsonSerializer.SerializeToElement(memory), "metadata.memory", fields) };
            metadata.Remove("memory");
        }
        if (metadata["script"] is JsonValue script && script.GetValueKind() == JsonValueKind.True)
        {
            draft = draft with { IsScript = true };
            metadata.Remove("script");
        }
        return draft with { MetadataJson = Stored(metadata) };

        string? Text(string name) => IsText(metadata[name]) ? Taken(name)!.GetValue<string>() : null;

        string? Number(string name) => metadata[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Taken(name)!.ToJsonString() : null;

        List<string>? Texts(string name) => metadata[name] is JsonArray list && list.All(IsText) ? [.. ((JsonArray)Taken(name)!).Select(entry => entry!.GetValue<string>())] : null;

        JsonNode? Taken(string name)
        {
            var value = metadata[name];
            metadata.Remove(name);
            return value;
        }
    }

    /// <summary>The metadata as it is stored; null when there is none.</summary>
    public static string? Stored(JsonObject metadata) => metadata.Count == 0 ? null : Json.Write(metadata);

    public static JsonObject Parse(string? metadataJson) => metadataJson is null ? [] : (JsonObject)JsonNode.Parse(metadataJson)!;

    /// <summary>The value's fields; what is no object stands alone under the name.</summary>
    public static JsonObject Fields(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Object => Parse(SetFields.Stored(value)),
        JsonValueKind.Null or JsonValueKind.Undefined => [],
        _ => new JsonObject { [name] = Node(value) },
    };

    public static JsonNode? Node(JsonElement value) => JsonNode.Parse(SetFields.Stored(value));

    private static bool IsText(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String;
}

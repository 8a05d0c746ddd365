using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>
/// An item of a set in our own shape, as the API takes it and as JSON lines hold it: <c>id, input, reference, expected_behaviour, tags, context_length, biz_code, robot_id, user_id, system_prompt,
/// memory, recorded_answer, script, metadata</c>. Fields of other names are refused.
/// </summary>
public static class SetItemJson
{
    /// <summary>The item's fields in their order; what is empty is left out.</summary>
    public static JsonObject Write(SampleDraft draft)
    {
        var item = new JsonObject();
        Add("id", draft.ExternalId);
        Add("biz_code", draft.BizCode);
        Add("robot_id", draft.RobotId);
        Add("user_id", draft.UserId);
        Add("system_prompt", draft.SystemPrompt);
        Add("input", Messages(draft.Input));
        Add("script", draft.IsScript ? true : null);
        Add("context_length", draft.ContextLength);
        Add("memory", draft.Memory.Count > 0 ? Memory(draft.Memory) : null);
        Add("recorded_answer", draft.RecordedAnswer);
        Add("reference", draft.References.Count > 0 ? Texts(draft.References) : null);
        Add("expected_behaviour", draft.ExpectedBehaviour);
        Add("tags", draft.Tags.Count > 0 ? Texts(draft.Tags) : null);
        Add("metadata", draft.MetadataJson is null ? null : JsonNode.Parse(draft.MetadataJson));
        return item;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                item[name] = value;
            }
        }
    }

    internal static JsonArray Messages(IEnumerable<SampleMessage> messages) => [.. messages.Select(message =>
    {
        var entry = new JsonObject { ["role"] = message.Role, ["content"] = message.Content };
        if (message.MsgId is not null)
        {
            entry["msg_id"] = message.MsgId;
        }
        if (message.SentAt is { } time)
        {
            entry["send_time"] = Time(time);
        }
        return entry;
    })];

    internal static JsonArray Memory(IEnumerable<SampleMemory> memory) => [.. memory.Select(point =>
    {
        var entry = new JsonObject();
        if (point.MemoryId is not null)
        {
            entry["memory_id"] = point.MemoryId;
        }
        entry["content"] = point.Content;
        if (point.CreatedAt is { } time)
        {
            entry["created_at"] = Time(time);
        }
        return entry;
    })];

    internal static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    internal static List<SampleMemory> Memory(JsonElement value, string list, SetFields fields)
    {
        var memory = new List<SampleMemory>();
        if (value.ValueKind == JsonValueKind.Null || !fields.Json.IsArray(value, list))
        {
            return memory;
        }
        foreach (var element in value.EnumerateArray())
        {
            var at = JsonFields.Entry(list, memory.Count);
            if (element.ValueKind == JsonValueKind.String)
            {
                memory.Add(new SampleMemory(null, element.GetString()!, null));
                continue;
            }
            if (!fields.Json.IsObject(element, at))
            {
                break;
            }
            string? id = null, content = null;
            DateTime? createdAt = null;
            foreach (var property in element.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "memory_id": id = fields.Json.Text(property.Value, at + ".memory_id", SetFields.MessageIdLength); break;
                    case "content": content = fields.Json.Text(property.Value, at + ".content", int.MaxValue); break;
                    case "created_at": createdAt = fields.Json.Time(property.Value, at + ".created_at"); break;
                }
            }
            fields.Json.Require(content, at + ".content", "text");
            memory.Add(new SampleMemory(id, content ?? "", createdAt));
        }
        return memory;
    }

    internal static string Time(DateTime utc) => DateTime.SpecifyKind(utc, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}

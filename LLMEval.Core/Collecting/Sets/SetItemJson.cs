using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>
/// An item of a set in our own shape, as the API takes it and as JSON lines hold it: <c>id, input, reference, expected_behaviour, tags, context_length, biz_code, robot_id, user_id, system_prompt,
/// memory, recorded_answer, script, metadata</c>. Fields of other names are refused.
/// </summary>
public static class SetItemJson
{
    private static readonly string[] Roles = ["user", "assistant", "system", "tool"];

    internal static readonly string[] Names =
    [
        "id", "input", "reference", "expected_behaviour", "tags", "context_length", "biz_code", "robot_id", "user_id", "system_prompt", "memory", "recorded_answer", "script", "metadata",
    ];

    /// <summary>The draft, or the first thing that is wrong with it.</summary>
    public static (SampleDraft? Draft, Rejection? Rejection) Read(JsonElement item, ImportOptions options)
    {
        var (read, rejection) = JsonLine.Read(item, root => (Boxed(root, new SetFields(options)), (Rejection?)null));
        return rejection is null ? (read!.Value.Draft, read.Value.Rejection) : (null, rejection);
    }

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

    internal static DraftOrRejection Read(JsonElement item, SetFields fields)
    {
        fields.Begin();
        if (!fields.Json.IsObject(item, "the item"))
        {
            return new DraftOrRejection(null, fields.Problem);
        }
        var draft = new SampleDraft([]);
        foreach (var property in item.EnumerateObject())
        {
            draft = Field(draft, property.Name, property.Value, fields);
        }
        return fields.Checked(draft);
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
            entry["sent_at"] = Time(time);
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
                    default: Unknown(fields, $"{at}.{property.Name}", "memory_id, content, created_at"); break;
                }
            }
            fields.Json.Require(content, at + ".content", "text");
            memory.Add(new SampleMemory(id, content ?? "", createdAt));
        }
        return memory;
    }

    internal static string Time(DateTime utc) => DateTime.SpecifyKind(utc, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private static SampleDraft Field(SampleDraft draft, string name, JsonElement value, SetFields fields)
    {
        switch (name)
        {
            case "id": return draft with { ExternalId = Text() };
            case "biz_code": return draft with { BizCode = Text() };
            case "robot_id": return draft with { RobotId = Text() };
            case "user_id": return draft with { UserId = Text() };
            case "system_prompt": return draft with { SystemPrompt = Text() };
            case "recorded_answer": return draft with { RecordedAnswer = Text() };
            case "expected_behaviour": return draft with { ExpectedBehaviour = Text() };
            case "input": return draft with { Input = Input(value, fields) };
            case "memory": return draft with { Memory = Memory(value, name, fields) };
            case "reference": return draft with { References = value.ValueKind == JsonValueKind.String ? [value.GetString()!] : List(value, name, fields) };
            case "tags": return draft with { Tags = List(value, name, fields) };
            case "context_length": return draft with { ContextLength = fields.Json.Count(value, name) };
            case "script": return draft with { IsScript = Flag(value, name, fields) };
            case "metadata": return draft with { MetadataJson = Metadata(value, name, fields) };
            default:
                Unknown(fields, name, string.Join(", ", Names));
                return draft;
        }

        string? Text() => fields.Json.Text(value, name, int.MaxValue);
    }

    private static List<SampleMessage> Input(JsonElement value, SetFields fields)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return [new SampleMessage("user", value.GetString()!)];
        }
        var messages = new List<SampleMessage>();
        if (value.ValueKind != JsonValueKind.Array)
        {
            fields.Json.Reject(Rejection.WrongType, "input", JsonFields.Kind(value.ValueKind), "string or array");
            return messages;
        }
        foreach (var element in value.EnumerateArray())
        {
            var at = JsonFields.Entry("input", messages.Count);
            if (!fields.Json.IsObject(element, at))
            {
                break;
            }
            messages.Add(Message(element, at, fields));
        }
        return messages;
    }

    private static SampleMessage Message(JsonElement element, string at, SetFields fields)
    {
        string? role = null, content = null, id = null;
        DateTime? sentAt = null;
        foreach (var property in element.EnumerateObject())
        {
            switch (property.Name)
            {
                case "role": role = fields.Json.Text(property.Value, at + ".role", int.MaxValue); break;
                case "content": content = fields.Json.Text(property.Value, at + ".content", int.MaxValue); break;
                case "msg_id": id = fields.Json.Text(property.Value, at + ".msg_id", SetFields.MessageIdLength); break;
                case "sent_at": sentAt = fields.Json.Time(property.Value, at + ".sent_at"); break;
                default: Unknown(fields, $"{at}.{property.Name}", "role, content, msg_id, sent_at"); break;
            }
        }
        fields.Json.Require(role, at + ".role", "user, assistant, system or tool");
        fields.Json.Require(content, at + ".content", "text");
        if (role is not null && !Roles.Contains(role))
        {
            fields.Json.Reject(Rejection.Unexpected, at + ".role", JsonFields.Shown(role), "user, assistant, system or tool");
        }
        return new SampleMessage(role ?? "", content ?? "", id, sentAt);
    }

    private static List<string> List(JsonElement value, string list, SetFields fields)
    {
        var texts = new List<string>();
        if (value.ValueKind == JsonValueKind.Null || !fields.Json.IsArray(value, list))
        {
            return texts;
        }
        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.String)
            {
                fields.Json.Reject(Rejection.WrongType, JsonFields.Entry(list, texts.Count), JsonFields.Kind(element.ValueKind), "string");
                break;
            }
            texts.Add(element.GetString()!);
        }
        return texts;
    }

    private static bool Flag(JsonElement value, string field, SetFields fields)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
        {
            fields.Json.Reject(Rejection.WrongType, field, JsonFields.Kind(value.ValueKind), "boolean");
        }
        return value.ValueKind == JsonValueKind.True;
    }

    private static string? Metadata(JsonElement value, string field, SetFields fields) =>
        value.ValueKind != JsonValueKind.Null && fields.Json.IsObject(value, field) ? DraftMetadata.Stored(DraftMetadata.Fields(value, field)) : null;

    private static void Unknown(SetFields fields, string field, string known) => fields.Json.Reject(Rejection.UnknownField, field, known);

    private static DraftOrRejection? Boxed(JsonElement root, SetFields fields) => Read(root, fields);
}

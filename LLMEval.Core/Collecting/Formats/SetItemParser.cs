using System.Text.Json;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Makes an item of a set of one object: a message that is named, or a draft. A field that no item has is refused, so that a misspelt one is not lost.</summary>
internal sealed class SetItemParser(TimeZoneInfo timeZone) : IDisposable
{
    private const int MaxText = AddSamplesToSet.MaxContentLength;
    private const int MaxMetadataBytes = 64 * 1024;
    private const string Fields =
        "message, or input with reference, expected_behaviour, tags, context_length, id, biz_code, robot_id, user_id, system_prompt, memory, recorded_answer, script or metadata";

    private readonly JsonFields _fields = new(timeZone);
    private readonly StoredJson _stored = new();

    public (NewItem? Item, Rejection? Rejection) Parse(ReadOnlyMemory<byte> line) => JsonLine.Parse(line, Checked);

    public (NewItem? Item, Rejection? Rejection) Read(JsonElement element) => JsonLine.Read(element, Checked);

    public void Dispose() => _stored.Dispose();

    private (NewItem?, Rejection?) Checked(JsonElement root)
    {
        _fields.Reset();
        var item = Item(root);
        return _fields.Problem is { } problem ? (null, problem) : (item, null);
    }

    private NewItem? Item(JsonElement root)
    {
        if (!_fields.IsObject(root, "the item"))
        {
            return null;
        }
        if (root.TryGetProperty("message", out var message) && message.ValueKind != JsonValueKind.Null)
        {
            foreach (var other in root.EnumerateObject().Where(p => p.Name != "message"))
            {
                Unknown(other.Name, "message alone");
            }
            return new NewItem(Message(message), null);
        }
        var draft = new SampleDraft([]);
        var hasInput = false;
        foreach (var property in root.EnumerateObject())
        {
            var value = property.Value;
            hasInput |= property.Name == "input";
            if (value.ValueKind == JsonValueKind.Null && property.Name is not "input")
            {
                Known(property.Name);
                continue;
            }
            switch (property.Name)
            {
                case "input": draft = draft with { Input = List(value, "input", SampleDrafts.MaxMessages, Turn) }; break;
                case "reference": draft = draft with { References = References(value) }; break;
                case "expected_behaviour": draft = draft with { ExpectedBehaviour = _fields.Text(value, "expected_behaviour", MaxText) }; break;
                case "tags": draft = draft with { Tags = List(value, "tags", TagPath.MaxTags, tag => Text(tag, SampleTag.MaxLength)) }; break;
                case "context_length": draft = draft with { ContextLength = _fields.Count(value, "context_length") }; break;
                case "id": draft = draft with { ExternalId = _fields.Id(value, "id", 128) }; break;
                case "biz_code": draft = draft with { BizCode = _fields.Id(value, "biz_code", 64) }; break;
                case "robot_id": draft = draft with { RobotId = _fields.Id(value, "robot_id", 64) }; break;
                case "user_id": draft = draft with { UserId = _fields.Id(value, "user_id", 64) }; break;
                case "system_prompt": draft = draft with { SystemPrompt = _fields.Text(value, "system_prompt", MaxText) }; break;
                case "memory": draft = draft with { Memory = List(value, "memory", SampleDrafts.MaxMessages, Memory) }; break;
                case "recorded_answer": draft = draft with { RecordedAnswer = _fields.Text(value, "recorded_answer", MaxText) }; break;
                case "script": draft = draft with { IsScript = Flag(value) }; break;
                case "metadata": draft = draft with { MetadataJson = Metadata(value) }; break;
                default: Known(property.Name); break;
            }
        }
        if (!hasInput)
        {
            _fields.Reject(Rejection.Missing, "input", "array of messages, or message in its place");
        }
        else if (draft.Input.Count == 0)
        {
            _fields.Reject(Rejection.Empty, "input", "at least one message");
        }
        return new NewItem(null, draft);
    }

    private MessageName Message(JsonElement element)
    {
        string? bizCode = null, sessionId = null, msgId = null;
        if (_fields.IsObject(element, "message"))
        {
            foreach (var property in element.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "biz_code": bizCode = _fields.Id(property.Value, "message.biz_code", 64); break;
                    case "session_id": sessionId = _fields.Id(property.Value, "message.session_id", 128); break;
                    case "msg_id": msgId = _fields.Id(property.Value, "message.msg_id", 128); break;
                    default: Unknown("message." + property.Name, "biz_code, session_id and msg_id"); break;
                }
            }
        }
        _fields.Require(bizCode, "message.biz_code", "text");
        _fields.Require(sessionId, "message.session_id", "text");
        _fields.Require(msgId, "message.msg_id", "text");
        return new MessageName(bizCode ?? "", sessionId ?? "", msgId ?? "");
    }

    private SampleMessage Turn(JsonElement element)
    {
        string? role = null, content = null, msgId = null;
        DateTime? sentAt = null;
        if (_fields.IsObject(element, ""))
        {
            foreach (var property in element.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "role": role = Role(property.Value); break;
                    case "content": content = _fields.Text(property.Value, "content", MaxText); break;
                    case "msg_id": msgId = _fields.Text(property.Value, "msg_id", 128); break;
                    case "send_time": sentAt = _fields.Time(property.Value, "send_time"); break;
                    default: Unknown(_fields.Path(property.Name), "role, content, msg_id or send_time"); break;
                }
            }
        }
        _fields.Require(role, "role", "user, assistant, system or tool");
        _fields.Require(content, "content", "text");
        return new SampleMessage(role ?? "", content ?? "", msgId, sentAt);
    }

    private SampleMemory Memory(JsonElement element)
    {
        string? id = null, content = null;
        DateTime? createdAt = null;
        if (_fields.IsObject(element, ""))
        {
            foreach (var property in element.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "memory_id": id = _fields.Text(property.Value, "memory_id", 128); break;
                    case "content": content = _fields.Text(property.Value, "content", MaxText); break;
                    case "created_at": createdAt = _fields.Time(property.Value, "created_at"); break;
                    default: Unknown(_fields.Path(property.Name), "memory_id, content or created_at"); break;
                }
            }
        }
        _fields.Require(content, "content", "text");
        return new SampleMemory(id, content ?? "", createdAt);
    }

    private List<string> References(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? [_fields.Text(value, "reference", MaxText)!]
        : value.ValueKind == JsonValueKind.Array ? List(value, "reference", EditItem.MaxReferences, reference => Text(reference, MaxText))
        : Refused("reference", value, "array of strings, or one string");

    private List<T> List<T>(JsonElement value, string field, int most, Func<JsonElement, T> read)
    {
        if (!_fields.IsArray(value, field))
        {
            return [];
        }
        if (value.GetArrayLength() is var count && count > most)
        {
            _fields.Reject(Rejection.TooMany, field, count, most);
            return [];
        }
        var entries = new List<T>(count);
        foreach (var element in value.EnumerateArray())
        {
            _fields.Enter(field, entries.Count);
            entries.Add(read(element));
        }
        _fields.Enter(null);
        return entries;
    }

    private string Text(JsonElement value, int maxLength)
    {
        var text = _fields.Text(value, "", maxLength);
        _fields.Require(text, "", "string");
        return text ?? "";
    }

    private string? Role(JsonElement value)
    {
        var role = _fields.Text(value, "role", int.MaxValue);
        if (role is not (null or "user" or "assistant" or "system" or "tool"))
        {
            _fields.Reject(Rejection.Unexpected, _fields.Path("role"), JsonFields.Shown(role), "user, assistant, system or tool");
        }
        return role;
    }

    private bool Flag(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Refused("script", value, "boolean") is null;

    private string? Metadata(JsonElement value)
    {
        if (!_fields.IsObject(value, "metadata"))
        {
            return null;
        }
        _fields.Bytes(value, "metadata", 0, MaxMetadataBytes);
        return _stored.Of(value);
    }

    private List<string> Refused(string field, JsonElement value, string expected)
    {
        _fields.Reject(Rejection.WrongType, field, JsonFields.Kind(value.ValueKind), expected);
        return [];
    }

    private void Known(string name)
    {
        if (name is not ("message" or "reference" or "expected_behaviour" or "tags" or "context_length" or "id" or "biz_code" or "robot_id" or "user_id"
            or "system_prompt" or "memory" or "recorded_answer" or "script" or "metadata"))
        {
            Unknown(name, Fields);
        }
    }

    private void Unknown(string field, string expected) => _fields.Reject(Rejection.UnknownField, JsonFields.Shown(field), expected);
}

using System.Text.Json;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Makes a session of one line, or says in what it fails. Fields that LLMEval has no column for are kept as JSON beside the row.</summary>
internal sealed class SessionParser(SessionLimits limits) : IDisposable
{
    private const int IdLength = 128;
    private const int ShortIdLength = 64;
    private readonly JsonFields _fields = new(limits.TimeZone);
    private readonly StoredJson _stored = new();
    private readonly int _maxEntryBytes = limits.MaxMessageBytes;

    public (SessionRecord? Session, Rejection? Rejection) Parse(ReadOnlyMemory<byte> line) => JsonLine.Parse(line, Checked);

    public void Dispose() => _stored.Dispose();

    private (SessionRecord?, Rejection?) Checked(JsonElement root)
    {
        _fields.Reset();
        var session = Session(root);
        return _fields.Problem is { } problem ? (null, problem) : (session, null);
    }

    private SessionRecord? Session(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            _fields.Reject(Rejection.WrongType, "the line", JsonFields.Kind(root.ValueKind), "object");
            return null;
        }
        string? sessionId = null, bizCode = null, robotId = null, userId = null, robotName = null, language = null, systemPrompt = null;
        DateTime? startedAt = null;
        List<string> tags = [];
        JsonElement? messages = null, memory = null;
        var more = 0;
        foreach (var property in root.EnumerateObject())
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "session_id": sessionId = _fields.Id(value, "session_id", IdLength); break;
                case "biz_code": bizCode = _fields.Id(value, "biz_code", ShortIdLength); break;
                case "robot_id": robotId = _fields.Id(value, "robot_id", ShortIdLength); break;
                case "user_id": userId = _fields.Id(value, "user_id", ShortIdLength); break;
                case "robot_name": robotName = _fields.Text(value, "robot_name", 100); break;
                case "lang": language = _fields.Text(value, "lang", 16); break;
                case "system_prompt": systemPrompt = value.ValueKind == JsonValueKind.Null ? null : _fields.Content(value, "system_prompt", _maxEntryBytes); break;
                case "started_at": startedAt = _fields.Time(value, "started_at"); break;
                case "tags": tags = Tags(value); break;
                case "messages": messages = value; break;
                case "memory": memory = value.ValueKind == JsonValueKind.Null ? null : value; break;
                default: more += _fields.Bytes(value, property.Name, more, _maxEntryBytes); break;
            }
        }
        _fields.Require(sessionId, "session_id", "text");
        _fields.Require(bizCode, "biz_code", "text");
        _fields.Require(robotId, "robot_id", "text");
        _fields.Require(userId, "user_id", "text");
        _fields.Require(messages, "messages", "array");
        return _fields.Problem is not null ? null : new SessionRecord(bizCode!, sessionId!, robotId!, userId!)
        {
            RobotName = robotName,
            Language = language,
            SystemPrompt = systemPrompt,
            StartedAt = startedAt,
            Tags = tags,
            Messages = Entries(messages!.Value, "messages", Message, m => m.MessageId, "msg_id"),
            Memory = memory is { } points ? Entries(points, "memory", Memory, m => m.MemoryId, "memory_id") : [],
            ExtraJson = more > 0 && _fields.Problem is null ? _stored.Rest(root, IsSessionField) : null,
        };
    }

    private List<T> Entries<T>(JsonElement array, string list, Func<JsonElement, T> read, Func<T, string> idOf, string idField)
    {
        if (!_fields.IsArray(array, list))
        {
            return [];
        }
        var count = array.GetArrayLength();
        if (count > limits.MaxMessages)
        {
            _fields.Reject(Rejection.TooMany, list, count, limits.MaxMessages);
            return [];
        }
        var entries = new List<T>(count);
        var places = new Dictionary<string, int>(count, StringComparer.Ordinal);
        foreach (var element in array.EnumerateArray())
        {
            _fields.Enter(list, entries.Count);
            if (!_fields.IsObject(element, ""))
            {
                break;
            }
            var entry = read(element);
            _fields.Bytes(element, "", 0, _maxEntryBytes);
            if (_fields.Problem is not null)
            {
                break;
            }
            var id = idOf(entry);
            if (!places.TryAdd(id, entries.Count))
            {
                _fields.Reject(Rejection.Repeated, _fields.Path(idField), JsonFields.Shown(id), JsonFields.Entry(list, places[id]));
                break;
            }
            entries.Add(entry);
        }
        _fields.Enter(null);
        return entries;
    }

    private MessageRecord Message(JsonElement element)
    {
        string? id = null, content = null, generationRest = null;
        SenderType? sender = null;
        DateTime? sentAt = null;
        GenerationRecord? generation = null;
        var hasMore = false;
        foreach (var property in element.EnumerateObject())
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "msg_id": id = _fields.Id(value, "msg_id", IdLength); break;
                case "sender_type": sender = Sender(value); break;
                case "content": content = _fields.Content(value, "content", limits.MaxContentBytes); break;
                case "send_time": sentAt = _fields.Time(value, "send_time"); break;
                case "generation": (generation, generationRest) = Generation(value); break;
                default: hasMore = true; break;
            }
        }
        _fields.Require(id, "msg_id", "text");
        _fields.Require(sender, "sender_type", "user, bot, system or tool");
        _fields.Require(content, "content", "text");
        return new MessageRecord(id ?? "", sender ?? default, content ?? "")
        {
            SentAt = sentAt,
            Generation = generation,
            ExtraJson = (hasMore || generationRest is not null) && _fields.Problem is null ? _stored.Rest(element, IsMessageField, "generation", generationRest) : null,
        };
    }

    private SenderType Sender(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            _fields.Reject(Rejection.WrongType, _fields.Path("sender_type"), JsonFields.Kind(value.ValueKind), "string");
            return default;
        }
        if (value.ValueEquals("user"u8))
        {
            return SenderType.User;
        }
        if (value.ValueEquals("bot"u8))
        {
            return SenderType.Bot;
        }
        if (value.ValueEquals("system"u8))
        {
            return SenderType.System;
        }
        if (value.ValueEquals("tool"u8))
        {
            return SenderType.Tool;
        }
        _fields.Reject(Rejection.UnknownSender, _fields.Path("sender_type"), JsonFields.Shown(value.GetString()!));
        return default;
    }

    /// <summary>The generation record, and as JSON what has no column.</summary>
    private (GenerationRecord? Record, string? Unplaced) Generation(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Null || !_fields.IsObject(element, "generation"))
        {
            return (null, null);
        }
        var generation = new GenerationRecord();
        var hasMore = false;
        foreach (var property in element.EnumerateObject())
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "model": generation = generation with { Model = _fields.Text(value, "generation.model", 128) }; break;
                case "prompt_version": generation = generation with { PromptVersion = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : _fields.Text(value, "generation.prompt_version", 64) }; break;
                case "params": generation = generation with { ParametersJson = value.ValueKind == JsonValueKind.Null || _fields.IsObject(value, "generation.params") ? _stored.Of(value) : null }; break;
                case "memory_ids": generation = generation with { MemoryIdsJson = MemoryIds(value) }; break;
                case "latency_ms": generation = generation with { LatencyMs = _fields.Count(value, "generation.latency_ms") }; break;
                case "request": generation = generation with { RequestJson = _stored.Of(value) }; break;
                case "trace": generation = generation with { TraceJson = value.ValueKind == JsonValueKind.Null || _fields.IsArray(value, "generation.trace") ? _stored.Of(value) : null }; break;
                case "usage":
                    if (value.ValueKind != JsonValueKind.Null && _fields.IsObject(value, "generation.usage"))
                    {
                        generation = generation with
                        {
                            InputTokens = value.TryGetProperty("input_tokens", out var input) ? _fields.Count(input, "generation.usage.input_tokens") : null,
                            OutputTokens = value.TryGetProperty("output_tokens", out var output) ? _fields.Count(output, "generation.usage.output_tokens") : null,
                        };
                        hasMore |= value.EnumerateObject().Any(p => p.Name is not ("input_tokens" or "output_tokens"));
                    }
                    break;
                default: hasMore = true; break;
            }
        }
        return (generation, hasMore && _fields.Problem is null ? _stored.Rest(element, IsGenerationField) : null);
    }

    private MemoryRecord Memory(JsonElement element)
    {
        string? id = null, content = null;
        DateTime? createdAt = null, changedAt = null;
        var hasMore = false;
        foreach (var property in element.EnumerateObject())
        {
            var value = property.Value;
            switch (property.Name)
            {
                case "memory_id": id = _fields.Id(value, "memory_id", IdLength); break;
                case "content": content = _fields.Content(value, "content", limits.MaxContentBytes); break;
                case "created_at": createdAt = _fields.Time(value, "created_at"); break;
                case "updated_at": changedAt = _fields.Time(value, "updated_at"); break;
                default: hasMore = true; break;
            }
        }
        _fields.Require(id, "memory_id", "text");
        _fields.Require(content, "content", "text");
        return new MemoryRecord(id ?? "", content ?? "")
        {
            CreatedAt = createdAt,
            ChangedAt = changedAt,
            ExtraJson = hasMore && _fields.Problem is null ? _stored.Rest(element, IsMemoryField) : null,
        };
    }

    private List<string> Tags(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null || !_fields.IsArray(value, "tags"))
        {
            return [];
        }
        return [.. value.EnumerateArray().Select((tag, i) => _fields.Id(tag, JsonFields.Entry("tags", i), 64)).Distinct(StringComparer.Ordinal)];
    }

    private string? MemoryIds(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null || !_fields.IsArray(value, "generation.memory_ids"))
        {
            return null;
        }
        var index = 0;
        foreach (var id in value.EnumerateArray())
        {
            _fields.Id(id, JsonFields.Entry("generation.memory_ids", index++), IdLength);
        }
        return _fields.Problem is null ? _stored.Of(value) : null;
    }

    private static bool IsSessionField(string name) =>
        name is "session_id" or "biz_code" or "robot_id" or "user_id" or "robot_name" or "lang" or "system_prompt" or "started_at" or "tags" or "messages" or "memory";

    private static bool IsMessageField(string name) => name is "msg_id" or "sender_type" or "content" or "send_time" or "generation";

    // `usage` is not here: it is kept whole when it says more than our two counts.
    private static bool IsGenerationField(string name) => name is "model" or "prompt_version" or "params" or "memory_ids" or "latency_ms" or "request" or "trace";

    private static bool IsMemoryField(string name) => name is "memory_id" or "content" or "created_at" or "updated_at";
}

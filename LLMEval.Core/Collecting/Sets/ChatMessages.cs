using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>
/// Reads messages in the ways in which chat formats write them: who speaks stands in <c>role</c>, <c>from</c> or <c>sender_type</c> under the names that are usual, what is said in <c>content</c>,
/// <c>value</c> or <c>text</c>, as text or as parts of text. Writes them as <c>role</c> and <c>content</c>.
/// </summary>
internal static class ChatMessages
{
    private const string Roles = "user, assistant, system or tool";
    private static readonly string[] SpeakerNames = ["role", "from", "sender_type", "sender", "author"];
    private static readonly string[] TextNames = ["content", "value", "text"];

    /// <summary>Whether the value is a list of such messages as far as its first entry shows.</summary>
    public static bool Are(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Object && First(value[0], SpeakerNames) is not null && HasText(value[0]);

    /// <summary>All messages in order. What is wrong with one becomes the fields' problem.</summary>
    public static List<SampleMessage> Read(JsonElement array, string list, SetFields fields)
    {
        var messages = new List<SampleMessage>();
        if (!fields.Json.IsArray(array, list))
        {
            return messages;
        }
        foreach (var element in array.EnumerateArray())
        {
            var at = JsonFields.Entry(list, messages.Count);
            if (!fields.Json.IsObject(element, at))
            {
                break;
            }
            messages.Add(One(element, at, fields));
            if (fields.Problem is not null)
            {
                break;
            }
        }
        return messages;
    }

    /// <summary>One message, such as the answer that stands apart from the others.</summary>
    public static SampleMessage One(JsonElement message, string at, SetFields fields)
    {
        var speaker = First(message, SpeakerNames);
        var name = speaker is { ValueKind: JsonValueKind.String } given ? given.GetString()! : null;
        var role = name is null ? null : name == "function_call" ? "assistant" : ColumnNames.Role(name);
        if (speaker is null)
        {
            fields.Json.Reject(Rejection.Missing, at + ".role", Roles);
        }
        else if (role is null)
        {
            fields.Json.Reject(Rejection.Unexpected, at + ".role", JsonFields.Shown(SetFields.Text(speaker.Value) ?? "null"), Roles);
        }
        var id = message.TryGetProperty("msg_id", out var msgId) && msgId.ValueKind == JsonValueKind.String ? msgId.GetString() : null;
        var sentAt = message.TryGetProperty("send_time", out var time) ? fields.Json.Time(time, at + ".send_time") : null;
        return new SampleMessage(role ?? "", Content(message, at, fields), id, sentAt);
    }

    /// <summary>The system prompt, where the first message is one, and the messages after it.</summary>
    public static (string? SystemPrompt, List<SampleMessage> Messages) WithoutSystem(List<SampleMessage> messages) =>
        messages is [{ Role: "system" } first, _, ..] ? (first.Content, messages[1..]) : (null, messages);

    /// <summary>The messages before the bot's last answer, and that answer where they end with one.</summary>
    public static (List<SampleMessage> Before, string? Answer) WithoutAnswer(List<SampleMessage> messages) =>
        messages is [_, .., { Role: "assistant" } last] ? (messages[..^1], last.Content) : (messages, null);

    /// <summary>The bot's words of an answer that is text, a message or a list of messages.</summary>
    public static string? Answer(JsonElement value, string field, SetFields fields) => value.ValueKind switch
    {
        JsonValueKind.Object when HasText(value) => Content(value, field, fields),
        JsonValueKind.Array when value.GetArrayLength() > 0 && value.EnumerateArray().All(m => m.ValueKind == JsonValueKind.Object && HasText(m)) =>
            string.Join('\n', value.EnumerateArray().Select((m, i) => Content(m, JsonFields.Entry(field, i), fields))),
        _ => SetFields.Text(value),
    };

    /// <summary>The messages with the system prompt in front, as <c>role</c> and <c>content</c>.</summary>
    public static JsonArray Write(SampleDraft draft)
    {
        var messages = new JsonArray();
        if (draft.SystemPrompt is { } prompt)
        {
            messages.Add(Message("system", prompt));
        }
        foreach (var message in draft.Input)
        {
            messages.Add(Message(message.Role, message.Content));
        }
        return messages;
    }

    public static JsonNode Message(string role, string content) => new JsonObject { ["role"] = role, ["content"] = content };

    private static bool HasText(JsonElement message) => First(message, TextNames) is not null || message.TryGetProperty("tool_calls", out _) || message.TryGetProperty("function_call", out _);

    private static string Content(JsonElement message, string at, SetFields fields)
    {
        var content = First(message, TextNames);
        switch (content?.ValueKind)
        {
            case JsonValueKind.String:
                return content.Value.GetString()!;
            case JsonValueKind.Array:
                return string.Join('\n', content.Value.EnumerateArray().Select((part, i) => Part(part, JsonFields.Entry(at + ".content", i), fields)));
            case null or JsonValueKind.Null when message.TryGetProperty("tool_calls", out var calls) || message.TryGetProperty("function_call", out calls):
                // A call is what the bot said; its JSON stands for it.
                return SetFields.Stored(calls);
            case null or JsonValueKind.Null:
                fields.Json.Reject(Rejection.Missing, at + ".content", "text");
                return "";
            default:
                return SetFields.Text(content.Value) ?? "";
        }
    }

    private static string Part(JsonElement part, string at, SetFields fields)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            return part.GetString()!;
        }
        if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
        {
            return text.GetString()!;
        }
        var type = part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var given) ? SetFields.Text(given) ?? "null" : JsonFields.Kind(part.ValueKind);
        fields.Json.Reject(Rejection.Unexpected, at + ".type", JsonFields.Shown(type), "text");
        return "";
    }

    private static JsonElement? First(JsonElement owner, string[] names)
    {
        foreach (var name in names)
        {
            if (owner.TryGetProperty(name, out var value))
            {
                return value;
            }
        }
        return null;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>Reads lines as OpenAI's tools have them: for evals, for fine-tuning, and pairs of a preferred and another answer.</summary>
internal static class OpenAiLines
{
    /// <summary><c>input</c> (Phoenix: <c>messages</c>) with <c>ideal</c>, one text or several; what else the line has becomes metadata.</summary>
    public static List<DraftOrRejection> Evals(JsonElement line, SetFields fields)
    {
        var name = line.TryGetProperty("input", out var input) ? "input" : "messages";
        if (name == "messages" && !line.TryGetProperty("messages", out input))
        {
            fields.Json.Reject(Rejection.Missing, "input", "text or messages");
        }
        var (prompt, messages) = Conversation(input, name, fields);
        return [fields.Checked(Draft(messages, line, prompt, [name, "ideal"]) with { References = line.TryGetProperty("ideal", out var ideal) ? SetFields.Texts(ideal) : [] }, name)];
    }

    /// <summary><c>messages</c> that end with the answer, which becomes the reference.</summary>
    public static List<DraftOrRejection> Chat(JsonElement line, SetFields fields)
    {
        if (!line.TryGetProperty("messages", out var value))
        {
            fields.Json.Reject(Rejection.Missing, "messages", "array");
        }
        var (prompt, all) = Conversation(value, "messages", fields);
        var (messages, answer) = ChatMessages.WithoutAnswer(all);
        return [fields.Checked(Draft(messages, line, prompt, ["messages"]) with { References = answer is null ? [] : [answer] }, "messages")];
    }

    /// <summary>The preferred answer becomes the reference, the other one the recorded answer.</summary>
    public static List<DraftOrRejection> Preference(JsonElement line, SetFields fields)
    {
        var (prompt, messages) = ((string?)null, new List<SampleMessage>());
        var metadata = new JsonObject();
        if (!line.TryGetProperty("input", out var input))
        {
            fields.Json.Reject(Rejection.Missing, "input", "object");
        }
        else if (fields.Json.IsObject(input, "input"))
        {
            if (!input.TryGetProperty("messages", out var value))
            {
                fields.Json.Reject(Rejection.Missing, "input.messages", "array");
            }
            (prompt, messages) = Conversation(value, "input.messages", fields);
            metadata = Rest(input, ["messages"]);
        }
        var preferred = Output(line, "preferred_output", fields);
        var other = Output(line, "non_preferred_output", fields);
        foreach (var (name, node) in Rest(line, ["input", "preferred_output", "non_preferred_output"]))
        {
            metadata[name] = node?.DeepClone();
        }
        return
        [
            fields.Checked(new SampleDraft(messages)
            {
                SystemPrompt = prompt,
                References = preferred is null ? [] : [preferred],
                RecordedAnswer = other,
                MetadataJson = DraftMetadata.Stored(metadata),
            }, "input.messages"),
        ];
    }

    /// <summary>The object's fields but for these.</summary>
    public static JsonObject Rest(JsonElement owner, IReadOnlyCollection<string> known)
    {
        var rest = new JsonObject();
        foreach (var property in owner.EnumerateObject().Where(p => !known.Contains(p.Name)))
        {
            rest[property.Name] = DraftMetadata.Node(property.Value);
        }
        return rest;
    }

    /// <summary>A text as the user's one message, or messages with the system prompt taken out.</summary>
    public static (string? SystemPrompt, List<SampleMessage> Messages) Conversation(JsonElement value, string field, SetFields fields)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return (null, [new SampleMessage("user", value.GetString()!)]);
            case JsonValueKind.Array:
                return ChatMessages.WithoutSystem(ChatMessages.Read(value, field, fields));
            default:
                fields.Json.Reject(Rejection.WrongType, field, JsonFields.Kind(value.ValueKind), "string or array");
                return (null, []);
        }
    }

    private static SampleDraft Draft(List<SampleMessage> messages, JsonElement line, string? prompt, string[] known) =>
        new(messages) { SystemPrompt = prompt, MetadataJson = DraftMetadata.Stored(Rest(line, known)) };

    private static string? Output(JsonElement line, string name, SetFields fields)
    {
        if (line.TryGetProperty(name, out var value))
        {
            return ChatMessages.Answer(value, name, fields);
        }
        fields.Json.Reject(Rejection.Missing, name, "messages of the role assistant");
        return null;
    }
}

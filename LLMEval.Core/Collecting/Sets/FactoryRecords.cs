using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>
/// Reads records of ShareGPT and Alpaca as LLaMA-Factory has them. The last answer, or the chosen one, is the reference and the rejected one the recorded answer. Where <c>kto_tag</c> judges
/// the last answer, it is the recorded one, and the reference only when it is good; the tag stays in the metadata.
/// </summary>
internal static class FactoryRecords
{
    private const string KtoTag = "kto_tag";

    public static List<DraftOrRejection> ShareGpt(JsonElement record, SetFields fields)
    {
        var name = record.TryGetProperty("conversations", out var conversations) ? "conversations" : "messages";
        if (name == "messages" && !record.TryGetProperty("messages", out conversations))
        {
            fields.Json.Reject(Rejection.Missing, "conversations", "array");
        }
        var (system, all) = OpenAiLines.Conversation(conversations, name, fields);
        // Written before a conversation that the bot begins, since the formats want the human first.
        all = all is [{ Role: "user", Content: "" }, { Role: "assistant" }, _, ..] ? all[1..] : all;
        var (messages, answer) = record.TryGetProperty("chosen", out _) || record.TryGetProperty("rejected", out _) ? (all, null) : ChatMessages.WithoutAnswer(all);
        var draft = new SampleDraft(messages)
        {
            ExternalId = record.TryGetProperty("id", out var id) ? SetFields.Text(id) : null,
            SystemPrompt = record.TryGetProperty("system", out var prompt) && SetFields.Text(prompt) is { Length: > 0 } text ? text : system,
        };
        return [fields.Checked(Judged(draft, record, answer, ["id", "system", name], fields), name)];
    }

    public static List<DraftOrRejection> Alpaca(JsonElement record, SetFields fields)
    {
        var instruction = record.TryGetProperty("instruction", out var value) ? SetFields.Text(value) : null;
        if (instruction is null)
        {
            fields.Json.Reject(Rejection.Missing, "instruction", "text");
        }
        var more = record.TryGetProperty("input", out var input) ? SetFields.Text(input) : null;
        var question = string.IsNullOrEmpty(more) ? instruction ?? "" : string.IsNullOrEmpty(instruction) ? more : $"{instruction}\n{more}";
        var draft = new SampleDraft([.. History(record, fields), new SampleMessage("user", question)])
        {
            ExternalId = record.TryGetProperty("id", out var id) ? SetFields.Text(id) : null,
            SystemPrompt = record.TryGetProperty("system", out var prompt) && SetFields.Text(prompt) is { Length: > 0 } text ? text : null,
        };
        var answer = record.TryGetProperty("output", out var output) && SetFields.Text(output) is { Length: > 0 } given ? given : null;
        return [fields.Checked(Judged(draft, record, answer, ["id", "instruction", "input", "output", "system", "history"], fields), "instruction")];
    }

    private static List<SampleMessage> History(JsonElement record, SetFields fields)
    {
        var history = new List<SampleMessage>();
        if (!record.TryGetProperty("history", out var turns) || turns.ValueKind == JsonValueKind.Null || !fields.Json.IsArray(turns, "history"))
        {
            return history;
        }
        if (ChatMessages.Are(turns))
        {
            return ChatMessages.Read(turns, "history", fields);
        }
        var index = 0;
        foreach (var turn in turns.EnumerateArray())
        {
            var at = JsonFields.Entry("history", index++);
            if (!fields.Json.IsArray(turn, at))
            {
                break;
            }
            if (turn.GetArrayLength() != 2)
            {
                fields.Json.Reject(Rejection.Unexpected, at, JsonFields.Shown(turn.GetRawText()), "a pair of what the user said and what the bot said");
                break;
            }
            var (user, bot) = (SetFields.Text(turn[0]) ?? "", SetFields.Text(turn[1]) ?? "");
            if (user.Length > 0)
            {
                history.Add(new SampleMessage("user", user));
            }
            if (bot.Length > 0)
            {
                history.Add(new SampleMessage("assistant", bot));
            }
        }
        return history;
    }

    private static SampleDraft Judged(SampleDraft draft, JsonElement record, string? answer, string[] known, SetFields fields)
    {
        var chosen = record.TryGetProperty("chosen", out var better) ? ChatMessages.Answer(better, "chosen", fields) : null;
        var rejected = record.TryGetProperty("rejected", out var worse) ? ChatMessages.Answer(worse, "rejected", fields) : null;
        var isGood = record.TryGetProperty(KtoTag, out var tag) && tag.ValueKind is JsonValueKind.True or JsonValueKind.False ? tag.ValueKind == JsonValueKind.True : (bool?)null;
        var metadata = OpenAiLines.Rest(record, [.. known, "chosen", "rejected", KtoTag]);
        foreach (var empty in metadata.Where(pair => pair.Value is null || (pair.Value is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length == 0)).Select(pair => pair.Key).ToList())
        {
            // Tables of this kind fill in what a record does not have.
            metadata.Remove(empty);
        }
        if (isGood is { } judged)
        {
            metadata[KtoTag] = judged;
        }
        var right = chosen ?? (isGood == false ? null : answer);
        return draft with
        {
            References = right is null ? [] : [right],
            RecordedAnswer = rejected ?? (isGood is null ? null : answer),
            MetadataJson = DraftMetadata.Stored(metadata),
        };
    }
}

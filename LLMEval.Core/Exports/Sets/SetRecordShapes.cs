using System.Text.Json.Nodes;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Samples;

namespace LLMEval.Core.Exports.Sets;

/// <summary>An item as a JSON record of another tool; null where it makes none. What the tool has no field for stands in the metadata, where its shape has such.</summary>
internal static class SetRecordShapes
{
    private const string LangfuseDataset = "datasetName";

    public static Func<SetFileItem, JsonNode?> Of(SetFormat format, string setName) => format switch
    {
        SetFormat.OpenAiEvals => Evals,
        SetFormat.OpenAiChat => Chat,
        SetFormat.OpenAiPreference => Preference,
        SetFormat.ShareGpt => ShareGpt,
        SetFormat.Alpaca => Alpaca,
        SetFormat.Langfuse => item => Langfuse(item, setName),
        SetFormat.Phoenix => Phoenix,
        SetFormat.Inspect => Inspect,
        _ => item => SetItemJson.Write(item.Draft),
    };

    private static JsonObject Evals(SetFileItem item)
    {
        var draft = item.Draft;
        var line = new JsonObject { ["input"] = ChatMessages.Write(draft), ["ideal"] = draft.References.Count == 1 ? draft.References[0] : SetItemJson.Texts(draft.References) };
        return WithRest(line, draft, DraftMetadata.SystemPrompt, DraftMetadata.Reference);
    }

    /// <summary>The answer to be learnt: the first reference, else the recorded answer unless it is bad.</summary>
    private static JsonObject? Chat(SetFileItem item)
    {
        if (Right(item) is not { } answer)
        {
            return null;
        }
        var messages = ChatMessages.Write(item.Draft);
        messages.Add(ChatMessages.Message("assistant", answer));
        return new JsonObject { ["messages"] = messages };
    }

    private static JsonObject? Preference(SetFileItem item)
    {
        if (Pair(item) is not var (chosen, rejected))
        {
            return null;
        }
        return new JsonObject
        {
            ["input"] = new JsonObject { ["messages"] = ChatMessages.Write(item.Draft) },
            ["preferred_output"] = new JsonArray(ChatMessages.Message("assistant", chosen)),
            ["non_preferred_output"] = new JsonArray(ChatMessages.Message("assistant", rejected)),
        };
    }

    /// <summary>A pair where there is one, else the conversation with its answer; a label alone becomes <c>kto_tag</c>.</summary>
    private static JsonObject? ShareGpt(SetFileItem item)
    {
        var draft = item.Draft;
        var turns = new JsonArray([.. draft.Input.Select(m => Said(m.Role, m.Content))]);
        var record = new JsonObject();
        Add(record, "id", draft.ExternalId);
        Add(record, "system", draft.SystemPrompt);
        record["conversations"] = turns;
        if (Pair(item) is var (chosen, rejected))
        {
            record["chosen"] = Said("assistant", chosen);
            record["rejected"] = Said("assistant", rejected);
            return record;
        }
        if (Right(item) is not { } answer)
        {
            if (item.IsBad != true || draft.RecordedAnswer is not { } bad)
            {
                return null;
            }
            turns.Add(Said("assistant", bad));
            record["kto_tag"] = false;
            return record;
        }
        turns.Add(Said("assistant", answer));
        if (item.IsBad == false && answer == draft.RecordedAnswer)
        {
            record["kto_tag"] = true;
        }
        return record;
    }

    private static JsonObject? Alpaca(SetFileItem item)
    {
        var draft = item.Draft;
        if (draft.Input is not [.., { Role: "user" } last])
        {
            return null;
        }
        var record = new JsonObject();
        Add(record, "id", draft.ExternalId);
        Add(record, "system", draft.SystemPrompt);
        record["instruction"] = last.Content;
        record["input"] = "";
        var history = Turns([.. draft.Input.SkipLast(1)]);
        if (history.Count > 0)
        {
            record["history"] = history;
        }
        if (Pair(item) is var (chosen, rejected))
        {
            record["chosen"] = chosen;
            record["rejected"] = rejected;
            return record;
        }
        if (Right(item) is not { } answer)
        {
            return null;
        }
        record["output"] = answer;
        return record;
    }

    private static JsonObject Langfuse(SetFileItem item, string setName)
    {
        var draft = item.Draft;
        var metadata = DraftMetadata.Of(draft, DraftMetadata.Id, DraftMetadata.SystemPrompt);
        var own = metadata[DatasetItems.LangfuseName] as JsonObject;
        metadata.Remove(DatasetItems.LangfuseName);
        var record = new JsonObject();
        Add(record, "id", draft.ExternalId);
        record[LangfuseDataset] = setName;
        record["input"] = ChatMessages.Write(draft);
        record["expectedOutput"] = draft.References is [var first, ..] ? first : null;
        record["metadata"] = metadata;
        foreach (var name in DatasetItems.LangfuseOwn.Where(n => own?[n] is not null))
        {
            record[name] = own![name]!.DeepClone();
        }
        return record;
    }

    private static JsonObject Phoenix(SetFileItem item)
    {
        var draft = item.Draft;
        var metadata = DraftMetadata.Of(draft, DraftMetadata.Id, DraftMetadata.SystemPrompt);
        var splits = metadata[DatasetItems.PhoenixName]?["splits"]?.DeepClone();
        metadata.Remove(DatasetItems.PhoenixName);
        var record = new JsonObject();
        Add(record, "id", draft.ExternalId);
        record["input"] = new JsonObject { ["messages"] = ChatMessages.Write(draft) };
        record["output"] = draft.References is [var first, ..] ? new JsonObject { ["messages"] = new JsonArray(ChatMessages.Message("assistant", first)) } : [];
        record["metadata"] = metadata;
        record["splits"] = splits ?? new JsonArray();
        return record;
    }

    private static JsonObject Inspect(SetFileItem item)
    {
        var draft = item.Draft;
        var metadata = DraftMetadata.Of(draft, DraftMetadata.Id, DraftMetadata.SystemPrompt, DraftMetadata.Reference);
        var own = metadata[DatasetItems.InspectName] as JsonObject;
        metadata.Remove(DatasetItems.InspectName);
        var choices = own?["choices"] is JsonArray given ? given.Select(c => c?.ToString() ?? "").ToList() : [];
        var input = draft.Input is [.., { Role: "user" } last] ? [.. draft.Input.SkipLast(1), last with { Content = Choices.Strip(last.Content, choices) }] : draft.Input;
        var record = new JsonObject();
        Add(record, "id", draft.ExternalId);
        record["input"] = ChatMessages.Write(draft with { Input = input });
        record["target"] = draft.References.Count == 1 ? draft.References[0] : SetItemJson.Texts(draft.References);
        record["metadata"] = metadata;
        foreach (var name in DatasetItems.InspectOwn.Where(n => own?[n] is not null))
        {
            record[name] = own![name]!.DeepClone();
        }
        return record;
    }

    private static JsonObject WithRest(JsonObject line, SampleDraft draft, params string[] held)
    {
        foreach (var (name, value) in DraftMetadata.Of(draft, held))
        {
            line[name] = value?.DeepClone();
        }
        return line;
    }

    private static string? Right(SetFileItem item) => item.Draft.References is [var reference, ..] ? reference : item.IsBad == true ? null : item.Draft.RecordedAnswer;

    /// <summary>An answer that is right beside one that is wrong: a reference, and the recorded answer that people labelled bad.</summary>
    private static (string Chosen, string Rejected)? Pair(SetFileItem item) =>
        item is { IsBad: true, Draft: { References: [var reference, ..], RecordedAnswer: { Length: > 0 } bad } } && reference != bad ? (reference, bad) : null;

    private static JsonObject Said(string role, string text) => new()
    {
        ["from"] = role switch { "user" => "human", "assistant" => "gpt", "tool" => "observation", _ => role },
        ["value"] = text,
    };

    /// <summary>Pairs of what the user and what the bot said; who says nothing has an empty text.</summary>
    private static JsonArray Turns(IReadOnlyList<SampleMessage> messages)
    {
        var turns = new JsonArray();
        string? asked = null;
        foreach (var message in messages)
        {
            if (message.Role == "assistant")
            {
                turns.Add(new JsonArray(asked ?? "", message.Content));
                asked = null;
            }
            else
            {
                if (asked is not null)
                {
                    turns.Add(new JsonArray(asked, ""));
                }
                asked = message.Content;
            }
        }
        if (asked is not null)
        {
            turns.Add(new JsonArray(asked, ""));
        }
        return turns;
    }

    private static void Add(JsonObject record, string name, string? value)
    {
        if (value is not null)
        {
            record[name] = value;
        }
    }
}

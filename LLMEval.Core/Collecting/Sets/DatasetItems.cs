using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>Reads dataset items of Langfuse, Phoenix and Inspect. What they have no field for is found in their metadata.</summary>
internal static class DatasetItems
{
    /// <summary>Under these names stands in the metadata what is the tool's own, so that it can be written back.</summary>
    public const string LangfuseName = "langfuse";
    public const string PhoenixName = "phoenix";
    public const string InspectName = "inspect";
    public const string InputName = "input";
    public static readonly string[] LangfuseOwn = ["sourceTraceId", "sourceObservationId", "status"];
    public static readonly string[] InspectOwn = ["choices", "sandbox", "files", "setup"];

    // What Langfuse says of where the item stands there, not of the item.
    private static readonly string[] LangfuseBookkeeping = ["id", "input", "expectedOutput", "metadata", "projectId", "datasetId", "datasetName", "createdAt", "updatedAt", "validFrom", "htmlSourcePath", "mediaReferences"];

    public static List<DraftOrRejection> Langfuse(JsonElement item, SetFields fields)
    {
        var metadata = item.TryGetProperty("metadata", out var given) ? DraftMetadata.Fields(given, "metadata") : [];
        var own = OpenAiLines.Rest(item, LangfuseBookkeeping);
        foreach (var empty in own.Where(pair => pair.Value is null || pair.Value.ToString() is "" or "ACTIVE").Select(pair => pair.Key).ToList())
        {
            own.Remove(empty);
        }
        if (own.Count > 0)
        {
            metadata[LangfuseName] = own;
        }
        var draft = Draft(item, "input", metadata, fields) with { References = item.TryGetProperty("expectedOutput", out var output) ? Outputs(output, "expectedOutput", fields) : [] };
        return [fields.Checked(DraftMetadata.Take(draft with { ExternalId = Id(item) }, metadata, fields))];
    }

    public static List<DraftOrRejection> Phoenix(JsonElement example, SetFields fields)
    {
        var metadata = example.TryGetProperty("metadata", out var given) ? DraftMetadata.Fields(given, "metadata") : [];
        if (example.TryGetProperty("splits", out var splits) && splits.ValueKind == JsonValueKind.Array && splits.GetArrayLength() > 0)
        {
            metadata[PhoenixName] = new JsonObject { ["splits"] = DraftMetadata.Node(splits) };
        }
        var draft = Draft(example, "input", metadata, fields) with { References = example.TryGetProperty("output", out var output) ? Outputs(output, "output", fields) : [] };
        return [fields.Checked(DraftMetadata.Take(draft with { ExternalId = Id(example) }, metadata, fields))];
    }

    /// <summary>Choices are shown to the bot under the question; the target is then a letter.</summary>
    public static List<DraftOrRejection> Inspect(JsonElement record, SetFields fields)
    {
        var metadata = record.TryGetProperty("metadata", out var given) ? DraftMetadata.Fields(given, "metadata") : [];
        foreach (var (name, value) in OpenAiLines.Rest(record, ["id", "input", "target", "metadata", .. InspectOwn]))
        {
            metadata[name] = value?.DeepClone();
        }
        var own = new JsonObject();
        foreach (var name in InspectOwn)
        {
            if (record.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
            {
                own[name] = DraftMetadata.Node(value);
            }
        }
        if (own.Count > 0)
        {
            metadata[InspectName] = own;
        }
        var draft = Draft(record, "input", metadata, fields) with { References = record.TryGetProperty("target", out var target) ? [.. SetFields.Texts(target).Where(t => t.Length > 0)] : [] };
        if (record.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && draft.Input is [.., { Role: "user" } last])
        {
            draft = draft with { Input = [.. draft.Input.SkipLast(1), last with { Content = Choices.Append(last.Content, SetFields.Texts(choices)) }] };
        }
        return [fields.Checked(DraftMetadata.Take(draft with { ExternalId = Id(record) }, metadata, fields))];
    }

    /// <summary>The items of a page that the API answered.</summary>
    public static IEnumerable<JsonElement>? Page(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array && !root.TryGetProperty("input", out _) ? data.EnumerateArray() : null;

    private static string? Id(JsonElement item) => item.TryGetProperty("id", out var id) && SetFields.Text(id) is { Length: > 0 } text ? text : null;

    /// <summary>The messages of text, of messages, or of an object that holds either; what else the object holds becomes metadata.</summary>
    private static SampleDraft Draft(JsonElement item, string name, JsonObject metadata, SetFields fields)
    {
        if (!item.TryGetProperty(name, out var input) || input.ValueKind == JsonValueKind.Null)
        {
            fields.Json.Reject(Rejection.Missing, name, "text, messages or an object");
            return new SampleDraft([]);
        }
        if (input.ValueKind != JsonValueKind.Object)
        {
            var (prompt, messages) = input.ValueKind == JsonValueKind.Array ? OpenAiLines.Conversation(input, name, fields) : (null, [new SampleMessage("user", SetFields.Text(input)!)]);
            return new SampleDraft(messages) { SystemPrompt = prompt };
        }
        return OfObject(input, name, metadata, fields);
    }

    private static SampleDraft OfObject(JsonElement input, string name, JsonObject metadata, SetFields fields)
    {
        if (input.TryGetProperty("messages", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            KeepRest("messages");
            var (prompt, messages) = OpenAiLines.Conversation(list, name + ".messages", fields);
            return new SampleDraft(messages) { SystemPrompt = prompt };
        }
        if (ChatMessages.Are(JsonSerializer.SerializeToElement(new[] { input })))
        {
            return new SampleDraft([ChatMessages.One(input, name, fields)]);
        }
        var names = input.EnumerateObject().Select(p => p.Name).ToList();
        var columns = SetColumns.Guess(names);
        var question = columns.Question ?? (names.Count == 1 ? names[0] : null);
        if (question is null)
        {
            fields.Json.Reject(Rejection.Missing, $"{name}.question", "text");
            return new SampleDraft([]);
        }
        KeepRest(question, columns.Context ?? "");
        var context = columns.Context is { } history && input.GetProperty(history) is { ValueKind: JsonValueKind.Array } said && ChatMessages.Are(said) ? ChatMessages.Read(said, $"{name}.{history}", fields) : [];
        var value = input.GetProperty(question);
        var asked = ChatMessages.Are(value) ? ChatMessages.Read(value, $"{name}.{question}", fields) : [new SampleMessage("user", SetFields.Text(value) ?? "")];
        return new SampleDraft([.. context, .. asked]);

        void KeepRest(params string[] known)
        {
            if (OpenAiLines.Rest(input, known) is { Count: > 0 } rest)
            {
                metadata[InputName] = rest;
            }
        }
    }

    /// <summary>References out of text, a list of texts, messages, or an object that holds one of these.</summary>
    private static List<string> Outputs(JsonElement output, string field, SetFields fields)
    {
        switch (output.ValueKind)
        {
            case JsonValueKind.Array when !ChatMessages.Are(output):
                return SetFields.Texts(output);
            case JsonValueKind.Object when !output.EnumerateObject().Any():
                return [];
            case JsonValueKind.Object when !ChatMessages.Are(JsonSerializer.SerializeToElement(new[] { output })):
                if (output.TryGetProperty("messages", out var messages) && ChatMessages.Answer(messages, field + ".messages", fields) is { } said)
                {
                    return [said];
                }
                var names = output.EnumerateObject().Select(p => p.Name).ToList();
                var columns = SetColumns.Guess(names);
                var name = (columns.References is [var first, ..] ? first : columns.RecordedAnswer) ?? (names.Count == 1 ? names[0] : null);
                return name is not null ? SetFields.Texts(output.GetProperty(name)) : SetFields.Texts(JsonSerializer.SerializeToElement(SetFields.Stored(output)));
            default:
                return ChatMessages.Answer(output, field, fields) is { Length: > 0 } text ? [text] : [];
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>A draft, or why it is none.</summary>
/// <param name="Message">The recorded message that stands there in place of a draft.</param>
internal readonly record struct DraftOrRejection(SampleDraft? Draft, Rejection? Rejection, MessageName? Message = null);

/// <summary>Checks what a source says of samples. The first thing that will not do is the rejection, with the field that it is about.</summary>
internal sealed class SetFields(ImportOptions options)
{
    public const int IdLength = 128;
    public const int ShortIdLength = 64;
    public const int MessageIdLength = 128;

    public JsonFields Json { get; } = new(options.TimeZone);

    public Rejection? Problem => Json.Problem;

    public void Begin() => Json.Reset();

    /// <summary>The draft with its tags tidied, or the first thing about it that no set takes.</summary>
    /// <param name="inputField">How the source calls what the messages were made of.</param>
    public DraftOrRejection Checked(SampleDraft draft, string inputField = "input")
    {
        var tidied = draft with { Tags = [.. draft.Tags.Select(TagPath.Clean).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal)] };
        Id(draft.ExternalId, "id", IdLength);
        Id(draft.BizCode, "biz_code", ShortIdLength);
        Id(draft.RobotId, "robot_id", ShortIdLength);
        Id(draft.UserId, "user_id", ShortIdLength);
        Input(draft.Input, inputField);
        Size(draft.SystemPrompt, "system_prompt");
        Size(draft.RecordedAnswer, "recorded_answer");
        Size(draft.ExpectedBehaviour, "expected_behaviour");
        Count(draft.References.Count, "reference", EditItem.MaxReferences);
        Each(draft.References, "reference", Size);
        Count(tidied.Tags.Count, "tags", TagPath.MaxTags);
        Each(tidied.Tags, "tags", (tag, field) => Json.CheckLength(tag, field, SampleTag.MaxLength));
        Count(draft.Memory.Count, "memory", SampleDrafts.MaxMessages);
        Each(draft.Memory, "memory", (point, field) =>
        {
            Id(point.MemoryId, field + ".memory_id", MessageIdLength);
            Size(point.Content, field + ".content");
        });
        if (draft.ContextLength is < 0 or > CreateSet.MaxContextLength)
        {
            Json.Reject(Rejection.Unexpected, "context_length", draft.ContextLength, string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {CreateSet.MaxContextLength}"));
        }
        if (draft.MetadataJson is { } metadata && Encoding.UTF8.GetByteCount(metadata) is var bytes && bytes > options.MaxMessageBytes)
        {
            Json.Reject(Rejection.TooBig, "metadata", bytes, options.MaxMessageBytes);
        }
        return Problem is { } problem ? new DraftOrRejection(null, problem) : new DraftOrRejection(tidied, null);
    }

    /// <summary>Text of a JSON value: strings as they are, numbers and booleans as they are written; null for null; what is structured becomes its JSON.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Object or JsonValueKind.Array => Stored(value),
        _ => value.GetRawText(),
    };

    /// <summary>A list of texts, or one text alone.</summary>
    public static List<string> Texts(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Text).OfType<string>()] : Text(value) is { } text ? [text] : [];

    public static string Stored(JsonElement value)
    {
        using var stored = new StoredJson();
        return stored.Of(value) ?? "null";
    }

    private void Input(IReadOnlyList<SampleMessage> input, string field)
    {
        if (input.Count == 0)
        {
            Json.Reject(Rejection.Missing, field, "text or messages");
        }
        else if (input.All(m => string.IsNullOrWhiteSpace(m.Content)))
        {
            Json.Reject(Rejection.Empty, field, "text");
        }
        Count(input.Count, field, SampleDrafts.MaxMessages);
        for (var i = 0; i < input.Count; i++)
        {
            var at = input.Count == 1 ? field : JsonFields.Entry(field, i);
            Size(input[i].Content, at);
            Id(input[i].MsgId, at + ".msg_id", MessageIdLength);
        }
    }

    private void Id(string? text, string field, int maxLength)
    {
        if (text is not null)
        {
            Json.CheckId(text, field, maxLength);
        }
    }

    private void Size(string? text, string field)
    {
        if (text is not null)
        {
            Json.CheckLength(text, field, AddSamplesToSet.MaxContentLength);
        }
    }

    private void Count(int count, string field, int most)
    {
        if (count > most)
        {
            Json.Reject(Rejection.TooMany, field, count, most);
        }
    }

    private static void Each<T>(IReadOnlyList<T> entries, string list, Action<T, string> check)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            check(entries[i], JsonFields.Entry(list, i));
        }
    }
}

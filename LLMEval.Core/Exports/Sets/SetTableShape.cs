using System.Buffers;
using System.Globalization;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;

namespace LLMEval.Core.Exports.Sets;

/// <summary>An item as a row of our own table; what a cell cannot hold stands in it as JSON.</summary>
internal static class SetTableShape
{
    public static readonly string[] Columns =
    [
        "id", "context", "question", "reference", "expected_behaviour", "tags", "recorded_answer", "system_prompt", "memory", "robot_id", "biz_code", "user_id", "msg_id", "send_time", "context_length", "script",
        "metadata",
    ];

    private static readonly SearchValues<char> Separators = SearchValues.Create(";|,\u3001\uff1b\uff0c");

    public static string[] Row(SampleDraft draft)
    {
        // A script, or a conversation that the bot ends, has no one question.
        var last = !draft.IsScript && draft.Input is [.., { Role: "user" } asked] ? asked : null;
        var before = last is null ? [] : draft.Input.SkipLast(1).ToList();
        return
        [
            draft.ExternalId ?? "",
            before.Count > 0 ? Json.Write(SetItemJson.Messages(before)) : "",
            last is null ? Json.Write(SetItemJson.Messages(draft.Input)) : Plain(last.Content),
            Several(draft.References),
            draft.ExpectedBehaviour ?? "",
            draft.Tags.Any(t => t.AsSpan().ContainsAny(Separators)) ? Json.Write(draft.Tags) : string.Join(';', draft.Tags),
            draft.RecordedAnswer is { } answer ? Plain(answer) : "",
            draft.SystemPrompt ?? "",
            draft.Memory.Count > 0 ? Json.Write(SetItemJson.Memory(draft.Memory)) : "",
            draft.RobotId ?? "",
            draft.BizCode ?? "",
            draft.UserId ?? "",
            last?.MsgId ?? "",
            last?.SentAt is { } time ? SetItemJson.Time(time) : "",
            draft.ContextLength?.ToString(CultureInfo.InvariantCulture) ?? "",
            draft.IsScript ? "true" : "",
            draft.MetadataJson ?? "",
        ];
    }

    private static string Several(IReadOnlyList<string> texts) => texts.Count == 1 ? Plain(texts[0]) : texts.Count == 0 ? "" : Json.Write(texts);

    /// <summary>Text that would be read as JSON is written as a list of one.</summary>
    private static string Plain(string text) => text.AsSpan().Trim() is ['[', .., ']'] or ['{', .., '}'] ? Json.Write(new[] { text }) : text;
}

using LLMEval.Core.Common;

namespace LLMEval.Core.Samples;

/// <summary>What a draft must be to become a sample.</summary>
public static class SampleDrafts
{
    public const int MaxMessages = 1000;
    private static readonly string[] Roles = ["user", "assistant", "system", "tool"];

    /// <summary>Null where nothing is wrong; else a refusal whose field is named as in files and in the API.</summary>
    public static Failure? Problem(SampleDraft draft, Actor actor)
    {
        var tooLong = AddSamplesToSet.MaxContentLength;
        return draft.Input.Count is 0 or > MaxMessages ? Failure.Invalid("NumberOutOfRange", "input", 1, MaxMessages)
            : draft.Input.FirstOrDefault(m => !Roles.Contains(m.Role, StringComparer.Ordinal)) is { } odd ? Failure.Invalid("SampleRole", "input", Preview.Of(odd.Role))
            : draft.Input.All(m => string.IsNullOrWhiteSpace(m.Content)) ? Failure.Invalid("SampleQuestionMissing", "input")
            : draft.Input.Any(m => m.Content.Length > tooLong) ? Failure.Invalid("TextTooLong", "input", tooLong)
            : draft.References.Any(r => r.Length > tooLong) ? Failure.Invalid("TextTooLong", "reference", tooLong)
            : draft.ExpectedBehaviour?.Length > tooLong ? Failure.Invalid("TextTooLong", "expected_behaviour", tooLong)
            : draft.RecordedAnswer?.Length > tooLong ? Failure.Invalid("TextTooLong", "recorded_answer", tooLong)
            : draft.SystemPrompt?.Length > tooLong ? Failure.Invalid("TextTooLong", "system_prompt", tooLong)
            : draft.ContextLength is < 0 or > CreateSet.MaxContextLength ? Failure.Invalid("NumberOutOfRange", "context_length", 0, CreateSet.MaxContextLength)
            : draft.BizCode?.Length > 64 ? Failure.Invalid("TextTooLong", "biz_code", 64)
            : draft.RobotId?.Length > 64 ? Failure.Invalid("TextTooLong", "robot_id", 64)
            : draft.UserId?.Length > 64 ? Failure.Invalid("TextTooLong", "user_id", 64)
            : draft.ExternalId?.Length > 128 ? Failure.Invalid("TextTooLong", "id", 128)
            : TagPath.CleanAll(draft.Tags, "tags").Failure is { } tags ? tags
            : draft.BizCode is { Length: > 0 } code && !actor.Sees(code) ? Failure.Invalid("BizUnknown", "biz_code", code)
            : null;
    }
}

using System.Globalization;
using System.Text.Json;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>What a source wrote of one label, as text and unchecked.</summary>
internal sealed class LabelDraft
{
    public string? Annotator { get; set; }
    public string? Verdict { get; set; }
    public string? Score { get; set; }
    public string? Scale { get; set; }
    public string? GroundTruth { get; set; }
    public string? Prediction { get; set; }
    public string? Comment { get; set; }
    public string? CreatedAt { get; set; }
    public string? LabelledAt { get; set; }
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>Sets the field of this name in the neutral shape; false when there is none.</summary>
    public bool Set(string field, IReadOnlyList<string> values)
    {
        var text = values.Count == 0 ? null : string.Join(field is "ground_truth" or "prediction" or "comment" ? "\n" : ", ", values);
        switch (field)
        {
            case "verdict": Verdict = text; break;
            case "score": Score = text; break;
            case "scale": Scale = text; break;
            case "ground_truth": GroundTruth = text; break;
            case "prediction": Prediction = text; break;
            case "comment": Comment = text; break;
            case "tags": Tags = values; break;
            default: return false;
        }
        return true;
    }
}

/// <summary>Makes labels of drafts. The first thing that will not do is the rejection, with the field that it is about.</summary>
internal sealed class LabelFields(TimeZoneInfo timeZone)
{
    private const int IdLength = 128;
    private const int BizCodeLength = 64;
    private const int EmailLength = 256;

    public JsonFields Json { get; } = new(timeZone);

    /// <summary>Begins what can be rejected by itself.</summary>
    public void Begin() => Json.Reset();

    public Rejection? Problem => Json.Problem;

    /// <param name="at">What stands before a field's name in sentences, such as <c>data.</c></param>
    public MessagePlace Place(string? bizCode, string? sessionId, string? messageId, string at = "")
    {
        Id(bizCode, at + "biz_code", BizCodeLength);
        Id(sessionId, at + "session_id", IdLength);
        Id(messageId, at + "msg_id", IdLength);
        return new MessagePlace(bizCode ?? "", sessionId ?? "", messageId ?? "");
    }

    /// <summary>The place that the object's own fields name.</summary>
    public MessagePlace Place(JsonElement owner, string at = "") => Place(Text(owner, "biz_code", at), Text(owner, "session_id", at), Text(owner, "msg_id", at), at);

    /// <summary>The text of the object's field; null where it is absent or null.</summary>
    public string? Text(JsonElement owner, string field, string at = "") =>
        owner.TryGetProperty(field, out var value) ? Json.Text(value, at + field, int.MaxValue) : null;

    /// <summary>Text or a number, or a list of these.</summary>
    public IReadOnlyList<string> Values(JsonElement value, string field)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: return [];
            case JsonValueKind.String: return [value.GetString()!];
            case JsonValueKind.Number: return [value.GetRawText()];
            case JsonValueKind.Array: return [.. value.EnumerateArray().SelectMany((entry, i) => Values(entry, JsonFields.Entry(field, i)))];
            default:
                Json.Reject(Rejection.WrongType, field, JsonFields.Kind(value.ValueKind), "text");
                return [];
        }
    }

    /// <param name="annotatorField">How the source calls whose label it is.</param>
    public LabelOrRejection Label(MessagePlace message, LabelDraft draft, string at = "", string annotatorField = "annotator")
    {
        if (draft.Annotator is null)
        {
            Json.Reject(Rejection.Missing, at + annotatorField, "an e-mail address or a name");
        }
        else
        {
            // An address is looked up among the accounts, which may be longer than names.
            Json.CheckId(draft.Annotator, at + annotatorField, draft.Annotator.Contains('@', StringComparison.Ordinal) ? EmailLength : ExternalAnnotator.MaxNameLength);
        }
        var label = new LabelRecord(message, draft.Annotator ?? "", Verdict(draft.Verdict, at))
        {
            Score = Score(draft.Score, at),
            Scale = Scale(draft.Scale, at),
            GroundTruth = Long(draft.GroundTruth, at + "ground_truth"),
            Prediction = Long(draft.Prediction, at + "prediction"),
            Comment = Long(draft.Comment, at + "comment"),
            Tags = Tags(draft.Tags, at + "tags"),
            CreatedAt = Time(draft.CreatedAt, at + "created_at"),
            LabelledAt = Time(draft.LabelledAt, at + "labelled_at"),
        };
        return Problem is { } problem ? new LabelOrRejection(null, problem) : new LabelOrRejection(label, null);
    }

    private void Id(string? text, string field, int maxLength)
    {
        if (text is null)
        {
            Json.Reject(Rejection.Missing, field, "text");
        }
        else
        {
            Json.CheckId(text, field, maxLength);
        }
    }

    private Verdict Verdict(string? text, string at)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            Json.Reject(Rejection.Missing, at + "verdict", string.Join(" or ", LabelWords.Verdicts));
            return default;
        }
        if (LabelWords.VerdictOf(text) is { } verdict)
        {
            return verdict;
        }
        Json.Reject(Rejection.Unexpected, at + "verdict", JsonFields.Shown(text), string.Join(" or ", LabelWords.Verdicts));
        return default;
    }

    private double? Score(string? text, string at)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score))
        {
            return score;
        }
        Json.Reject(Rejection.Unexpected, at + "score", JsonFields.Shown(text), "a number");
        return null;
    }

    private ScoreScale? Scale(string? text, string at)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }
        if (LabelWords.ScaleOf(text) is { } scale)
        {
            return scale;
        }
        Json.Reject(Rejection.Unexpected, at + "scale", JsonFields.Shown(text), string.Join(", ", LabelWords.Scales));
        return null;
    }

    private List<string> Tags(IReadOnlyList<string> tags, string field)
    {
        List<string> kept = [.. tags.Select(t => t.Trim()).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal)];
        if (kept.Count > LabelWriting.MaxTags)
        {
            Json.Reject(Rejection.TooMany, field, kept.Count, LabelWriting.MaxTags);
        }
        for (var i = 0; i < kept.Count; i++)
        {
            Json.CheckId(kept[i], JsonFields.Entry(field, i), LabelIssue.MaxNameLength);
        }
        return kept;
    }

    private string? Long(string? text, string field)
    {
        if (text is not null)
        {
            Json.CheckLength(text, field, LabelWriting.MaxTextLength);
        }
        return text;
    }

    private DateTime? Time(string? text, string field) => string.IsNullOrWhiteSpace(text) ? null : Json.Time(text.Trim(), field);
}

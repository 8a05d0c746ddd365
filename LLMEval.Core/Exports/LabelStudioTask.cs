using LLMEval.Core.Samples;

namespace LLMEval.Core.Exports;

/// <summary>A task of Label Studio: the message as its data, an annotation for each label.</summary>
internal sealed record LabelStudioTask(LabelStudioData Data, IReadOnlyList<LabelStudioAnnotation> Annotations)
{
    private const string Answer = "answer";

    public static IEnumerable<LabelStudioTask> Of(RecordedTurn turn, IReadOnlyList<ExportedLabel> labels)
    {
        var dialogue = turn.Context.Select(m => new LabelStudioUtterance(m.Role == "assistant" ? "bot" : m.Role, m.Content));
        var data = new LabelStudioData(turn.BizCode, turn.SessionExternalId, turn.MessageExternalId, turn.Answer, [.. dialogue]);
        return [new LabelStudioTask(data, [.. labels.Select(l => new LabelStudioAnnotation(new LabelStudioPerson(l.Annotator), [.. Results(l)], l.CreatedAt, l.LabelledAt))])];
    }

    private static IEnumerable<LabelStudioResult> Results(ExportedLabel label)
    {
        yield return Choices("verdict", [label.Verdict]);
        if (label.Score is { } score)
        {
            // The scale is no control of its own: it says how the number is meant.
            yield return new LabelStudioResult("score", Answer, "number", new Dictionary<string, object> { ["number"] = score }, new Dictionary<string, string> { ["scale"] = label.Scale! });
        }
        if (label.Tags.Count > 0)
        {
            yield return Choices("tags", label.Tags);
        }
        foreach (var (name, text) in new[] { ("ground_truth", label.GroundTruth), ("prediction", label.Prediction), ("comment", label.Comment) })
        {
            if (text is not null)
            {
                yield return new LabelStudioResult(name, Answer, "textarea", new Dictionary<string, object> { ["text"] = new[] { text } });
            }
        }
    }

    private static LabelStudioResult Choices(string name, IReadOnlyList<string> choices) => new(name, Answer, "choices", new Dictionary<string, object> { ["choices"] = choices });
}

internal sealed record LabelStudioData(string BizCode, string SessionId, string MsgId, string Answer, IReadOnlyList<LabelStudioUtterance> Dialogue);

internal sealed record LabelStudioUtterance(string Author, string Text);

internal sealed record LabelStudioAnnotation(LabelStudioPerson CompletedBy, IReadOnlyList<LabelStudioResult> Result, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>Label Studio finds people by e-mail, and takes no bare name where it expects a person.</summary>
internal sealed record LabelStudioPerson(string Email);

internal sealed record LabelStudioResult(string FromName, string ToName, string Type, IReadOnlyDictionary<string, object> Value, IReadOnlyDictionary<string, string>? Meta = null);

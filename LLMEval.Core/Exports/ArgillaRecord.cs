using LLMEval.Core.Samples;

namespace LLMEval.Core.Exports;

/// <summary>A record of Argilla: the message as its fields, and under each question what each user answered.</summary>
internal sealed record ArgillaRecord(ArgillaFields Fields, ArgillaMetadata Metadata, IReadOnlyDictionary<string, IReadOnlyList<ArgillaResponse>> Responses)
{
    /// <summary>One record, or one for each scale where labels have scores on several: a record says its scale once.</summary>
    public static IEnumerable<ArgillaRecord> Of(RecordedTurn turn, IReadOnlyList<ExportedLabel> labels)
    {
        var chat = turn.Context.Select(m => new ArgillaTurn(m.Role, m.Content)).ToList();
        var usual = labels.Select(l => l.Scale).FirstOrDefault(scale => scale is not null);
        return labels.GroupBy(l => l.Scale ?? usual).Select(group => new ArgillaRecord(
            new ArgillaFields(turn.Answer, chat), new ArgillaMetadata(turn.BizCode, turn.SessionExternalId, turn.MessageExternalId, group.Key), Answers([.. group])));
    }

    private static Dictionary<string, IReadOnlyList<ArgillaResponse>> Answers(List<ExportedLabel> labels)
    {
        (string Question, Func<ExportedLabel, object?> Answer)[] questions =
        [
            ("verdict", l => l.Verdict), ("score", l => l.Score), ("tags", l => l.Tags.Count == 0 ? null : l.Tags),
            ("ground_truth", l => l.GroundTruth), ("prediction", l => l.Prediction), ("comment", l => l.Comment),
        ];
        var responses = new Dictionary<string, IReadOnlyList<ArgillaResponse>>();
        foreach (var (question, answer) in questions)
        {
            var answers = labels.Where(l => answer(l) is not null).Select(l => new ArgillaResponse(answer(l)!, l.Annotator, "submitted")).ToList();
            if (answers.Count > 0)
            {
                responses[question] = answers;
            }
        }
        return responses;
    }
}

internal sealed record ArgillaFields(string Answer, IReadOnlyList<ArgillaTurn> Chat);

internal sealed record ArgillaTurn(string Role, string Content);

/// <param name="Scale">Of the scores; null where there are none.</param>
internal sealed record ArgillaMetadata(string BizCode, string SessionId, string MsgId, string? Scale);

internal sealed record ArgillaResponse(object Value, string UserId, string Status);

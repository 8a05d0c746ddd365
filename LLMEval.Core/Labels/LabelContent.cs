namespace LLMEval.Core.Labels;

/// <summary>What a label says, as it is stored, without whose it is and when: where two are equal there is nothing to change.</summary>
internal sealed record LabelContent(Verdict Verdict, double? Score, ScoreScale? Scale, string? GroundTruth, string? Prediction, string? Comment, string Tags)
{
    public static LabelContent Of(Label label) =>
        Of(label.Verdict, label.Score, label.Scale, label.GroundTruth, label.Prediction, label.Comment, label.Tags.Select(t => t.Name));

    public static LabelContent Of(LabelRequest request, ScoreScale scale) => Of(
        request.Verdict, request.Score, scale, EditQueue.Trimmed(request.GroundTruth), EditQueue.Trimmed(request.Prediction), EditQueue.Trimmed(request.Comment), LabelWriting.Tags(request));

    // A scale without a score says nothing.
    private static LabelContent Of(Verdict verdict, double? score, ScoreScale scale, string? groundTruth, string? prediction, string? comment, IEnumerable<string> tags) =>
        new(verdict, score, score is null ? null : scale, groundTruth, prediction, comment, string.Join('\n', tags.Order(StringComparer.Ordinal)));
}

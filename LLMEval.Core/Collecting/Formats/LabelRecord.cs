using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>The ids by which sources name a message.</summary>
internal sealed record MessagePlace(string BizCode, string SessionId, string MessageId);

/// <summary>One label as a source tells it, checked but for what only the database knows; what the source leaves out is null.</summary>
internal sealed record LabelRecord(MessagePlace Message, string Annotator, Verdict Verdict)
{
    /// <summary>Within <see cref="Scale"/> where that is given, else within the business line's.</summary>
    public double? Score { get; init; }
    public ScoreScale? Scale { get; init; }
    public string? GroundTruth { get; init; }
    public string? Prediction { get; init; }
    public string? Comment { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];
    public DateTime? CreatedAt { get; init; }
    public DateTime? LabelledAt { get; init; }
}

/// <summary>A label, or why it is none.</summary>
internal readonly record struct LabelOrRejection(LabelRecord? Label, Rejection? Rejection);

/// <param name="Number">The line, or the place among the tasks, from 1; several labels may stand there.</param>
/// <param name="Raw">What stands there, for the file of rejected lines.</param>
internal sealed record LabelLine(long Number, string Raw, LabelRecord? Label, Rejection? Rejection);

/// <summary>A source ended in a way that leaves nothing to go on from.</summary>
internal sealed class LabelsUnreadableException(string code, params object[] args) : Exception(code)
{
    public string Code => Message;
    public IReadOnlyList<object> Args => args;
}

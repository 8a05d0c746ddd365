namespace LLMEval.Core.Targets;

/// <summary>Answers what production answered: nothing is asked.</summary>
public sealed class RecordedTarget(TargetSnapshot snapshot) : IChatTarget
{
    public TargetSnapshot Snapshot => snapshot;

    public Task<TargetReply> AskAsync(Transcript transcript, CancellationToken cancellationToken)
    {
        var recorded = transcript.RecordedAnswer;
        return Task.FromResult(recorded?.Text is null
            ? new TargetReply(ReplyStatus.Misconfigured, null, null, null, TimeSpan.Zero, 0, "no_recorded_answer")
            : new TargetReply(ReplyStatus.Answered, recorded.Text, recorded.Model, null, TimeSpan.FromMilliseconds(recorded.LatencyMs ?? 0), 0));
    }
}

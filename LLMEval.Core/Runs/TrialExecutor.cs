using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace LLMEval.Core.Runs;

/// <summary>A scorer with the name it is stored under.</summary>
internal sealed record NamedScorer(string Kind, IScorer Scorer);

internal sealed record NamedScore(string Scorer, Score Score);

/// <summary>Asks and scores. What a target or a scorer does wrong becomes stored data here; only cancellation passes.</summary>
internal sealed class TrialExecutor(TimeProvider clock, ILogger<TrialExecutor> logger)
{
    public const string ScorerFault = "scorer_fault";
    private const string NotFinite = "not_finite";

    /// <summary>
    /// Asks a turn. A script is asked message by message, each with the answers so far; the reply is the last one, with the request that holds the whole conversation, and times and tokens of all.
    /// It ends where an answer is missing.
    /// </summary>
    public async Task<TargetReply> AskAsync(IChatTarget target, Turn turn, int? seed, CancellationToken cancellationToken)
    {
        var steps = turn.IsScript && target.Snapshot.Connector != Connector.Recorded ? turn.Context.Index().Where(m => m.Item.Role == "user").Select(m => m.Index + 1).ToList() : [];
        if (steps.Count < 2)
        {
            return await AskAsync(target, Transcripts.Of(turn, target.Snapshot, seed), cancellationToken);
        }
        var said = new List<SampleMessage>();
        TargetReply? all = null;
        foreach (var (from, to) in steps.Prepend(0).Zip(steps))
        {
            // What a bot answered when the script was written is not said: this one's own answer stands there. A greeting before the first question was.
            said.AddRange(turn.Context.Skip(from).Take(to - from).Where(m => all is null || m.Role != "assistant"));
            var reply = await AskAsync(target, Transcripts.Of(turn with { Context = [.. said] }, target.Snapshot, seed), cancellationToken);
            if (all is not null)
            {
                reply = reply with { Usage = Sum(all.Usage, reply.Usage), Duration = all.Duration + reply.Duration, Attempts = all.Attempts + reply.Attempts };
            }
            all = reply;
            if (reply.Status != ReplyStatus.Answered)
            {
                break;
            }
            said.Add(new SampleMessage("assistant", reply.Text ?? ""));
        }
        return all!;
    }

    /// <summary>Null where neither is known; a reply that timed out does not make the tokens before it unknown.</summary>
    private static UsageDetails? Sum(UsageDetails? before, UsageDetails? last)
    {
        if (before is null || last is null)
        {
            return before ?? last;
        }
        var sum = new UsageDetails();
        sum.Add(before);
        sum.Add(last);
        return sum;
    }

    public async Task<TargetReply> AskAsync(IChatTarget target, Transcript transcript, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        try
        {
            return await target.AskAsync(transcript, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        // Protects the other trials of the shard from a defect of one connector.
        catch (Exception e)
        {
            logger.LogError(e, "Target version {TargetVersionId} broke while asked", target.Snapshot.TargetVersionId);
            return new TargetReply(ReplyStatus.Failed, null, null, null, clock.GetElapsedTime(begun), 1, "defect", $"{e.GetType().Name}: {e.Message}");
        }
    }

    public async Task<IReadOnlyList<NamedScore>> ScoreAsync(IReadOnlyList<NamedScorer> scorers, ScoringCase scoringCase, CancellationToken cancellationToken)
    {
        var all = new List<NamedScore>();
        foreach (var (kind, scorer) in scorers)
        {
            var metrics = scorer.Descriptor.Metrics;
            try
            {
                var scores = await scorer.ScoreAsync(scoringCase, cancellationToken);
                foreach (var metric in metrics)
                {
                    var score = scores.FirstOrDefault(s => s.Metric == metric.Name) ?? Score.Unscored(metric.Name, ScorerFault);
                    all.Add(new NamedScore(kind, score.Value is { } value && !double.IsFinite(value) ? Score.Unscored(metric.Name, NotFinite) : score));
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            // A scorer's fault is this trial's unscored score, never the run's end.
            catch (Exception e)
            {
                logger.LogError(e, "Scorer {Scorer} broke", kind);
                all.AddRange(metrics.Select(m => new NamedScore(kind, new Score(m.Name, null, Explanation: $"{e.GetType().Name}: {e.Message}", UnscoredBecause: ScorerFault))));
            }
        }
        return all;
    }

    public static ScoringCase CaseOf(Turn turn, IReadOnlyList<string> references, string answer) =>
        new([.. turn.Context.Select(m => new ChatMessage(m.Role == "assistant" ? ChatRole.Assistant : m.Role == "user" ? ChatRole.User : ChatRole.System, m.Content))], references, answer);
}

using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <summary>One step that a trial has made: its reply, its scores, or both.</summary>
internal sealed record TrialStep(long TrialId, TargetReply? Reply, IReadOnlyList<NamedScore>? Scores, DateTime At);

/// <summary>Stores the steps of one shard in groups. A trial moves on by conditional update, and scores are stored in the transaction of the step to <see cref="TrialState.Scored"/>, so that each trial is scored exactly once whoever else drives it too.</summary>
internal sealed class TrialWriter : IAsyncDisposable
{
    private readonly IDbContextFactory<LLMEvalDbContext> _contexts;
    private readonly GroupWriter<TrialStep> _group;

    /// <summary>Trials whose reply another worker stored first: our scores would describe an answer that nobody sees.</summary>
    private readonly HashSet<long> _lost = [];

    public TrialWriter(IDbContextFactory<LLMEvalDbContext> contexts, RunsOptions options, TimeProvider clock)
    {
        _contexts = contexts;
        _group = new GroupWriter<TrialStep>(CommitAsync, options.CommitRows, options.CommitWindow, clock);
    }

    public ValueTask AddAsync(TrialStep step, CancellationToken cancellationToken) => _group.AddAsync(step, cancellationToken);

    /// <summary>Stores all that was added; throws what a commit threw.</summary>
    public Task CompleteAsync() => _group.CompleteAsync();

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    // Not cancellable: what was answered has been paid for.
    private Task<int> CommitAsync(IReadOnlyList<TrialStep> steps) => Repeating.Async(async () =>
    {
        await using var db = await _contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        var lost = new List<long>();
        var scores = new List<TrialScore>();
        // In the order of their ids, so that two workers on one shard wait for each other instead of locking each other out.
        foreach (var trial in steps.GroupBy(s => s.TrialId).OrderBy(g => g.Key))
        {
            var reply = trial.FirstOrDefault(s => s.Reply is not null);
            var scored = trial.FirstOrDefault(s => s.Scores is not null);
            if (reply is not null && await AnswerAsync(db, reply, scored?.At) == 0)
            {
                lost.Add(trial.Key);
                continue;
            }
            if (scored is null || _lost.Contains(trial.Key))
            {
                continue;
            }
            if (reply is not null || await db.Trials.Where(t => t.Id == trial.Key && t.State == TrialState.Answered)
                    .ExecuteUpdateAsync(u => u.SetProperty(t => t.State, TrialState.Scored).SetProperty(t => t.ScoredAt, scored.At)) == 1)
            {
                scores.AddRange(scored.Scores!.Select(s => RowOf(trial.Key, s)));
            }
        }
        await BulkWriter.InsertAsync(db, scores, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        _lost.UnionWith(lost);
        return scores.Count;
    });

    private static Task<int> AnswerAsync(LLMEvalDbContext db, TrialStep step, DateTime? scoredAt)
    {
        var reply = step.Reply!;
        var (id, at) = (step.TrialId, step.At);
        var isAnswered = reply.Status == ReplyStatus.Answered;
        var state = !isAnswered ? TrialState.Failed : scoredAt is null ? TrialState.Answered : TrialState.Scored;
        var answer = isAnswered ? reply.Text ?? "" : reply.Text;
        var (model, errorType, errorDetail) = (Cut(reply.ResponseModel, 128), Cut(reply.ErrorType, 100), Cut(reply.ErrorDetail, 2000));
        var (inputTokens, outputTokens) = ((int?)reply.Usage?.InputTokenCount, (int?)reply.Usage?.OutputTokenCount);
        var duration = (int)Math.Min(int.MaxValue, reply.Duration.TotalMilliseconds);
        var (status, request, attempts) = ((ReplyStatus?)reply.Status, reply.RequestJson, reply.Attempts);
        return db.Trials.Where(t => t.Id == id && t.State == TrialState.Pending).ExecuteUpdateAsync(u => u
            .SetProperty(t => t.State, state)
            .SetProperty(t => t.ReplyStatus, status)
            .SetProperty(t => t.Answer, answer)
            .SetProperty(t => t.RequestJson, request)
            .SetProperty(t => t.ResponseModel, model)
            .SetProperty(t => t.InputTokens, inputTokens)
            .SetProperty(t => t.OutputTokens, outputTokens)
            .SetProperty(t => t.DurationMs, duration)
            .SetProperty(t => t.Attempts, attempts)
            .SetProperty(t => t.ErrorType, errorType)
            .SetProperty(t => t.ErrorDetail, errorDetail)
            .SetProperty(t => t.AnsweredAt, at)
            .SetProperty(t => t.ScoredAt, scoredAt));
    }

    private static TrialScore RowOf(long trialId, NamedScore named) => new()
    {
        TrialId = trialId,
        Scorer = named.Scorer,
        Metric = named.Score.Metric,
        Value = named.Score.Value,
        Label = Cut(named.Score.Label, 64),
        Explanation = Cut(named.Score.Explanation, 2000),
        UnscoredBecause = Cut(named.Score.UnscoredBecause, 200),
    };

    internal static string? Cut(string? text, int length) =>
        text is null || text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <summary>How a snapshot becomes something that can be asked: the target factory, or a script in tests.</summary>
public delegate IChatTarget TargetMaker(TargetSnapshot snapshot);

/// <summary>Drives one shard of a run: asks what is pending, scores what is answered, and finishes the run where nothing is left. Safe to run any number of times, at once as well.</summary>
internal sealed class RunWorker(
    IDbContextFactory<LLMEvalDbContext> contexts, ScorerCatalog scorers, TargetMaker targets, TrialExecutor executor, RunGates gates, RunSummariser summariser, RunsOptions options, TimeProvider clock)
{
    /// <summary>Returns when the shard is done or its run was cancelled. On <paramref name="cancellationToken"/> it stores what was answered and throws.</summary>
    public async Task ExecuteAsync(long runId, int shard, CancellationToken cancellationToken)
    {
        if (await BeginAsync(runId, cancellationToken) is not { } plan)
        {
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = CancelWatch.RunAsync(token => IsRunningAsync(runId, token), stop, clock);
        try
        {
            await DriveAsync(runId, shard, plan, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Somebody cancelled the run; what had been answered is stored.
        }
        finally
        {
            await stop.CancelAsync();
            await watch;
        }
        if (await summariser.FinishAsync(runId, plan, cancellationToken))
        {
            gates.Leave(plan, runId);
        }
    }

    private async Task<RunPlan?> BeginAsync(long runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.Runs.Where(r => r.Id == runId && r.State == RunState.Pending)
            .ExecuteUpdateAsync(u => u.SetProperty(r => r.State, RunState.Running).SetProperty(r => r.StartedAt, now), cancellationToken);
        var plan = await db.Runs.AsNoTracking().Where(r => r.Id == runId && r.State == RunState.Running).Select(r => r.PlanJson).FirstOrDefaultAsync(cancellationToken);
        return plan is null ? null : Json.Read<RunPlan>(plan);
    }

    private async Task<bool> IsRunningAsync(long runId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Runs.AnyAsync(r => r.Id == runId && r.State == RunState.Running, cancellationToken);
    }

    private async Task DriveAsync(long runId, int shard, RunPlan plan, CancellationToken cancellationToken)
    {
        var (open, turns) = await ReadAsync(runId, shard, cancellationToken);
        if (open.Count == 0)
        {
            return;
        }
        var named = plan.Scorers.Select(spec => new NamedScorer(spec.Kind, scorers.Create(spec).Value ?? throw new InvalidOperationException($"The plan's scorer {spec.Kind} {spec.Version} cannot be made."))).ToList();
        var asked = plan.Targets.Select(snapshot => targets(snapshot)).ToList();
        await using var writer = new TrialWriter(contexts, options, clock);
        try
        {
            // One loop for each target, so that a slow one does not take the places of a quick one.
            await Task.WhenAll(open.GroupBy(t => t.TargetIndex).Select(group => Parallel.ForEachAsync(
                group,
                new ParallelOptions { MaxDegreeOfParallelism = Math.Clamp(plan.Targets[group.Key].MaxParallel, 1, plan.MaxParallel), CancellationToken = cancellationToken },
                async (trial, token) => await StepAsync(runId, trial, turns[trial.SampleId], plan, asked[trial.TargetIndex], named, writer, token))));
        }
        finally
        {
            await writer.CompleteAsync();
        }
    }

    private async Task StepAsync(long runId, OpenTrial trial, FrozenTurn frozen, RunPlan plan, IChatTarget target, IReadOnlyList<NamedScorer> named, TrialWriter writer, CancellationToken cancellationToken)
    {
        var answer = trial.Answer;
        if (trial.State == TrialState.Pending)
        {
            TargetReply reply;
            using (await gates.EnterAsync(target.Snapshot, runId, plan.MaxParallel, cancellationToken))
            {
                reply = await executor.AskAsync(target, frozen.Turn, plan.SeedOf(trial.Position, trial.TargetIndex, trial.Epoch), cancellationToken);
            }
            // Not cancellable: what was answered has been paid for.
            await writer.AddAsync(new TrialStep(trial.Id, reply, null, Now), CancellationToken.None);
            if (reply.Status != ReplyStatus.Answered)
            {
                return;
            }
            answer = reply.Text;
        }
        var scores = await executor.ScoreAsync(named, TrialExecutor.CaseOf(frozen.Turn, frozen.References, answer ?? ""), cancellationToken);
        await writer.AddAsync(new TrialStep(trial.Id, null, scores, Now), cancellationToken);
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private async Task<(IReadOnlyList<OpenTrial> Open, IReadOnlyDictionary<long, FrozenTurn> Turns)> ReadAsync(long runId, int shard, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var open = await db.Trials.AsNoTracking()
            .Where(t => t.RunId == runId && t.Shard == shard && (t.State == TrialState.Pending || t.State == TrialState.Answered))
            .OrderBy(t => t.Position).ThenBy(t => t.Epoch).ThenBy(t => t.TargetIndex)
            .Select(t => new OpenTrial(t.Id, t.SampleId, t.Position, t.TargetIndex, t.Epoch, t.State, t.Answer)).ToListAsync(cancellationToken);
        var turns = new Dictionary<long, FrozenTurn>();
        foreach (var ids in open.Select(t => t.SampleId).Distinct().Chunk(200))
        {
            foreach (var sample in await db.Samples.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(cancellationToken))
            {
                turns[sample.Id] = FrozenTurn.Of(sample);
            }
        }
        return (open, turns);
    }

    private sealed record OpenTrial(long Id, long SampleId, int Position, int TargetIndex, int Epoch, TrialState State, string? Answer);
}

/// <summary>A sample read back as a turn with its references.</summary>
internal sealed record FrozenTurn(Turn Turn, IReadOnlyList<string> References)
{
    public static FrozenTurn Of(Sample sample) => new(
        new Turn(
            Json.Read<List<SampleMessage>>(sample.InputJson),
            sample.SystemPrompt,
            Json.Read<List<SampleMemory>>(sample.MemoryJson),
            new RecordedAnswer(
                sample.RecordedAnswer, sample.RecordedModel, sample.RecordedLatencyMs,
                sample.RecordedParametersJson is { } parameters ? Json.Read<System.Text.Json.JsonElement>(parameters) : null),
            sample.ClusterKey,
            sample.MessageId)
        { IsScript = sample.IsScript },
        Json.Read<List<string>>(sample.ReferencesJson));
}

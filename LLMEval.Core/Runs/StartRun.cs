using System.Diagnostics;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <param name="SetVersion">Null freezes the set as it is now.</param>
/// <param name="Scorers">As <see cref="ScorerCatalog.Specify"/> makes them.</param>
/// <param name="Epochs">Repeats of each question, 1 to <see cref="StartRun.MaxEpochs"/>.</param>
/// <param name="MaxParallel">Questions in flight at once; null takes <c>Runs:MaxParallel</c>.</param>
/// <param name="Name">Null is the set's name.</param>
public sealed record RunRequest(
    long SetId, int? SetVersion, IReadOnlyList<long> TargetVersionIds, IReadOnlyList<ScorerSpec> Scorers, int Epochs = 1, int Seed = 0, int? MaxParallel = null, string? Name = null);

/// <summary>Plans a run, inserts its trials, and hands its shards to the scheduler.</summary>
public sealed class StartRun(
    IDbContextFactory<LLMEvalDbContext> contexts, FreezeSet freezeSet, TargetQueries targets, ScorerCatalog scorers, RunShards shards, RunsOptions options, NodeStart node, TimeProvider clock)
{
    public const int MaxTargets = 20;
    public const int MaxScorers = 20;
    public const int MaxEpochs = 100;
    public const int MaxTrials = 1_000_000;
    public const int MaxParallelLimit = 256;
    private const int ChunkSize = 2000;
    private const int MaxNameLength = 200;

    /// <summary>The run's id.</summary>
    public async Task<Result<long>> ExecuteAsync(RunRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.RunsStart) is { } refusal)
        {
            return refusal;
        }
        if (Problem(request) is { } problem)
        {
            return problem;
        }
        var snapshots = new List<TargetSnapshot>();
        foreach (var id in request.TargetVersionIds)
        {
            if (await targets.SnapshotAsync(id, cancellationToken) is not { } snapshot)
            {
                return Failure.NotFound("TargetVersionNotFound", id) with { Field = nameof(request.TargetVersionIds) };
            }
            snapshots.Add(snapshot);
        }
        var (version, failure) = await VersionAsync(request, actor, cancellationToken);
        if (version is null)
        {
            return failure! with { Field = failure!.Field ?? nameof(request.SetId) };
        }
        if ((long)version.ItemCount * snapshots.Count * request.Epochs > MaxTrials)
        {
            return Failure.Invalid("RunTooLarge", nameof(request.Epochs), MaxTrials);
        }
        var plan = new RunPlan(
            version.SetId, version.SetName, version.Number, snapshots, request.Scorers, request.Epochs, request.Seed, request.MaxParallel ?? options.MaxParallel, Transcripts.Version);
        var runId = await InsertAsync(plan, version.SetVersionId, request.Name, actor, cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await shards.ScheduleAsync(runId, await RunSweep.OpenShardsAsync(db, runId, cancellationToken), cancellationToken);
        return runId;
    }

    private Failure? Problem(RunRequest request) =>
        request.Name?.Length > MaxNameLength ? Failure.Invalid("TextTooLong", nameof(request.Name), MaxNameLength)
        : request.TargetVersionIds.Count is 0 or > MaxTargets ? Failure.Invalid("NumberOutOfRange", nameof(request.TargetVersionIds), 1, MaxTargets)
        : request.TargetVersionIds.Distinct().Count() < request.TargetVersionIds.Count ? Failure.Invalid("TargetTwice", nameof(request.TargetVersionIds))
        : request.Scorers.Count is 0 or > MaxScorers ? Failure.Invalid("NumberOutOfRange", nameof(request.Scorers), 1, MaxScorers)
        : request.Scorers.DistinctBy(s => s.Kind).Count() < request.Scorers.Count ? Failure.Invalid("ScorerTwice", nameof(request.Scorers))
        : request.Epochs is < 1 or > MaxEpochs ? Failure.Invalid("NumberOutOfRange", nameof(request.Epochs), 1, MaxEpochs)
        : request.MaxParallel is < 1 or > MaxParallelLimit ? Failure.Invalid("NumberOutOfRange", nameof(request.MaxParallel), 1, MaxParallelLimit)
        : request.Scorers.Select(s => scorers.Create(s).Failure).FirstOrDefault(f => f is not null) is { } scorer ? scorer with { Field = nameof(request.Scorers) }
        : null;

    private async Task<Result<FrozenSet>> VersionAsync(RunRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (request.SetVersion is not { } number)
        {
            return await freezeSet.ForAsync(request.SetId, actor, cancellationToken);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.SetVersions.AsNoTracking().Where(v => v.SetId == request.SetId && v.Number == number)
            .Join(db.VisibleSets(actor), v => v.SetId, s => s.Id, (v, s) => new FrozenSet(v.Id, v.SetId, s.Name, v.Number, v.ItemCount, false))
            .FirstOrDefaultAsync(cancellationToken);
        return found is null ? Failure.NotFound("SetVersionNotFound", number) with { Field = nameof(request.SetVersion) } : found;
    }

    private async Task<long> InsertAsync(RunPlan plan, long setVersionId, string? name, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var planJson = Json.Write(plan);
        var now = clock.GetUtcNow().UtcDateTime;
        Debug.Assert(now > node.At, "A run planned before the node's start would be swept away as a dead one's.");
        var run = new Run
        {
            Name = string.IsNullOrWhiteSpace(name) ? plan.SetName : name.Trim(),
            SetId = plan.SetId,
            SetName = plan.SetName,
            SetVersionNumber = plan.SetVersion,
            State = RunState.Planning,
            PlanJson = planJson,
            PlanFingerprint = Fingerprint.Of(planJson),
            TargetNames = TrialWriter.Cut(string.Join(", ", plan.Targets.Select(t => t.Label)), RunConfiguration.TargetNamesLength)!,
            CreatedAt = now,
            StartedById = actor.UserId,
            StartedByName = actor.Name,
        };
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            db.Runs.Add(run);
            await db.SaveChangesAsync(cancellationToken);
            db.AuditEntries.Add(AuditEntry.Of(actor, now, "run.start", "run", run.Id, new { run.Name, plan.SetId, plan.SetVersion, targets = plan.Targets.Select(t => t.Label), run.PlanFingerprint }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        try
        {
            await InsertTrialsAsync(run.Id, plan, setVersionId, cancellationToken);
        }
        catch
        {
            // Nobody was told of it. Should this fail too, the sweep removes it.
            await RunSweep.RemoveAsync(db, run.Id, CancellationToken.None);
            throw;
        }
        return run.Id;
    }

    private async Task InsertTrialsAsync(long runId, RunPlan plan, long setVersionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var items = await db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == setVersionId).OrderBy(i => i.Position).Select(i => new { i.Position, i.SampleId }).ToListAsync(cancellationToken);
        var total = items.Count * plan.Targets.Count * plan.Epochs;
        // All answers to one item stay in one shard, so that the item's sample is read once.
        var perShard = Math.Max(1, options.ShardSize / (plan.Targets.Count * plan.Epochs));
        var trials = items.SelectMany((item, index) => Enumerable.Range(0, plan.Targets.Count).SelectMany(target => Enumerable.Range(0, plan.Epochs).Select(epoch => new Trial
        {
            RunId = runId,
            SampleId = item.SampleId,
            Position = item.Position,
            TargetIndex = target,
            Epoch = epoch,
            Shard = index / perShard,
            State = TrialState.Pending,
        })));
        var shardCount = (items.Count + perShard - 1) / perShard;
        var inserted = 0;
        foreach (var chunk in trials.Chunk(ChunkSize))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await BulkWriter.InsertAsync(db, chunk, cancellationToken);
            inserted += chunk.Length;
            if (inserted == total)
            {
                var pending = await db.Runs.Where(r => r.Id == runId && r.State == RunState.Planning)
                    .ExecuteUpdateAsync(u => u.SetProperty(r => r.State, RunState.Pending).SetProperty(r => r.TrialCount, total).SetProperty(r => r.ShardCount, shardCount), cancellationToken);
                if (pending == 0)
                {
                    throw new InvalidOperationException($"Run {runId} was removed while it was being planned.");
                }
            }
            await transaction.CommitAsync(cancellationToken);
        }
    }
}

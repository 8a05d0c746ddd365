using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Runs;

/// <summary>Since when this process plans runs. A singleton that whoever plans depends on: were it made only when the first sweep runs, a run planned just before would look like one of a dead process.</summary>
public sealed class NodeStart(TimeProvider clock)
{
    // A millisecond earlier: a stored time is cut to microseconds and must not come out earlier than this.
    public DateTime At { get; } = clock.GetUtcNow().UtcDateTime.AddMilliseconds(-1);
}

/// <summary>Makes what the tables say true again after a crash: schedules the shards of unfinished runs, removes runs whose planning died.</summary>
internal sealed class RunSweep(IDbContextFactory<LLMEvalDbContext> contexts, RunShards shards, DatabaseOptions database, NodeStart node, TimeProvider clock)
{
    private static readonly TimeSpan LongestPlanning = TimeSpan.FromMinutes(10);

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await RemoveDeadPlansAsync(db, cancellationToken);
        var unfinished = await db.Runs.AsNoTracking().Where(r => r.State == RunState.Pending || r.State == RunState.Running).OrderBy(r => r.Id).Select(r => r.Id).ToListAsync(cancellationToken);
        foreach (var runId in unfinished)
        {
            var open = await OpenShardsAsync(db, runId, cancellationToken);
            // A run that died between its last trial and its summary has no open shard; any shard finishes it.
            await shards.ScheduleAsync(runId, open.Count > 0 ? open : [0], cancellationToken);
        }
    }

    internal static Task<List<int>> OpenShardsAsync(LLMEvalDbContext db, long runId, CancellationToken cancellationToken) =>
        db.Trials.AsNoTracking().Where(t => t.RunId == runId && (t.State == TrialState.Pending || t.State == TrialState.Answered))
            .Select(t => t.Shard).Distinct().OrderBy(s => s).ToListAsync(cancellationToken);

    private async Task RemoveDeadPlansAsync(LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow().UtcDateTime - LongestPlanning;
        // An embedded database has one process: what was being planned before it started is dead.
        if (database.Provider == DatabaseProvider.Sqlite && node.At > before)
        {
            before = node.At;
        }
        var dead = await db.Runs.AsNoTracking().Where(r => r.State == RunState.Planning && r.CreatedAt < before).Select(r => r.Id).ToListAsync(cancellationToken);
        foreach (var runId in dead)
        {
            await RemoveAsync(db, runId, cancellationToken);
        }
    }

    /// <summary>Removes a run that never left planning.</summary>
    internal static async Task RemoveAsync(LLMEvalDbContext db, long runId, CancellationToken cancellationToken)
    {
        await db.Trials.Where(t => t.RunId == runId && db.Runs.Any(r => r.Id == t.RunId && r.State == RunState.Planning)).ExecuteDeleteAsync(cancellationToken);
        await db.Runs.Where(r => r.Id == runId && r.State == RunState.Planning).ExecuteDeleteAsync(cancellationToken);
    }
}

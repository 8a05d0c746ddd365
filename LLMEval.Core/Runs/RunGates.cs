using System.Collections.Concurrent;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Runs;

/// <summary>Bounds how many questions of a run are in flight on this node, over all its shards.</summary>
internal sealed class RunGates
{
    private readonly ConcurrentDictionary<long, SemaphoreSlim> _runs = new();
    private readonly ConcurrentDictionary<(long RunId, long TargetVersionId), SemaphoreSlim> _queues = new();

    /// <summary>Waits for a place; disposing what is returned gives it back.</summary>
    public async Task<IDisposable> EnterAsync(TargetSnapshot target, long runId, int maxParallel, CancellationToken cancellationToken)
    {
        // No more of a target's questions come near the run's places than the target takes at once: those of a slow one would fill them all while they queue.
        var queue = _queues.GetOrAdd((runId, target.TargetVersionId), _ => new SemaphoreSlim(Math.Max(1, target.MaxParallel)));
        await queue.WaitAsync(cancellationToken);
        try
        {
            var run = _runs.GetOrAdd(runId, _ => new SemaphoreSlim(maxParallel));
            await run.WaitAsync(cancellationToken);
            return new Place(run, queue);
        }
        catch
        {
            queue.Release();
            throw;
        }
    }

    /// <summary>Forgets a finished run.</summary>
    public void Leave(RunPlan plan, long runId)
    {
        _runs.TryRemove(runId, out _);
        foreach (var target in plan.Targets)
        {
            _queues.TryRemove((runId, target.TargetVersionId), out _);
        }
    }

    private sealed class Place(SemaphoreSlim run, SemaphoreSlim queue) : IDisposable
    {
        public void Dispose()
        {
            run.Release();
            queue.Release();
        }
    }
}

using System.Globalization;
using Quartz;

namespace LLMEval.Core.Runs;

/// <summary>One shard of one run. Recovered by another node when its own dies.</summary>
internal sealed class RunShardJob(RunWorker worker) : IJob
{
    internal const string RunId = "runId";
    internal const string Shard = "shard";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await worker.ExecuteAsync(
            long.Parse(context.MergedJobDataMap.GetString(RunId)!, CultureInfo.InvariantCulture),
            int.Parse(context.MergedJobDataMap.GetString(Shard)!, CultureInfo.InvariantCulture),
            cancellationToken);
}

/// <summary>Hands shards to Quartz. One that waits or runs already is left alone, so asking twice is harmless.</summary>
public sealed class RunShards(ISchedulerFactory schedulers)
{
    public async Task ScheduleAsync(long runId, IEnumerable<int> shards, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        foreach (var shard in shards)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{runId}-{shard}");
            var key = new JobKey(name, "runs");
            if (await scheduler.Exists(key, cancellationToken))
            {
                continue;
            }
            var job = JobBuilder.Create<RunShardJob>().WithIdentity(key).RequestRecovery()
                .UsingJobData(RunShardJob.RunId, runId.ToString(CultureInfo.InvariantCulture))
                .UsingJobData(RunShardJob.Shard, shard.ToString(CultureInfo.InvariantCulture)).Build();
            try
            {
                await scheduler.ScheduleJob(job, TriggerBuilder.Create().WithIdentity(name, "runs").StartNow().Build(), cancellationToken: cancellationToken);
            }
            catch (ObjectAlreadyExistsException)
            {
                // Another node was quicker.
            }
        }
    }
}

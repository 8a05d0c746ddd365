using Quartz;

namespace LLMEval.Core.Reproduction;

/// <summary>Looks each minute, and when asked to, for target versions that a check has not asked yet.</summary>
[DisallowConcurrentExecution]
internal sealed class RegressionJob(RegressionRounds rounds) : IJob
{
    internal static readonly JobKey Key = new("regression", "sweep");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await rounds.ExecuteAsync(cancellationToken);
}

/// <summary>Has the checks looked at now, not within a minute.</summary>
public sealed class RegressionJobs(ISchedulerFactory schedulers)
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        if (await scheduler.Exists(RegressionJob.Key, cancellationToken))
        {
            await scheduler.TriggerJob(RegressionJob.Key, cancellationToken: cancellationToken);
        }
    }
}

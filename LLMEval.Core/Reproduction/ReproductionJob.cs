using System.Globalization;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace LLMEval.Core.Reproduction;

/// <summary>One task. Recovered by another node when its own dies.</summary>
internal sealed class ReproductionJob(ReproductionWorker worker) : IJob
{
    internal const string TaskId = "taskId";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await worker.ExecuteAsync(long.Parse(context.MergedJobDataMap.GetString(TaskId)!, CultureInfo.InvariantCulture), cancellationToken);
}

/// <summary>Schedules what the tables say is unfinished, at start-up and each minute.</summary>
[DisallowConcurrentExecution]
internal sealed class ReproductionSweepJob(IDbContextFactory<LLMEvalDbContext> contexts, ReproductionJobs jobs) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var unfinished = await db.ReproductionTasks.AsNoTracking().Where(t => t.State == ReproductionState.Pending || t.State == ReproductionState.Running)
            .OrderBy(t => t.Id).Select(t => t.Id).ToListAsync(cancellationToken);
        foreach (var taskId in unfinished)
        {
            await jobs.ScheduleAsync(taskId, cancellationToken);
        }
    }
}

/// <summary>Hands tasks to Quartz. One that waits or runs already is left alone, so asking twice is harmless.</summary>
public sealed class ReproductionJobs(ISchedulerFactory schedulers)
{
    public async Task ScheduleAsync(long taskId, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        var name = taskId.ToString(CultureInfo.InvariantCulture);
        var key = new JobKey(name, "reproductions");
        if (await scheduler.Exists(key, cancellationToken))
        {
            return;
        }
        var job = JobBuilder.Create<ReproductionJob>().WithIdentity(key).RequestRecovery().UsingJobData(ReproductionJob.TaskId, name).Build();
        try
        {
            await scheduler.ScheduleJob(job, TriggerBuilder.Create().WithIdentity(name, "reproductions").StartNow().Build(), cancellationToken: cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another node was quicker.
        }
    }
}

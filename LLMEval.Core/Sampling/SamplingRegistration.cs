using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace LLMEval.Core.Sampling;

public static class SamplingRegistration
{
    private static readonly TimeSpan WorkInterval = TimeSpan.FromSeconds(2);

    /// <summary>Needs <c>AddScheduling</c> before it.</summary>
    public static IServiceCollection AddSampling(this IServiceCollection services)
    {
        services.AddSingleton<PoolWorker>();
        services.AddSingleton<StartPoolOperation>();
        services.AddSingleton<StopPoolOperation>();
        services.AddSingleton<PoolOperationQueries>();
        services.AddSingleton<DrawSet>();
        services.AddQuartz(quartz => quartz.ScheduleJob<PoolWorkerJob>(
            trigger => trigger.WithIdentity("pool", "work").StartNow().WithSimpleSchedule(WorkInterval),
            job => job.WithIdentity("pool", "work")));
        return services;
    }
}

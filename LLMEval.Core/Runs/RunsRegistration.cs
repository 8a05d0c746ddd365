using LLMEval.Core.Targets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace LLMEval.Core.Runs;

public static class RunsRegistration
{
    internal static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>Needs <c>AddScheduling</c> before it.</summary>
    public static IServiceCollection AddRuns(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(RunsOptions.From(configuration));
        services.AddSingleton<TargetMaker>(provider => provider.GetRequiredService<TargetFactory>().Create);
        services.AddSingleton<RunGates>();
        services.AddSingleton<TrialExecutor>();
        services.AddSingleton<RunSummariser>();
        services.AddSingleton<RunWorker>();
        services.AddSingleton<RunShards>();
        services.AddSingleton<NodeStart>();
        services.AddSingleton<RunSweep>();
        services.AddSingleton<StartRun>();
        services.AddSingleton<CancelRun>();
        services.AddSingleton<RetryFailed>();
        services.AddSingleton<RunQueries>();
        services.AddSingleton<RunItemQueries>();
        services.AddSingleton<SampleScoreQueries>();
        services.AddQuartz(quartz =>
        {
            quartz.AddJobType<RunShardJob>();
            quartz.ScheduleJob<RunSweepJob>(
                trigger => trigger.WithIdentity("runs", "sweep").StartNow().WithSimpleSchedule(SweepInterval),
                job => job.WithIdentity("runs", "sweep"));
        });
        return services;
    }
}

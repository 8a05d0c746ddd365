using LLMEval.Core.Runs;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace LLMEval.Core.Reproduction;

public static class ReproductionRegistration
{
    /// <summary>Needs <c>AddScheduling</c> and <c>AddRuns</c> before it.</summary>
    public static IServiceCollection AddReproduction(this IServiceCollection services)
    {
        services.AddSingleton<ReproductionJobs>();
        services.AddSingleton<ReproductionWorker>();
        services.AddSingleton<StartReproduction>();
        services.AddSingleton<ExtendReproduction>();
        services.AddSingleton<AskAgain>();
        services.AddSingleton<CancelReproduction>();
        services.AddSingleton<JudgeGeneration>();
        services.AddSingleton<ReproductionQueries>();
        services.AddSingleton<ReproductionDrafts>();
        services.AddSingleton<AcceptGeneration>();
        services.AddSingleton<KeepRegression>();
        services.AddSingleton<RegressionJobs>();
        services.AddSingleton<RegressionRounds>();
        services.AddSingleton<AddRegressionCheck>();
        services.AddSingleton<EditRegressionCheck>();
        services.AddSingleton<RegressionQueries>();
        services.AddQuartz(quartz =>
        {
            quartz.AddJobType<ReproductionJob>();
            quartz.ScheduleJob<ReproductionSweepJob>(
                trigger => trigger.WithIdentity("reproductions", "sweep").StartNow().WithSimpleSchedule(RunsRegistration.SweepInterval),
                job => job.WithIdentity("reproductions", "sweep"));
            quartz.ScheduleJob<RegressionJob>(
                trigger => trigger.WithIdentity("regression", "sweep").StartNow().WithSimpleSchedule(RunsRegistration.SweepInterval),
                job => job.WithIdentity(RegressionJob.Key));
        });
        return services;
    }
}

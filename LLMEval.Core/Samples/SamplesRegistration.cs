using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace LLMEval.Core.Samples;

public static class SamplesRegistration
{
    private static readonly TimeSpan CompareInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(6);

    /// <summary>Needs <c>AddScheduling</c> before it.</summary>
    public static IServiceCollection AddSamples(this IServiceCollection services)
    {
        services.AddSingleton<TakeSample>();
        services.AddSingleton<CreateSet>();
        services.AddSingleton<AddToSet>();
        services.AddSingleton<RemoveFromSet>();
        services.AddSingleton<FreezeSet>();
        services.AddSingleton<DeleteSet>();
        services.AddSingleton<SetQueries>();
        services.AddSingleton<SetItemQueries>();
        services.AddSingleton<SampleQueries>();
        services.AddSingleton<PoolQueries>();
        services.AddSingleton<CoverageQueries>();
        services.AddSingleton<SetDiffQueries>();
        services.AddSingleton<DeletedSetQueries>();
        services.AddSingleton<AddSamplesToSet>();
        services.AddSingleton<AddItemsToSet>();
        services.AddSingleton<SampleContentQueries>();
        services.AddSingleton<SetOutlineQueries>();
        services.AddSingleton<AddShippedSets>();
        services.AddSingleton<ArrangeSet>();
        services.AddSingleton<CloneSet>();
        services.AddSingleton<EditItem>();
        services.AddSingleton<EditSet>();
        services.AddSingleton<RefreshSet>();
        services.AddSingleton<RestoreSet>();
        services.AddSingleton<CompareSamples>();
        services.AddQuartz(quartz =>
        {
            quartz.ScheduleJob<CompareSamplesJob>(
                trigger => trigger.WithIdentity("samples", "compare").StartNow().WithSimpleSchedule(CompareInterval),
                job => job.WithIdentity("samples", "compare"));
            quartz.ScheduleJob<SweepSetsJob>(
                trigger => trigger.WithIdentity("sets", "sweep").StartNow().WithSimpleSchedule(SweepInterval),
                job => job.WithIdentity("sets", "sweep"));
        });
        return services;
    }
}

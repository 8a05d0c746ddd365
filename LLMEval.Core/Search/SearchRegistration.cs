using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace LLMEval.Core.Search;

public static class SearchRegistration
{
    private static readonly TimeSpan IndexInterval = TimeSpan.FromSeconds(5);

    /// <summary>Needs <c>AddScheduling</c> before it.</summary>
    public static IServiceCollection AddSearch(this IServiceCollection services)
    {
        services.AddSingleton<IndexMessages>();
        services.AddSingleton<MessageSearchQueries>();
        services.AddSingleton<MessagePool>();
        services.AddQuartz(quartz => quartz.ScheduleJob<IndexMessagesJob>(
            trigger => trigger.WithIdentity("messages", "search").StartNow().WithSimpleSchedule(IndexInterval),
            job => job.WithIdentity("messages", "search")));
        return services;
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using Quartz;

namespace LLMEval.Core.Data;

/// <summary>The section <c>Scheduler</c>.</summary>
/// <param name="IsClustered">On MySQL: several app nodes share the work and take over a killed node's. Without meaning on SQLite.</param>
/// <param name="CheckinSeconds">How often a node says that it lives; a killed one's work is taken over after about two of them.</param>
/// <param name="Threads">Jobs that one node runs at once.</param>
public sealed record SchedulerOptions(bool IsClustered = true, int CheckinSeconds = 2, int Threads = 10)
{
    /// <summary>Ends with a <see cref="ConfigurationException"/> that names the key at fault.</summary>
    public static SchedulerOptions From(IConfiguration configuration)
    {
        var defaults = new SchedulerOptions();
        return new SchedulerOptions(
            Settings.Flag(configuration, "Scheduler:Clustered", defaults.IsClustered),
            Settings.Whole(configuration, "Scheduler:CheckinSeconds", defaults.CheckinSeconds, 1, 600),
            Settings.Whole(configuration, "Scheduler:Threads", defaults.Threads, 1, 200));
    }
}

public static class SchedulingRegistration
{
    /// <summary>Call it before the slices that have jobs. What is to be done is in our own tables; the scheduler only decides who does it when, so on SQLite it keeps nothing.</summary>
    public static IServiceCollection AddScheduling(this IServiceCollection services, DatabaseOptions database, SchedulerOptions options)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "LLMEval";
                scheduler.InstanceId = "AUTO";
                // A job ends within moments of its token: what was answered is stored, the rest is asked after the restart.
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            quartz.UseDefaultThreadPool(options.Threads);
            if (database.Provider == DatabaseProvider.MySql)
            {
                quartz.UsePersistentStore(store =>
                {
                    store.UseMySqlConnector(MySqlConnectorFactory.Instance, database.ConnectionString);
                    store.ProvisionSchema();
                    if (options.IsClustered)
                    {
                        store.UseClustering(cluster =>
                        {
                            cluster.CheckinInterval = TimeSpan.FromSeconds(options.CheckinSeconds);
                            cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(options.CheckinSeconds);
                        });
                    }
                });
            }
            else
            {
                quartz.UseInMemoryStore();
            }
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }
}

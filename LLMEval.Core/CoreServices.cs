using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Data;
using LLMEval.Core.Demo;
using LLMEval.Core.Exports;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Overview;
using LLMEval.Core.Preferences;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Scoring;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using LLMEval.Core.Targets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core;

/// <summary>Everything of Core, one line a slice. Reading this file shows what exists.</summary>
public static class CoreServices
{
    public static IServiceCollection AddLLMEvalCore(this IServiceCollection services, IConfiguration configuration, DatabaseOptions database)
    {
        services.AddData(database);
        services.AddAccess();
        services.AddPreferences();
        services.AddLabels();
        services.AddSessions();
        services.AddCollecting(configuration);
        services.AddTargets(configuration);
        services.AddScoring();
        services.AddScheduling(database, SchedulerOptions.From(configuration));
        services.AddSamples();
        services.AddSearch();
        services.AddRuns(configuration);
        services.AddReproduction();
        services.AddExports();
        services.AddLabelling();
        services.AddSampling();
        services.AddOverview();
        services.AddDemo();
        services.Configure<AccessOptions>(configuration.GetSection(AccessOptions.Section));
        return services;
    }
}

using LLMEval.Core.Scoring.Scorers;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Scoring;

public static class ScoringRegistration
{
    public static IServiceCollection AddScoring(this IServiceCollection services)
    {
        services.AddSingleton<IScorerFactory, ExactMatchFactory>();
        services.AddSingleton<IScorerFactory, ChrfFactory>();
        services.AddSingleton<IScorerFactory, DistinctFactory>();
        services.AddSingleton<IScorerFactory, LengthFactory>();
        services.AddSingleton<ScorerCatalog>();
        return services;
    }
}

using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Insights;

public static class InsightsRegistration
{
    public static IServiceCollection AddInsights(this IServiceCollection services) => services.AddSingleton<OverviewQueries>();
}

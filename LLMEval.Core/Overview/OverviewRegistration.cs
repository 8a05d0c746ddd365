using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Overview;

public static class OverviewRegistration
{
    public static IServiceCollection AddOverview(this IServiceCollection services) => services.AddSingleton<OverviewQueries>();
}

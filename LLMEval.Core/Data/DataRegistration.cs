using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LLMEval.Core.Data;

public static class DataRegistration
{
    public static IServiceCollection AddData(this IServiceCollection services, DatabaseOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<ContextFactory>();
        services.AddSingleton<IDbContextFactory<LLMEvalDbContext>>(provider => provider.GetRequiredService<ContextFactory>());
        // Identity's stores hold a context; its verbs open a scope per call.
        services.AddScoped(provider => provider.GetRequiredService<ContextFactory>().CreateDbContext());
        services.AddSingleton<DatabaseStartup>();
        return services;
    }
}

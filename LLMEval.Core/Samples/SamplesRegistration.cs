using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Samples;

public static class SamplesRegistration
{
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
        return services;
    }
}

using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Demo;

public static class DemoRegistration
{
    public static IServiceCollection AddDemo(this IServiceCollection services) =>
        services.AddSingleton<DemoCorpus>().AddSingleton<DemoLabels>().AddSingleton<DemoTargets>().AddSingleton<RunDemo>();
}

using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Exports;

public static class ExportsRegistration
{
    public static IServiceCollection AddExports(this IServiceCollection services) => services.AddSingleton<ExportSessions>().AddSingleton<ExportLabels>().AddSingleton<ExportSet>();
}

using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Labels;

public static class LabelsRegistration
{
    public static IServiceCollection AddLabels(this IServiceCollection services) =>
        services.AddSingleton<LabelMessage>().AddSingleton<RetractLabel>().AddSingleton<LabelQueries>();
}

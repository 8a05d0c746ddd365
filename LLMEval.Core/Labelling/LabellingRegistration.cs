using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Labelling;

public static class LabellingRegistration
{
    public static IServiceCollection AddLabelling(this IServiceCollection services) => services
        .AddSingleton<CreateQueue>().AddSingleton<WorkQueries>().AddSingleton<DisputeQueries>().AddSingleton<AgreementQueries>();
}

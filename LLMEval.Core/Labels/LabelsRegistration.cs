using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Labels;

public static class LabelsRegistration
{
    public static IServiceCollection AddLabels(this IServiceCollection services) => services
        .AddSingleton<LabelMessage>().AddSingleton<LabelMany>().AddSingleton<RetractLabel>().AddSingleton<UndoLabel>().AddSingleton<LabelQueries>()
        .AddSingleton<ClaimNext>().AddSingleton<AnswerSlot>().AddSingleton<SkipSlot>().AddSingleton<UndoAnswer>().AddSingleton<EditQueue>().AddSingleton<ModelVerdicts>().AddSingleton<QueueQueries>()
        .AddSingleton<AnnotatorQueries>().AddSingleton<SettleMessage>().AddSingleton<LabelSettings>();
}

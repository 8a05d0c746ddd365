using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Sessions;

public static class SessionsRegistration
{
    public static IServiceCollection AddSessions(this IServiceCollection services) =>
        services.AddSingleton<SessionQueries>().AddSingleton<TranscriptQueries>().AddSingleton<IngestSessions>().AddSingleton<TagSessions>();
}

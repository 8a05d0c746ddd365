using LLMEval.Core.Targets.Clients;
using LLMEval.Core.Targets.Replay;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Targets;

public static class TargetsRegistration
{
    public static IServiceCollection AddTargets(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ThrottleOptions>().Bind(configuration.GetSection(ThrottleOptions.Section))
            .Validate(o => o.MaxAttempts is >= 1 and <= 20, "Runs:MaxAttempts must lie between 1 and 20.").ValidateOnStart();
        services.AddHttpClient(OpenAIClients.HttpClientName, Unlimited).ConfigurePrimaryHttpMessageHandler(() => Sockets(useProxy: true)).AddHttpMessageHandler(() => new HttpRecorder());
        services.AddHttpClient(OpenAIClients.SelfHttpClientName, Unlimited).ConfigurePrimaryHttpMessageHandler(() => Sockets(useProxy: false)).AddHttpMessageHandler(() => new HttpRecorder());
        services.AddSingleton<SecretBox>();
        services.AddSingleton<SelfAddress>();
        services.AddSingleton<AddTarget>();
        services.AddSingleton<AddTargetVersion>();
        services.AddSingleton<TargetQueries>();
        services.AddSingleton<TargetThrottle>();
        services.AddSingleton<OpenAIClients>();
        services.AddSingleton<ReplyCorpus>();
        services.AddSingleton<RetrievalBot>();
        services.AddSingleton<OpenAICompat>();
        services.AddSingleton<TargetFactory>();
        return services;
    }

    // Time-outs belong to the target version.
    private static void Unlimited(HttpClient client) => client.Timeout = Timeout.InfiniteTimeSpan;

    // A redirected question would arrive without its body, or its key somewhere else.
    private static SocketsHttpHandler Sockets(bool useProxy) => new() { AllowAutoRedirect = false, UseProxy = useProxy, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
}

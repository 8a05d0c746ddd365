using LLMEval.Core.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Where people reach this app: what is configured, else what the server listens on, else what it would listen on.</summary>
public sealed class ServerAddress(IServer server, IConfiguration configuration, IOptions<AccessOptions> options)
{
    /// <summary>Without a slash at the end.</summary>
    public string Url
    {
        get
        {
            var url = options.Value.PublicUrl is { Length: > 0 } given ? given
                : server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
                ?? configuration["urls"]?.Split(';')[0]
                ?? LLMEvalApp.DefaultUrl;
            return url.Replace("//[::]", "//localhost", StringComparison.Ordinal).Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal)
                .Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal).TrimEnd('/');
        }
    }
}

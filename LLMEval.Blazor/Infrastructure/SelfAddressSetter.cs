using LLMEval.Core.Targets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Tells Core where this server listens, once it does, so that targets may name the built-in bot by its path. Not the public address: a proxy may stand before that one.</summary>
internal sealed class SelfAddressSetter(IServer server, SelfAddress self) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var chosen = addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) ?? addresses.FirstOrDefault();
        self.Url = chosen is null ? null : Loopback(chosen);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // A server that listens on all addresses also listens on the loopback one.
    internal static Uri Loopback(string address)
    {
        var binding = BindingAddress.Parse(address);
        var isEverywhere = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" or "::";
        return new UriBuilder(binding.Scheme, isEverywhere ? "127.0.0.1" : binding.Host, binding.Port, binding.PathBase).Uri;
    }
}

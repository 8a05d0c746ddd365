using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>A component whose <see cref="Lifetime"/> token is cancelled when it leaves the page; hand it to everything that waits.</summary>
public abstract class LifetimeComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _lifetime = new();

    protected LifetimeComponent() => Lifetime = _lifetime.Token;

    /// <summary>Kept apart from its source, because asking a disposed source for its token throws.</summary>
    protected CancellationToken Lifetime { get; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_lifetime.IsCancellationRequested)
        {
            _lifetime.Cancel();
            _lifetime.Dispose();
        }
    }
}

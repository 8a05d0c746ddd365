using Microsoft.JSInterop;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Single keys for a page that is worked by keyboard, such as <c>g</c> for good. Keys typed into a field stay there; Ctrl+Enter in one counts as Enter, Escape leaves it.</summary>
public sealed class PageKeys(Func<string, Task> pressed) : IAsyncDisposable
{
    private DotNetObjectReference<PageKeys>? _reference;
    private IJSObjectReference? _listener;

    /// <param name="keys">In lower case; Enter always counts.</param>
    /// <param name="fields">Keys that lead into a field, with its selector.</param>
    public async Task ListenAsync(IJSRuntime script, IReadOnlyCollection<string> keys, IReadOnlyDictionary<string, string> fields, CancellationToken cancellationToken)
    {
        await StopAsync();
        _reference ??= DotNetObjectReference.Create(this);
        _listener = await script.InvokeAsync<IJSObjectReference>("llmeval.listenToKeys", cancellationToken, _reference, keys, fields);
    }

    [JSInvokable]
    public Task KeyAsync(string key) => pressed(key);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _reference?.Dispose();
    }

    private async Task StopAsync()
    {
        if (_listener is null)
        {
            return;
        }
        try
        {
            await _listener.InvokeVoidAsync("stop");
            await _listener.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its listeners with it.
        }
        _listener = null;
    }
}

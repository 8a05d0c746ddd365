namespace LLMEval.Blazor.Infrastructure;

/// <summary>Of several loads only the newest counts: starting one cancels the one before it.</summary>
public sealed class LatestOnly : IDisposable
{
    private CancellationTokenSource? _current;

    /// <summary>False when a newer load took over meanwhile; then <paramref name="apply"/> was not called.</summary>
    public async Task<bool> RunAsync<T>(Func<CancellationToken, Task<T>> load, Action<T> apply, CancellationToken cancellationToken)
    {
        _current?.Cancel();
        using var mine = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _current = mine;
        try
        {
            var value = await load(mine.Token);
            if (_current != mine || mine.IsCancellationRequested)
            {
                return false;
            }
            apply(value);
            return true;
        }
        catch (OperationCanceledException) when (mine.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            if (_current == mine)
            {
                _current = null;
            }
        }
    }

    public void Dispose()
    {
        _current?.Cancel();
        _current = null;
    }
}

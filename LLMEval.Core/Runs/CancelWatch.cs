namespace LLMEval.Core.Runs;

/// <summary>Looks every second whether work that runs here was cancelled somewhere, and stops it.</summary>
internal static class CancelWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Ends when <paramref name="stop"/> is cancelled, by this watch or by the work being done.</summary>
    public static async Task RunAsync(Func<CancellationToken, Task<bool>> isWanted, CancellationTokenSource stop, TimeProvider clock)
    {
        try
        {
            do
            {
                await Task.Delay(Interval, clock, stop.Token);
            }
            while (await isWanted(stop.Token));
            await stop.CancelAsync();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The work is done.
        }
    }
}

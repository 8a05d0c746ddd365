using System.Diagnostics;

namespace LLMEval.Tests.Support;

/// <summary>Waits for work in the background. Every wait has an end, so that what never happens fails with a reason.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="otherwise">What the test saw last, for the failure.</param>
    public static Task IsSoAsync(Func<Task<bool>> condition, Func<string> otherwise) => IsSoAsync(condition, isSo => isSo, _ => otherwise());

    /// <summary>The first value read that is as wanted; read every 20 ms.</summary>
    public static async Task<T> IsSoAsync<T>(Func<Task<T>> read, Func<T, bool> isWanted, Func<T, string> otherwise)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var value = await read();
            if (isWanted(value))
            {
                return value;
            }
            Assert.True(waited.Elapsed < Patience, $"After {waited.Elapsed.TotalSeconds:0} s {otherwise(value)}");
            await Task.Delay(20);
        }
    }
}

using System.Security.Cryptography;

namespace LLMEval.Core.Data;

/// <summary>Repeats a whole transaction that lost against another one (a unique key just taken, a deadlock, a busy file).</summary>
internal static class Repeating
{
    private const int Tries = 8;

    /// <summary>The work must open its own context each time, since a failed one cannot be used again.</summary>
    public static async Task<T> Async<T>(Func<Task<T>> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (attempt < Tries && DatabaseErrors.IsWorthRepeating(e))
            {
                // Several that lost together would meet again at once: each waits for a time of its own, a quarter of a second in all at most.
                await Task.Delay(RandomNumberGenerator.GetInt32(1 << attempt));
            }
        }
    }
}

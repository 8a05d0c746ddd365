namespace LLMEval.Core.Data;

/// <summary>Repeats a whole transaction that lost against another one (a unique key just taken, a deadlock, a busy file).</summary>
internal static class Repeating
{
    private const int Tries = 5;

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
                // Whoever was quicker has finished by now; no pause is needed.
            }
        }
    }
}

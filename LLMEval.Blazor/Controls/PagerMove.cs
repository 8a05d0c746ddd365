using LLMEval.Core.Common;

namespace LLMEval.Blazor.Controls;

public enum PagerMove { First, Previous, Next, Last }

public static class PagerMoves
{
    /// <summary>The request for the page that lies in this direction; size and order stay as they are in <paramref name="request"/>.</summary>
    public static PageRequest Turn<T>(this PageRequest request, PagerMove move, Page<T> shown) => move switch
    {
        PagerMove.First => request with { After = null, Before = null, IsLast = false },
        PagerMove.Previous => request with { After = null, Before = shown.Previous, IsLast = false },
        PagerMove.Next => request with { After = shown.Next, Before = null, IsLast = false },
        PagerMove.Last => request with { After = null, Before = null, IsLast = true },
        _ => throw new ArgumentOutOfRangeException(nameof(move), move, null),
    };
}

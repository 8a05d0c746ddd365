using LLMEval.Blazor.Controls;
using LLMEval.Core.Common;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>A keyset page as one value of an address: <c>a.</c> and a cursor for what comes after it, <c>b.</c> for what comes before, <c>last</c>; nothing for the first page.</summary>
public static class Paging
{
    public const string Last = "last";

    /// <summary>An unreadable value is the first page.</summary>
    public static PageRequest Read(string? text, int take) => text switch
    {
        Last => new PageRequest(Take: take, IsLast: true),
        ['a', '.', .. var after] => new PageRequest(After: Cursor.TryParse(after), Take: take),
        ['b', '.', .. var before] => new PageRequest(Before: Cursor.TryParse(before), Take: take),
        _ => new PageRequest(Take: take),
    };

    public static string After(Cursor? cursor) => $"a.{cursor}";

    public static string? Write<T>(PagerMove move, Page<T> shown) => move switch
    {
        PagerMove.Previous => $"b.{shown.Previous}",
        PagerMove.Next => After(shown.Next),
        PagerMove.Last => Last,
        _ => null,
    };
}

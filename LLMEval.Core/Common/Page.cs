using System.Globalization;
using System.Text;

namespace LLMEval.Core.Common;

/// <summary>A position in a list that is ordered by (sort key, id): the key as invariant text and the id that breaks ties. Opaque outside: <see cref="ToString"/> gives URL-safe base64, <see cref="TryParse"/> reads it back.</summary>
public sealed record Cursor(string Key, long Id)
{
    public static Cursor At(DateTime utc, long id) => new(utc.Ticks.ToString(CultureInfo.InvariantCulture), id);

    public static Cursor At(long key, long id) => new(key.ToString(CultureInfo.InvariantCulture), id);

    /// <summary>The key as an instant; null when the cursor belongs to a list sorted by something else.</summary>
    public DateTime? Instant =>
        long.TryParse(Key, NumberStyles.Integer, CultureInfo.InvariantCulture, out var ticks) && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
            ? new DateTime(ticks, DateTimeKind.Utc)
            : null;

    public long? Number => long.TryParse(Key, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    public override string ToString() =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Id.ToString(CultureInfo.InvariantCulture) + "|" + Key)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static Cursor? TryParse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 1000)
        {
            return null;
        }
        var padded = text.Replace('-', '+').Replace('_', '/');
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='), bytes, out var length))
        {
            return null;
        }
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split('|', 2);
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.Integer, CultureInfo.InvariantCulture, out var id) ? new Cursor(parts[1], id) : null;
    }
}

/// <summary>Which page of a keyset-paged list: after a cursor, before one, or (neither) the first; <see cref="IsLast"/> asks for the last page.</summary>
public sealed record PageRequest(Cursor? After = null, Cursor? Before = null, int Take = 50, string? SortBy = null, bool Descending = true, bool IsLast = false)
{
    public const int MaxTake = 500;

    public int Limit => Math.Clamp(Take, 1, MaxTake);

    /// <summary>True when rows must be read against the list's order and turned round afterwards.</summary>
    public bool IsBackward => IsLast || Before is not null;
}

/// <summary>One page. <see cref="Total"/> is null where counting was not asked for; counted only up to the cap, <see cref="TotalIsCapped"/> says that there are more.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, Cursor? Next, Cursor? Previous, int? Total = null, bool TotalIsCapped = false)
{
    public static Page<T> Empty { get; } = new([], null, null, 0);
}

public static class Page
{
    public const int CountCap = 10_000;

    /// <summary>Makes a page of rows that were read with one more than asked for, in reading order (reversed here for backward pages).</summary>
    public static Page<T> Of<T>(List<T> read, PageRequest request, Func<T, Cursor> cursorOf, int? total = null)
    {
        var hasMore = read.Count > request.Limit;
        if (hasMore)
        {
            read.RemoveAt(read.Count - 1);
        }
        if (request.IsBackward)
        {
            read.Reverse();
        }
        var hasBefore = request.IsBackward ? hasMore : request.After is not null;
        var hasAfter = request.IsBackward ? request.Before is not null : hasMore;
        return new Page<T>(
            read,
            hasAfter && read.Count > 0 ? cursorOf(read[^1]) : null,
            hasBefore && read.Count > 0 ? cursorOf(read[0]) : null,
            total is null ? null : Math.Min(total.Value, CountCap),
            total > CountCap);
    }
}

using System.Globalization;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Reads the ways in which sources write an instant: ISO 8601 with T or a blank, to the minute or finer, or a date alone. Without an offset it is in the given zone, never in the machine's.</summary>
public static class TimeText
{
    private static readonly string[] Plain = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd"];

    private static readonly string[] WithOffset =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm'Z'",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd HH:mm:ss.FFFFFFF zzz", "yyyy-MM-dd HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd HH:mmzzz",
    ];

    /// <summary>The instant in UTC; null when the text is no time. A time that no calendar of ours holds in UTC becomes its last one, which every check refuses.</summary>
    public static DateTime? ToUtc(string? text, TimeZoneInfo zone)
    {
        if (DateTime.TryParseExact(text, Plain, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return ToUtc(local, zone);
        }
        return DateTimeOffset.TryParseExact(text, WithOffset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant.UtcDateTime : null;
    }

    // A time that a clock change skipped is read with the offset before the change; ConvertTimeToUtc would throw.
    public static DateTime ToUtc(DateTime local, TimeZoneInfo zone)
    {
        var ticks = local.Ticks - zone.GetUtcOffset(local).Ticks;
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : new DateTime(ticks, DateTimeKind.Utc);
    }
}

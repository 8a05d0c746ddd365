using System.Globalization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Shows instants in the zone of <c>Display:TimeZone</c> and reads what people type in it. Everything stored stays UTC.</summary>
public sealed class ZoneClock(IConfiguration configuration, TimeProvider clock)
{
    public const string Shown = "yyyy-MM-dd HH:mm:ss";
    public const string Typed = "yyyy-MM-ddTHH:mm:ss";
    private static readonly string[] Readable = [Typed, "yyyy-MM-ddTHH:mm", "yyyy-MM-dd", Shown, "yyyy-MM-dd HH:mm"];

    public TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById(configuration["Display:TimeZone"] is { Length: > 0 } id ? id : "Asia/Shanghai");

    public DateTime UtcNow => clock.GetUtcNow().UtcDateTime;

    public DateTime ToZone(DateTime utc) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), Zone);

    /// <summary>The instant as programs are told it: with the zone's offset.</summary>
    public DateTimeOffset WithOffset(DateTime utc) => TimeZoneInfo.ConvertTime(new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)), Zone);

    public DateTimeOffset? WithOffset(DateTime? utc) => utc is { } value ? WithOffset(value) : null;

    /// <summary>An hour that the clocks skip counts as the hour after it; of an hour they repeat, the first is meant.</summary>
    public DateTime ToUtc(DateTime local)
    {
        var plain = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (Zone.IsInvalidTime(plain))
        {
            plain = plain.AddHours(1);
        }
        var offset = Zone.IsAmbiguousTime(plain) ? Zone.GetAmbiguousTimeOffsets(plain).Max() : Zone.GetUtcOffset(plain);
        return DateTime.SpecifyKind(plain - offset, DateTimeKind.Utc);
    }

    public string Format(DateTime utc) => ToZone(utc).ToString(Shown, CultureInfo.InvariantCulture);

    public string Format(DateTime? utc) => utc is { } value ? Format(value) : "";

    /// <summary>The form of addresses and of <c>datetime-local</c> inputs.</summary>
    public string Write(DateTime utc) => ToZone(utc).ToString(Typed, CultureInfo.InvariantCulture);

    /// <summary>Reads <see cref="Typed"/> (seconds or the whole time may be missing) as local time; null when it cannot be read.</summary>
    public DateTime? Parse(string? text) =>
        DateTime.TryParseExact(text?.Trim(), Readable, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && local.Year is > 1 and < 9999 ? ToUtc(local) : null;
}

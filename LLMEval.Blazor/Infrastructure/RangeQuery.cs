using LLMEval.Core.Common;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>A range of time as an address says it: <c>range=7d</c>, or <c>range=custom</c> with <c>from</c> and <c>to</c> in the shown zone, to the second.</summary>
/// <param name="Preset">One of <see cref="All"/>.</param>
public sealed record RangeQuery(string Preset, DateTime? FromUtc, DateTime? ToUtc)
{
    public const string Default = "30d";
    public const string Today = "today";
    public const string Everything = "all";
    public const string Custom = "custom";

    private static readonly Dictionary<string, TimeSpan> Spans = new()
    {
        ["1h"] = TimeSpan.FromHours(1),
        ["24h"] = TimeSpan.FromHours(24),
        ["7d"] = TimeSpan.FromDays(7),
        ["30d"] = TimeSpan.FromDays(30),
    };

    public static IReadOnlyList<string> All { get; } = ["1h", Today, "24h", "7d", "30d", Everything, Custom];

    /// <summary>What cannot be read falls back to <paramref name="fallback"/> and is named.</summary>
    public static RangeQuery Read(Func<string, string?> one, ZoneClock clock, string fallback, List<string> unreadable)
    {
        var preset = one("range") ?? (one("from") is not null || one("to") is not null ? Custom : fallback);
        if (!All.Contains(preset))
        {
            unreadable.Add("range");
            preset = fallback;
        }
        if (preset != Custom)
        {
            return new RangeQuery(preset, null, null);
        }
        var (from, to) = (Time("from"), Time("to"));
        if (from > to)
        {
            unreadable.Add("to");
            to = null;
        }
        return new RangeQuery(preset, from, to);

        DateTime? Time(string key)
        {
            var time = clock.Parse(one(key));
            if (one(key) is not null && time is null)
            {
                unreadable.Add(key);
            }
            return time;
        }
    }

    public IEnumerable<(string, object?)> Write(ZoneClock clock, string fallback) =>
    [
        ("range", Preset == fallback ? null : Preset),
        ("from", FromUtc is { } from ? clock.Write(from) : null),
        ("to", ToUtc is { } to ? clock.Write(to) : null),
    ];

    public TimeRange ToRange(ZoneClock clock) => Preset switch
    {
        Everything => TimeRange.Everything,
        Today => new TimeRange(null, clock.ToUtc(clock.ToZone(clock.UtcNow).Date), null),
        // Typed to the second, so the last second belongs to the range.
        Custom => new TimeRange(null, FromUtc, ToUtc?.AddSeconds(1)),
        _ => TimeRange.Of(Spans[Preset]),
    };

    /// <summary>The same stretch of time by another preset; a custom one starts from what is shown now.</summary>
    public RangeQuery With(string preset, ZoneClock clock)
    {
        if (preset != Custom)
        {
            return new RangeQuery(preset, null, null);
        }
        var now = clock.UtcNow;
        if (Preset == Everything)
        {
            return new RangeQuery(Custom, now.AddDays(-1), now);
        }
        var (from, to) = ToRange(clock).Resolve(now);
        return new RangeQuery(Custom, from, to < now ? to : now);
    }
}

using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Sessions;

/// <summary>The sessions grid as its address says it: filter, order and page. Equal addresses, equal views.</summary>
/// <param name="Preset">A key of <see cref="SessionFilterQuery.Presets"/>, <c>today</c>, <c>all</c> or <c>custom</c>.</param>
/// <param name="Place">The page, as <see cref="Paging"/> writes it.</param>
public sealed record SessionView(string Preset, DateTime? FromUtc, DateTime? ToUtc, SessionFilter Filter, string Sort, bool Descending, string? Place);

/// <summary>Reads and writes <see cref="SessionView"/>. What cannot be read falls back to the default and is named, so that the page can say so.</summary>
public static class SessionFilterQuery
{
    public const string DefaultPreset = "30d";
    public const string Today = "today";
    public const string All = "all";
    public const string Custom = "custom";

    public static IReadOnlyDictionary<string, TimeSpan> Presets { get; } = new Dictionary<string, TimeSpan>
    {
        ["1h"] = TimeSpan.FromHours(1),
        ["24h"] = TimeSpan.FromHours(24),
        ["7d"] = TimeSpan.FromDays(7),
        ["30d"] = TimeSpan.FromDays(30),
    };

    public static IReadOnlyList<string> AllPresets { get; } = ["1h", Today, "24h", "7d", "30d", All, Custom];

    public static SessionView Read(Func<string, string[]> values, ZoneClock clock, List<string> unreadable)
    {
        string? One(string key) => values(key) is [{ Length: > 0 } value, ..] ? value : null;
        string Known(string key, string fallback, Func<string, bool> isKnown)
        {
            if (One(key) is not { } value)
            {
                return fallback;
            }
            if (isKnown(value))
            {
                return value;
            }
            unreadable.Add(key);
            return fallback;
        }
        DateTime? Time(string key)
        {
            var time = clock.Parse(One(key));
            if (One(key) is not null && time is null)
            {
                unreadable.Add(key);
            }
            return time;
        }
        var preset = Known("range", One("from") is not null || One("to") is not null ? Custom : DefaultPreset, AllPresets.Contains);
        var (from, to) = preset == Custom ? (Time("from"), Time("to")) : (null, null);
        if (from > to)
        {
            unreadable.Add("to");
            to = null;
        }
        var label = Known("label", "any", v => Enum.TryParse<LabelState>(v, ignoreCase: true, out var state) && Enum.IsDefined(state) && !char.IsDigit(v[0]));
        var sort = Known("sort", "-" + SessionSort.Started, v => SessionSort.All.Contains(v.TrimStart('-')));
        var filter = new SessionFilter
        {
            Range = RangeOf(preset, from, to, clock),
            Time = Known("time", "started", v => v is "started" or "last") == "last" ? SessionTime.LastMessage : SessionTime.Started,
            BizCodes = values("biz"),
            RobotIds = values("robot"),
            UserIds = values("user"),
            Tag = One("tag"),
            Label = Enum.Parse<LabelState>(label, ignoreCase: true),
        };
        return new SessionView(preset, from, to, filter, sort.TrimStart('-'), sort.StartsWith('-'), One("p"));
    }

    public static string Write(SessionView view, ZoneClock clock, long? chat = null, long? message = null)
    {
        var filter = view.Filter;
        var query = new List<(string, object?)>
        {
            ("range", view.Preset == DefaultPreset ? null : view.Preset),
            ("from", view.Preset == Custom && view.FromUtc is { } from ? clock.Write(from) : null),
            ("to", view.Preset == Custom && view.ToUtc is { } to ? clock.Write(to) : null),
            ("time", filter.Time == SessionTime.LastMessage ? "last" : null),
            ("label", filter.Label == LabelState.Any ? null : filter.Label.ToString().ToLowerInvariant()),
            ("tag", filter.Tag),
            ("sort", view is { Sort: SessionSort.Started, Descending: true } ? null : (view.Descending ? "-" : "") + view.Sort),
            ("p", view.Place),
            ("chat", chat),
            ("message", message),
        };
        query.AddRange(filter.BizCodes.Select(v => ("biz", (object?)v)));
        query.AddRange(filter.RobotIds.Select(v => ("robot", (object?)v)));
        query.AddRange(filter.UserIds.Select(v => ("user", (object?)v)));
        return Urls.With(Urls.Sessions, [.. query]);
    }

    /// <summary>Both ends of the view's window in UTC; null where it has none.</summary>
    public static (DateTime From, DateTime To)? Window(SessionView view, ZoneClock clock) =>
        view.Preset == All ? null : view.Filter.Range.Resolve(clock.UtcNow);

    private static TimeRange RangeOf(string preset, DateTime? from, DateTime? to, ZoneClock clock) => preset switch
    {
        All => TimeRange.Everything,
        Today => new TimeRange(null, clock.ToUtc(clock.ToZone(clock.UtcNow).Date), null),
        // Typed to the second, so the last second belongs to the window.
        Custom => new TimeRange(null, from, to?.AddSeconds(1)),
        _ => TimeRange.Of(Presets[preset]),
    };
}

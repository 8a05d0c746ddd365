using System.Globalization;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>The sessions grid as its address says it: filter, order and page. Equal addresses, equal views.</summary>
/// <param name="Place">The page, as <see cref="Paging"/> writes it.</param>
public sealed record SessionView(RangeQuery Range, SessionFilter Filter, string Sort, bool Descending, string? Place);

/// <summary>Reads and writes <see cref="SessionView"/>. What cannot be read falls back to the default and is named, so that the page can say so.</summary>
public static class SessionFilterQuery
{
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
        int? Count(string key) => int.TryParse(Known(key, "", v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out _)), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        IReadOnlyList<UserRobotPair> Pairs()
        {
            var words = values("pair").SelectMany(UserRobotPair.Words).Distinct().ToList();
            if (words.Exists(word => UserRobotPair.TryParse(word) is null))
            {
                unreadable.Add("pair");
            }
            return [.. words.Select(UserRobotPair.TryParse).OfType<UserRobotPair>()];
        }
        var range = RangeQuery.Read(One, clock, RangeQuery.Default, unreadable);
        var label = Known("label", "any", v => Enum.TryParse<LabelState>(v, ignoreCase: true, out var state) && Enum.IsDefined(state) && !char.IsDigit(v[0]));
        var sort = Known("sort", "-" + SessionSort.Started, v => SessionSort.All.Contains(v.TrimStart('-')));
        var filter = new SessionFilter
        {
            Range = range.ToRange(clock),
            Time = Known("time", "started", v => v is "started" or "last") == "last" ? SessionTime.LastMessage : SessionTime.Started,
            BizCodes = values("biz"),
            RobotIds = values("robot"),
            UserIds = values("user"),
            Tags = values("tag"),
            Pairs = Pairs(),
            HasMemory = Known("memory", "", v => v is "yes" or "no") switch { "yes" => true, "no" => false, _ => null },
            MinMessages = Count("min"),
            MaxMessages = Count("max"),
            Label = Enum.Parse<LabelState>(label, ignoreCase: true),
        };
        return new SessionView(range, filter, sort.TrimStart('-'), sort.StartsWith('-'), One("p"));
    }

    public static string Write(SessionView view, ZoneClock clock, long? chat = null, long? message = null)
    {
        var filter = view.Filter;
        var query = new List<(string, object?)>
        {
            ("time", filter.Time == SessionTime.LastMessage ? "last" : null),
            ("pair", filter.Pairs.Count == 0 ? null : string.Join(',', filter.Pairs)),
            ("memory", filter.HasMemory switch { true => "yes", false => "no", _ => null }),
            ("min", filter.MinMessages),
            ("max", filter.MaxMessages),
            ("label", filter.Label == LabelState.Any ? null : filter.Label.ToString().ToLowerInvariant()),
            ("sort", view is { Sort: SessionSort.Started, Descending: true } ? null : (view.Descending ? "-" : "") + view.Sort),
            ("p", view.Place),
            ("chat", chat),
            ("message", message),
        };
        // Always with its range: an address without a query opens what the account has chosen to begin with.
        query.InsertRange(0, view.Range.Write(clock, ""));
        query.AddRange(filter.BizCodes.Select(v => ("biz", (object?)v)));
        query.AddRange(filter.RobotIds.Select(v => ("robot", (object?)v)));
        query.AddRange(filter.Tags.Select(v => ("tag", (object?)v)));
        query.AddRange(filter.UserIds.Select(v => ("user", (object?)v)));
        return Urls.With(Urls.Sessions, [.. query]);
    }

    /// <summary>Both ends of the view's window in UTC; null where it has none.</summary>
    public static (DateTime From, DateTime To)? Window(SessionView view, ZoneClock clock) =>
        view.Range.Preset == RangeQuery.Everything ? null : view.Filter.Range.Resolve(clock.UtcNow);
}

using System.Globalization;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>The pool as its address says it.</summary>
/// <param name="Filter">Without when samples were added, which <paramref name="Range"/> holds.</param>
/// <param name="Place">The page, as <see cref="Paging"/> writes it.</param>
public sealed record SampleView(RangeQuery Range, SampleFilter Filter, string? Place)
{
    public static SampleView Everything { get; } = new(new RangeQuery(RangeQuery.Everything, null, null), new SampleFilter(), null);

    public SampleFilter WithRange(ZoneClock clock) => Filter with { Added = Range.ToRange(clock) };
}

/// <summary>Reads and writes <see cref="SampleView"/>. What cannot be read falls back to the default and is named, so that the page can say so.</summary>
public static class SampleFilterQuery
{
    private const string Yes = "yes";
    private const string No = "no";

    public static SampleView Read(Func<string, string[]> values, ZoneClock clock, List<string> unreadable)
    {
        var filter = new SampleFilter
        {
            Tags = One("tags"),
            BizCodes = values("biz"),
            RobotIds = values("robot"),
            Origins = [.. values("origin").Select(word => Word<SampleOrigin>("origin", word)).OfType<SampleOrigin>()],
            HasReference = One("reference") switch
            {
                null => null,
                Yes => true,
                No => false,
                _ => Unreadable<bool>("reference"),
            },
            Label = Word<LabelState>("label", One("label")) ?? LabelState.Any,
            Languages = [.. values("language").Where(IsLanguage)],
            MinLength = Whole("min"),
            MaxLength = Whole("max"),
            AddedBy = values("by"),
            Duplicates = Word<DuplicateState>("duplicates", One("duplicates")) ?? DuplicateState.Any,
            Text = One("text"),
            SetId = Whole("set"),
        };
        return new SampleView(RangeQuery.Read(One, clock, RangeQuery.Everything, unreadable), filter, One("p"));

        string? One(string key) => values(key) is [{ Length: > 0 } value, ..] ? value : null;

        T? Unreadable<T>(string key) where T : struct
        {
            unreadable.Add(key);
            return null;
        }

        T? Word<T>(string key, string? value) where T : struct, Enum =>
            value is null ? null
            : Enum.TryParse<T>(value, ignoreCase: true, out var known) && Enum.IsDefined(known) && !char.IsDigit(value[0]) ? known
            : Unreadable<T>(key);

        int? Whole(string key) => One(key) is not { } text ? null : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : Unreadable<int>(key);

        bool IsLanguage(string code)
        {
            var isKnown = Languages.All.Contains(code);
            if (!isKnown)
            {
                unreadable.Add("language");
            }
            return isKnown;
        }
    }

    public static string Write(SampleView view, ZoneClock clock, long? sample = null)
    {
        var filter = view.Filter;
        List<(string, object?)> query =
        [
            ("tags", filter.Tags),
            ("text", filter.Text),
            .. view.Range.Write(clock, RangeQuery.Everything),
            ("label", filter.Label == LabelState.Any ? null : Word(filter.Label)),
            ("reference", filter.HasReference is { } has ? has ? Yes : No : null),
            ("duplicates", filter.Duplicates == DuplicateState.Any ? null : Word(filter.Duplicates)),
            ("min", filter.MinLength),
            ("max", filter.MaxLength),
            ("set", filter.SetId),
            ("p", view.Place),
            ("sample", sample),
            .. filter.BizCodes.Select(v => ("biz", (object?)v)),
            .. filter.RobotIds.Select(v => ("robot", (object?)v)),
            .. filter.Origins.Select(v => ("origin", (object?)Word(v))),
            .. filter.Languages.Select(v => ("language", (object?)v)),
            .. filter.AddedBy.Select(v => ("by", (object?)v)),
        ];
        return Urls.With(Urls.Pool, [.. query]);
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}

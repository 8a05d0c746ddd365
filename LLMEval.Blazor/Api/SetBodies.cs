using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Api;

/// <param name="Rule">Makes the set a saved query. At most one of rule, draw and clone_of.</param>
/// <param name="CloneOf">The name of the set to copy.</param>
/// <param name="CloneVersion">The version of it; without it, what it holds now.</param>
public sealed record SetBody(
    string? Name = null, string? Purpose = null, string? Description = null, IReadOnlyList<string>? Tags = null, int? ContextLength = null,
    SampleFilterBody? Rule = null, DrawBody? Draw = null, string? CloneOf = null, int? CloneVersion = null);

/// <summary>What is to change; fields that are left out stay. A rule of null makes the set a list.</summary>
public sealed record SetPatchBody(
    string? Name = null, string? Purpose = null, string? Description = null, IReadOnlyList<string>? Tags = null, int? ContextLength = null, SampleFilterBody? Rule = null);

/// <param name="Seed">The same seed on the same samples draws the same ones; without it, 1.</param>
/// <param name="From">What is drawn from; without it, all samples.</param>
public sealed record DrawBody(
    DrawRule? Rule = null, int? Size = null, int? Seed = null, DrawStrata? Strata = null, string? StrataTag = null, DrawAllocation? Allocation = null, string? Metric = null, SampleFilterBody? From = null)
{
    public static DrawBody Of(SetDraw draw) => draw.Rule == DrawRule.Stratified
        ? new DrawBody(draw.Rule, draw.Size, draw.Seed, draw.Strata, draw.StrataTag, draw.Allocation, draw.Metric)
        : new DrawBody(draw.Rule, draw.Size, draw.Seed, Metric: draw.Metric);

    public Result<SetDraw> ToDraw()
    {
        if (Rule is null || Size is null)
        {
            return Failure.Invalid("FieldMissing", Rule is null ? "draw.rule" : "draw.size", Rule is null ? "draw.rule" : "draw.size");
        }
        if ((Words.Unknown(Rule, "draw.rule") ?? Words.Unknown(Strata, "draw.strata") ?? Words.Unknown(Allocation, "draw.allocation")) is { } failure)
        {
            return failure;
        }
        return new SetDraw(Rule.Value, Size.Value, Seed ?? 1)
        {
            Strata = Strata ?? default,
            StrataTag = StrataTag,
            Allocation = Allocation ?? default,
            Metric = Metric,
        };
    }
}

/// <summary>Which samples of the pool, in requests and in answers.</summary>
public sealed record SampleFilterBody
{
    private const string Instant = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz";

    /// <summary>An expression such as <c>topic/sleep and not risk</c>.</summary>
    public string? Tags { get; init; }
    public IReadOnlyList<string>? BizCodes { get; init; }
    public IReadOnlyList<string>? RobotIds { get; init; }
    public IReadOnlyList<SampleOrigin>? Origins { get; init; }
    public bool? HasReference { get; init; }
    public LabelState? Label { get; init; }
    public IReadOnlyList<string>? Languages { get; init; }
    public int? MinLength { get; init; }
    public int? MaxLength { get; init; }
    public string? AddedFrom { get; init; }
    public string? AddedTo { get; init; }

    /// <summary>Hours or days up to now, as in <c>24h</c> or <c>7d</c>, instead of from and to.</summary>
    public string? AddedLast { get; init; }
    public IReadOnlyList<string>? AddedBy { get; init; }
    public DuplicateState? Duplicates { get; init; }
    public string? Text { get; init; }

    /// <summary>The name of a set whose items they are.</summary>
    public string? Set { get; init; }

    public static SampleFilterBody Of(SampleFilter filter, IReadOnlyDictionary<long, string> setNames, ZoneClock clock) => new()
    {
        Tags = filter.Tags,
        BizCodes = Some(filter.BizCodes),
        RobotIds = Some(filter.RobotIds),
        Origins = Some(filter.Origins),
        HasReference = filter.HasReference,
        Label = filter.Label == default ? null : filter.Label,
        Languages = Some(filter.Languages),
        MinLength = filter.MinLength,
        MaxLength = filter.MaxLength,
        AddedFrom = clock.WithOffset(filter.Added.FromUtc)?.ToString(Instant, CultureInfo.InvariantCulture),
        AddedTo = clock.WithOffset(filter.Added.ToUtc)?.ToString(Instant, CultureInfo.InvariantCulture),
        AddedLast = filter.Added.Last is { } last ? string.Create(CultureInfo.InvariantCulture, $"{Math.Round(last.TotalHours)}h") : null,
        AddedBy = Some(filter.AddedBy),
        Duplicates = filter.Duplicates == default ? null : filter.Duplicates,
        Text = filter.Text,
        Set = filter.SetId is { } setId ? setNames.GetValueOrDefault(setId) : null,
    };

    /// <param name="field">How the body calls the filter, to name what is wrong in it.</param>
    /// <param name="find">A set's id by its name.</param>
    public async Task<Result<SampleFilter>> ToFilterAsync(string field, ZoneClock clock, Func<string, Task<long?>> find)
    {
        var problem = Words.Empty(BizCodes, field + ".biz_codes") ?? Words.Empty(RobotIds, field + ".robot_ids") ?? Words.Empty(Languages, field + ".languages") ?? Words.Empty(AddedBy, field + ".added_by")
            ?? Words.Unknown(Label, field + ".label") ?? Words.Unknown(Duplicates, field + ".duplicates")
            ?? (Origins ?? []).Select(o => Words.Unknown<SampleOrigin>(o, field + ".origins")).FirstOrDefault(f => f is not null)
            ?? (TagExpression.Parse(Tags).Failure is { } tags ? tags with { Field = field + ".tags" } : null)
            ?? (Languages?.FirstOrDefault(l => !Core.Samples.Languages.All.Contains(l)) is { } odd ? Words.Refused(odd, field + ".languages", string.Join(", ", Core.Samples.Languages.All)) : null);
        var (from, to, last) = (Time(AddedFrom, clock), Time(AddedTo, clock), Span(AddedLast));
        problem ??= AddedFrom is not null && from is null ? Words.Refused(AddedFrom, field + ".added_from", "2026-03-15T12:00:00+08:00")
            : AddedTo is not null && to is null ? Words.Refused(AddedTo, field + ".added_to", "2026-03-15T12:00:00+08:00")
            : AddedLast is not null && (last is null || from is not null || to is not null) ? Words.Refused(AddedLast, field + ".added_last", "24h or 7d, and no from and to beside it")
            : null;
        var setId = problem is null && Set is not null ? await find(Set) : null;
        problem ??= Set is not null && setId is null ? Failure.Invalid("SetNotFound", field + ".set") : null;
        return problem is not null ? problem : new SampleFilter
        {
            Tags = Tags,
            BizCodes = BizCodes ?? [],
            RobotIds = RobotIds ?? [],
            Origins = Origins ?? [],
            HasReference = HasReference,
            Label = Label ?? default,
            Languages = Languages ?? [],
            MinLength = MinLength,
            MaxLength = MaxLength,
            Added = new TimeRange(last, from, to),
            AddedBy = AddedBy ?? [],
            Duplicates = Duplicates ?? default,
            Text = Text,
            SetId = setId,
        };
    }

    private static IReadOnlyList<T>? Some<T>(IReadOnlyList<T> list) => list.Count > 0 ? list : null;

    private static DateTime? Time(string? text, ZoneClock clock) => TimeText.ToUtc(text?.Trim(), clock.Zone) is { Year: >= 1970 and <= 9998 } time ? time : null;

    private static TimeSpan? Span(string? text) =>
        text is [.., 'h' or 'd'] && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 100_000
            ? text[^1] == 'h' ? TimeSpan.FromHours(number) : TimeSpan.FromDays(number)
            : null;
}

/// <summary>What the reader of JSON lets through: numbers for words, and nothing in the place of texts.</summary>
internal static class Words
{
    public static Failure? Unknown<T>(T? word, string field) where T : struct, Enum =>
        word is not { } value || Enum.IsDefined(value) ? null
            : Refused(value.ToString(), field, string.Join(", ", Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)));

    public static Failure? Empty(IReadOnlyList<string>? texts, string field) => texts?.Any(t => (string?)t is null) == true ? Refused("null", field, "text") : null;

    public static Failure Refused(string value, string field, string expected) => Failure.Invalid("FieldInvalid", field, value, field, expected);
}

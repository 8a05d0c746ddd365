using System.Text.Json.Serialization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Api;

/// <summary>One page of a list; without a cursor there is no further one.</summary>
public sealed record ListAnswer<T>(IReadOnlyList<T> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

/// <summary>Reads the parameters of a list. The first that cannot be read, or that nobody asked for, is the refusal: a misspelt filter must be told, not dropped.</summary>
internal sealed class ListQuery(HttpContext context, params string[] own)
{
    private static readonly string[] Always = ["limit", "cursor"];
    private readonly ZoneClock _clock = context.RequestServices.GetRequiredService<ZoneClock>();

    /// <summary>Ask when all is read.</summary>
    public Failure? Failure { get; private set; } = context.Request.Query.Keys.Except(own, StringComparer.Ordinal).Except(Always, StringComparer.Ordinal).FirstOrDefault() is { } unknown
        ? Core.Common.Failure.Invalid("ParameterUnknown", unknown, unknown)
        : null;

    public string? One(string name) => context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    public IReadOnlyList<string> Many(string name) => [.. context.Request.Query[name].OfType<string>().Where(v => v.Length > 0).Distinct()];

    public IReadOnlyList<UserRobotPair> Pairs(string name)
    {
        var pairs = new List<UserRobotPair>();
        foreach (var text in Many(name).SelectMany(UserRobotPair.Words).Distinct())
        {
            if (UserRobotPair.TryParse(text) is { } pair)
            {
                pairs.Add(pair);
            }
            else
            {
                Refuse(name, text);
            }
        }
        return pairs;
    }

    public T Word<T>(string name, T otherwise) where T : struct, Enum => Word<T>(name) ?? otherwise;

    public T? Word<T>(string name) where T : struct, Enum
    {
        if (One(name) is not { } text)
        {
            return null;
        }
        if (!char.IsDigit(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var word) && Enum.IsDefined(word))
        {
            return word;
        }
        Refuse(name, text);
        return null;
    }

    /// <summary>From <c>from</c> up to, and without, <c>to</c>; times without an offset are in the shown zone.</summary>
    public TimeRange Range() => new(null, Time("from"), Time("to"));

    public PageRequest Page()
    {
        var limit = 50;
        if (One("limit") is { } text && (!int.TryParse(text, out limit) || limit is < 1 or > PageRequest.MaxTake))
        {
            Refuse("limit", text);
        }
        var cursor = Cursor.TryParse(One("cursor"));
        if (cursor is null && One("cursor") is { } unreadable)
        {
            Refuse("cursor", unreadable);
        }
        return new PageRequest(After: cursor, Take: limit);
    }

    public void Refuse(string name, string value) => Failure ??= Core.Common.Failure.Invalid("ParameterInvalid", name, name, value);

    private DateTime? Time(string name)
    {
        // A plus sign that nobody escaped arrives as a blank.
        var text = One(name)?.Trim().Replace(' ', '+');
        var time = TimeText.ToUtc(text, _clock.Zone) ?? TimeText.ToUtc(One(name), _clock.Zone);
        if (text is not null && time is null or { Year: < 1970 or > 9998 })
        {
            Refuse(name, One(name)!);
        }
        return time;
    }
}

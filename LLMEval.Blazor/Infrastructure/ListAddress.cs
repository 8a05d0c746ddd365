using System.Globalization;
using LLMEval.Core.Search;
using Microsoft.AspNetCore.WebUtilities;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>What a link to another list, or ids in an address, stand for. Only addresses of this app are followed.</summary>
public static class ListAddress
{
    /// <summary>Bot messages: chosen ones, those of chosen conversations, else those of the list at <paramref name="from"/>. Null where nothing of it can be read.</summary>
    public static PoolSource? Messages(string? from, string? sessionIds, string? messageIds, ZoneClock clock)
    {
        if (Ids(messageIds) is { Count: > 0 } messages)
        {
            return new PoolSource { MessageIds = messages };
        }
        if (Ids(sessionIds) is { Count: > 0 } sessions)
        {
            return new PoolSource { SessionIds = sessions };
        }
        return Parts(from) is not { } list ? null : list.Path switch
        {
            Urls.Messages when MessageFilterQuery.Read(list.Values, clock, []) is { } view => new PoolSource { Messages = view.Filter with { Range = view.Range.ToRange(clock) } },
            Urls.Sessions => new PoolSource { Sessions = SessionFilterQuery.Read(list.Values, clock, []).Filter },
            _ => null,
        };
    }

    /// <summary>The samples that the pool at the address shows; null where it is not the pool.</summary>
    public static SampleView? Samples(string? from, ZoneClock clock) =>
        Parts(from) is { Path: Urls.Pool } list ? SampleFilterQuery.Read(list.Values, clock, []) with { Place = null } : null;

    private static (string Path, Func<string, string[]> Values)? Parts(string? from)
    {
        if (from is null)
        {
            return null;
        }
        var address = Urls.LocalOrHome(from);
        var question = address.IndexOf('?', StringComparison.Ordinal);
        var query = QueryHelpers.ParseQuery(question < 0 ? null : address[question..]);
        return (question < 0 ? address : address[..question], key => query.TryGetValue(key, out var values) ? [.. values.OfType<string>().Where(v => v.Length > 0).Distinct()] : []);
    }

    private static List<long> Ids(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0).Where(id => id > 0)];
}

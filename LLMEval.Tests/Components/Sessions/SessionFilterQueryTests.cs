using LLMEval.Blazor;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace LLMEval.Tests.Components.Sessions;

public sealed class SessionFilterQueryTests
{
    private static readonly ZoneClock Clock = new(new ConfigurationBuilder().Build(), new FakeTimeProvider(new DateTimeOffset(2026, 3, 15, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void Write_EveryFilter_IsReadBackTheSame()
    {
        const string Query = "?range=custom&from=2026-03-01T08:00:01&to=2026-03-02T23:59:59&time=last&pair=1%3A2%2Ca%3Ab%3A3&memory=no&min=3&max=90&label=disputed&sort=messages&p=last"
            + "&biz=companion&robot=r-1&robot=r%262&tag=%E6%83%85%E7%BB%AA&user=u%20%3D1";

        var (view, unreadable) = Read(Query);
        var written = SessionFilterQuery.Write(view, Clock);
        var again = Read(written[Urls.Sessions.Length..]).View;

        Assert.Empty(unreadable);
        Assert.Equal(written, SessionFilterQuery.Write(again, Clock));
        Assert.Equal(QueryHelpers.ParseQuery(Query).OrderBy(p => p.Key).Select(p => $"{p.Key}={p.Value}"), QueryHelpers.ParseQuery(written[Urls.Sessions.Length..]).OrderBy(p => p.Key).Select(p => $"{p.Key}={p.Value}"));
        Assert.Equal([new("1", "2"), new("a:b", "3")], again.Filter.Pairs);
        Assert.Equal((false, 3, 90, LabelState.Disputed, SessionTime.LastMessage), (again.Filter.HasMemory, again.Filter.MinMessages, again.Filter.MaxMessages, again.Filter.Label, again.Filter.Time));
        Assert.Equal((SessionSort.Messages, false, "last"), (again.Sort, again.Descending, again.Place));
    }

    [Fact]
    public void Read_WhatCannotBeRead_IsNamed()
    {
        var (view, unreadable) = Read("?range=soon&time=never&pair=1:2,nonsense&memory=maybe&min=-1&max=many&label=3&sort=x");

        Assert.Equal(["label", "max", "memory", "min", "pair", "range", "sort", "time"], unreadable.Order());
        Assert.Equal([new UserRobotPair("1", "2")], view.Filter.Pairs);
    }

    [Fact]
    public async Task Page_WithAThousandPairsInItsAddress_Loads()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("lin@example.com", RoleNames.Viewer);
        await app.SignInAsync("lin@example.com");
        var pairs = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{100_000_000 + i}:{200_000_000 + i}"));

        using var answer = await app.Client.GetAsync(new Uri(Urls.With(Urls.Sessions, ("pair", pairs)), UriKind.Relative));

        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
    }

    private static (SessionView View, List<string> Unreadable) Read(string query)
    {
        var parsed = QueryHelpers.ParseQuery(query);
        var unreadable = new List<string>();
        return (SessionFilterQuery.Read(key => [.. parsed.GetValueOrDefault(key, StringValues.Empty).OfType<string>()], Clock, unreadable), unreadable);
    }
}

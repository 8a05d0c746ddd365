using LLMEval.Blazor;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Samples;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace LLMEval.Tests.Components.Sampling;

public sealed class SampleFilterQueryTests
{
    private static readonly ZoneClock Clock = new(new ConfigurationBuilder().Build(), new FakeTimeProvider(new DateTimeOffset(2026, 3, 15, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void Write_EveryFilter_IsReadBackTheSame()
    {
        const string Query = "?tags=a%2Fb%20and%20not%20%22c%20d%22&text=%E6%99%9A%E5%AE%89&range=custom&from=2026-03-01T08:00:01&to=2026-03-02T23:59:59&label=disputed&reference=no&duplicates=onlyfirst"
            + "&min=3&max=90&set=7&p=last&biz=companion&robot=r-1&robot=r%262&origin=message&origin=typed&language=zh&by=lin";

        var (view, unreadable) = Read(Query);
        var written = SampleFilterQuery.Write(view, Clock);

        Assert.Empty(unreadable);
        Assert.Equal(QueryHelpers.ParseQuery(Query).OrderBy(p => p.Key).Select(p => $"{p.Key}={p.Value}"), QueryHelpers.ParseQuery(written[Urls.Pool.Length..]).OrderBy(p => p.Key).Select(p => $"{p.Key}={p.Value}"));
        Assert.Equal(("a/b and not \"c d\"", false, 3, 90, LabelState.Disputed, DuplicateState.OnlyFirst, 7L), (view.Filter.Tags, view.Filter.HasReference, view.Filter.MinLength, view.Filter.MaxLength, view.Filter.Label, view.Filter.Duplicates, view.Filter.SetId));
        Assert.Equal([SampleOrigin.Message, SampleOrigin.Typed], view.Filter.Origins);
        Assert.Equal(Urls.Pool, SampleFilterQuery.Write(SampleView.Everything, Clock));
    }

    [Fact]
    public void Read_WhatCannotBeRead_IsNamed()
    {
        var (view, unreadable) = Read("?range=soon&label=3&reference=maybe&duplicates=x&min=-1&max=many&set=s&origin=moon&language=tlh&language=en");

        Assert.Equal(["duplicates", "label", "language", "max", "min", "origin", "range", "reference", "set"], unreadable.Distinct().Order());
        Assert.Equal(["en"], view.Filter.Languages);
    }

    [Fact]
    public void Samples_OfAnAddress_AreThoseOfThePoolOnly()
    {
        Assert.Equal("a", ListAddress.Samples("/pool?tags=a&p=last", Clock)?.Filter.Tags);
        Assert.Null(ListAddress.Samples("/pool?tags=a&p=last", Clock)?.Place);
        Assert.Null(ListAddress.Samples("/messages?text=a", Clock));
        Assert.Null(ListAddress.Samples("//evil.example/pool", Clock));
        Assert.Equal("晚安", ListAddress.Messages("/messages?text=晚安", null, null, Clock)?.Messages?.Text);
        Assert.Equal([3L, 1L], ListAddress.Messages("/messages?text=a", null, "3,x,-1,1", Clock)?.MessageIds);
        Assert.Null(ListAddress.Messages("/pool", null, null, Clock));
    }

    [Fact]
    public void Tree_OfTags_CountsOnlyWhatIsCarried()
    {
        var tree = TagNode.Of([new("b", 2), new("a/x/y", 1), new("a/z", 5), new("a", 3)]);

        Assert.Equal(["a 3", "b 2"], tree.Select(n => $"{n.Path} {n.Count}"));
        Assert.Equal(["a/x ", "a/z 5"], tree[0].Below.Select(n => $"{n.Path} {n.Count}"));
        Assert.Equal(["a/x/y 1"], tree[0].Below[0].Below.Select(n => $"{n.Path} {n.Count}"));
    }

    private static (SampleView View, List<string> Unreadable) Read(string query)
    {
        var unreadable = new List<string>();
        var values = QueryHelpers.ParseQuery(query);
        return (SampleFilterQuery.Read(key => values.TryGetValue(key, out var found) ? [.. found.OfType<string>()] : [], Clock, unreadable), unreadable);
    }
}

using System.Globalization;
using Bunit;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Sampling;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Components.Sampling;

public sealed class PoolPageTests
{
    [Theory]
    [InlineData("en", "Sample pool", "The pool is empty")]
    [InlineData("zh-CN", "样本池", "样本池为空")]
    public async Task Pool_WithoutSamples_SaysSo(string culture, string title, string nothing)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, culture);
        await pages.SignInAsync();

        var page = pages.Open("/pool");

        page.WaitForAssertion(() => Assert.Equal((title, nothing), (page.Find("main h1").TextContent, page.Find("main .empty-state h2").TextContent)));
    }

    [Fact]
    public async Task Pool_ByTagOfTheTree_ShowsThoseThatCarryIt_AndTakesTheBulkWorkBack()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SetAsync(3);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        await pages.Get<StartPoolOperation>().ExecuteAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = [1, 3], Tags = ["topic/sleep"] }, database.Admin, default);
        var page = pages.Open("/pool");
        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll("table.list tbody tr").Count));

        page.FindAll(".node-name").First(n => n.TextContent == "topic").Click();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("table.list tbody tr").Count));
        Assert.Equal("/pool?tags=topic", pages.Address);
        page.WaitForAssertion(() => Assert.Equal("All 2 found", page.Find(".chosen-bar strong").TextContent));
        page.Find(".operations details button").Click();
        page.WaitForAssertion(() => Assert.NotNull(page.Find("main .empty-state")));
        await using var db = await database.Contexts.CreateDbContextAsync();
        Assert.Empty(db.SampleTags.Where(t => t.Name == "topic/sleep"));
    }

    [Fact]
    public async Task Pool_AsAViewer_OffersNoChange()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SetAsync(2, "companion", "seen");
        await database.SetAsync(1, "game", "hidden");
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer, "companion");

        var page = pages.Open("/pool");

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("table.list tbody tr").Count));
        Assert.Empty(page.FindAll("main input[type=checkbox]"));
        Assert.Empty(page.FindAll(".chosen-bar"));
    }

    [Fact]
    public async Task Pool_WithTagsThatCannotBeRead_SaysWhere()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();

        var page = pages.Open("/pool?tags=(a%20and");

        page.WaitForAssertion(() => Assert.Contains("at character 7 a tag was expected", page.Find(".filters").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task NewSet_DrawnFromWhatThePoolShows_KeepsHowItWasDrawn()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SetAsync(5);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open("/sets/new?from=%2Fpool%3Frobot%3Dr-1");
        page.WaitForElement(".set-fields input").Input("drawn");

        page.FindAll("main button").First(b => b.TextContent.Contains("Create the set", StringComparison.Ordinal)).Click();

        page.WaitForAssertion(() => Assert.Equal("drawn", page.Find("main h1").TextContent));
        await using var db = await database.Contexts.CreateDbContextAsync();
        var set = db.EvaluationSets.Single(s => s.Name == "drawn");
        Assert.Contains("\"r-1\"", set.SourceJson, StringComparison.Ordinal);
        Assert.Equal(5, set.ItemCount);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"/sets/{set.Id}"), pages.Address);
    }
}

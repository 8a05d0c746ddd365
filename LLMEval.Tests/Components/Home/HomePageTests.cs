using Bunit;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Components.Home;

public sealed class HomePageTests
{
    [Theory]
    [InlineData("en", "Welcome to LLMEval", "Load the demo corpus")]
    [InlineData("zh-CN", "欢迎使用 LLMEval", "加载演示语料")]
    public async Task Open_WithNothingCollected_WelcomesAndOffersTheDemo(string culture, string welcome, string demo)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, culture);
        await pages.SignInAsync();

        var page = pages.Open("/");

        page.WaitForAssertion(() => Assert.Equal(welcome, page.Find("h1").TextContent));
        Assert.Contains(demo, page.Find("main").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AsAViewerOfAnEmptyDatabase_OffersNothingOneMayNotDo()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer);

        var page = pages.Open("/");

        page.WaitForAssertion(() => Assert.Contains("Nothing was collected yet.", page.Find("main").TextContent, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("main a"));
    }

    [Fact]
    public async Task Open_WithSessions_CountsWhatTheAccountMaySee()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("s-1", biz: "companion");
        var (_, messages) = await database.SessionAsync("s-2", biz: "social");
        await database.LabelAsync(messages[1], Verdict.Bad);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Manager, "companion");

        var page = pages.Open("/");

        page.WaitForAssertion(() => Assert.Equal(["1", "2", "0", "0", "0", "0"], page.FindAll(".figure-count").Select(e => e.TextContent)));
        Assert.Equal(["Sessions", "Messages", "Labels", "Evaluation sets", "Runs", "Reproductions"], page.FindAll(".figure-name").Select(e => e.TextContent));
    }
}

using System.Globalization;
using Bunit;
using LLMEval.Blazor.Samples;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;
using MudBlazor;

namespace LLMEval.Tests.Components.Samples;

public sealed class SetPagesTests
{
    [Theory]
    [InlineData("en", "Evaluation sets", "No evaluation sets yet")]
    [InlineData("zh-CN", "评测集", "还没有评测集")]
    public async Task Sets_WithoutAny_SaysSo(string culture, string title, string nothing)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, culture);
        await pages.SignInAsync();

        var page = pages.Open("/sets");

        page.WaitForAssertion(() => Assert.Equal((title, nothing), (page.Find("main h1").TextContent, page.Find("main h2").TextContent)));
    }

    [Fact]
    public async Task Sets_AsAViewer_ListsWhatIsVisibleAndOffersNoChange()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SetAsync(2, "companion", "seen");
        await database.SetAsync(1, "game", "hidden");
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer, "companion");

        var page = pages.Open("/sets");

        page.WaitForAssertion(() => Assert.Equal(["seen"], page.FindAll("table.list a.name").Select(a => a.TextContent)));
        Assert.Empty(page.FindAll("main .page-header-actions button"));
        Assert.Empty(page.FindAll("table.list button"));
    }

    [Fact]
    public async Task Sets_WithMoreThanAPage_TurnsByItsAddress()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        for (var i = 0; i < 27; i++)
        {
            database.Clock.Advance(TimeSpan.FromMinutes(1));
            await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest(string.Create(CultureInfo.InvariantCulture, $"set {i}")), database.Admin, default);
        }
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open("/sets");
        page.WaitForAssertion(() => Assert.Equal(25, page.FindAll("table.list a.name").Count));

        page.Find("button[aria-label='Next page']").Click();

        page.WaitForAssertion(() => Assert.Equal(["set 1", "set 0"], page.FindAll("table.list a.name").Select(a => a.TextContent)));
        Assert.StartsWith("/sets?page=a.", pages.Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithANameThatIsTaken_SaysSoBesideTheField()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SetAsync(1, name: "mood");
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open("/sets");
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("table.list a.name")));
        page.FindAll(".page-header-actions button")[^1].Click();
        page.WaitForElement(".set-fields input").Input("mood");

        page.FindAll(".mud-dialog-actions button")[1].Click();

        page.WaitForAssertion(() => Assert.Contains("A set named “mood” exists already.", page.Find(".set-fields").TextContent, StringComparison.Ordinal));
        page.Find(".set-fields input").Input("sorrow");
        page.FindAll(".mud-dialog-actions button")[1].Click();
        page.WaitForAssertion(() => Assert.Equal("sorrow", page.Find("main h1").TextContent));
        Assert.Equal("/sets/2", pages.Address);
    }

    [Fact]
    public async Task Set_ShowsItsTurns_FreezesAndRemoves()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await database.SetAsync(2);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(string.Create(CultureInfo.InvariantCulture, $"/sets/{setId}"));
        page.WaitForAssertion(() => Assert.Equal(["question 0", "question 1"], page.FindAll(".turn-user").Select(t => t.TextContent)));
        Assert.Equal(["recorded 0", "recorded 1"], page.FindAll(".turn-bot").Select(t => t.TextContent));

        page.FindAll(".page-header-actions button").First(b => b.TextContent.Contains("Freeze", StringComparison.Ordinal)).Click();
        page.WaitForAssertion(() => Assert.Contains("v1", page.Find("nav.versions").TextContent, StringComparison.Ordinal));
        page.Find("button[aria-label='More for message 1']").Click();
        page.WaitForElement(".mud-popover-open .mud-menu-item:last-child").Click();
        page.WaitForElement(".mud-dialog-actions button + button").Click();

        page.WaitForAssertion(() => Assert.Equal(["question 1"], page.FindAll(".turn-user").Select(t => t.TextContent)));
        pages.Go(string.Create(CultureInfo.InvariantCulture, $"/sets/{setId}?version=1"));
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".turn-user").Count));
        Assert.Empty(page.FindAll("table.items .mud-icon-button"));
    }

    [Fact]
    public async Task Set_OpenedAtASample_ShowsItsChat_AndForgetsItWhenClosed()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (session, messages) = await database.SessionAsync("s-1", contents: ["早", "早呀", "我失恋了", "抱抱"]);
        await database.MemoryAsync(session, "养了一只猫", null);
        await database.LabelAsync(messages[3], Verdict.Bad, "想说说发生了什么吗？");
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("set"), database.Admin, default)).Value;
        await new AddToSet(database.Contexts, database.Clock).ExecuteAsync(new AddToSetRequest(setId, [messages[3].Id]), database.Admin, default);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();

        var page = pages.Open(string.Create(CultureInfo.InvariantCulture, $"/sets/{setId}?sample=1"));

        page.WaitForAssertion(() => Assert.Equal(["早", "早呀", "我失恋了", "抱抱"], page.FindAll(".mud-dialog .bubble-text").Select(b => b.TextContent)));
        Assert.Equal(["想说说发生了什么吗？"], page.FindAll(".mud-dialog .reference").Select(r => r.TextContent));
        Assert.Contains("养了一只猫", page.Find(".mud-dialog .memory").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(() => pages.Go(string.Create(CultureInfo.InvariantCulture, $"/sets/{setId}")));
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".mud-dialog")));
        await page.InvokeAsync(() => pages.Go(string.Create(CultureInfo.InvariantCulture, $"/sets/{setId}?sample=1")));
        page.WaitForElement(".mud-dialog .sample-length input").Input("1");
        page.WaitForAssertion(() => Assert.Equal(["我失恋了", "抱抱"], page.FindAll(".mud-dialog .bubble-text").Select(b => b.TextContent)));
        page.FindAll(".mud-dialog-actions button")[^1].Click();
        page.WaitForAssertion(() => Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"/sets/{setId}"), pages.Address));
    }

    [Fact]
    public async Task AddToSet_IntoANewSet_SaysWhatWasAddedAndWhatWasThere()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync("s-1");
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open("/sets");
        page.WaitForElement("main h2");
        await page.InvokeAsync(() => { _ = AddToSetDialog.ShowAsync(pages.Get<IDialogService>(), [messages[1].Id]); });

        page.FindAll(".mud-dialog-actions button")[^1].Click();
        page.WaitForAssertion(() => Assert.Contains("Choose a set.", page.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        page.FindAll(".mud-dialog input[type=radio]")[1].Click();
        page.WaitForElement(".set-fields input").Input("fresh");
        page.FindAll(".mud-dialog-actions button")[^1].Click();

        page.WaitForAssertion(() => Assert.Contains("Added to “fresh”: 1.", page.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        Assert.Equal("/sets/1", page.Find(".mud-dialog-actions a").GetAttribute("href"));
    }
}

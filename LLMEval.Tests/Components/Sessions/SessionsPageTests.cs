using Bunit;
using LLMEval.Blazor.Sessions;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Preferences;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Components.Sessions;

public sealed class SessionsPageTests
{
    [Fact]
    public async Task Grid_OpenedWithoutAFilter_ShowsTheLastThirtyDaysByItself()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("recent");
        await database.SessionAsync("old", startedAt: database.Clock.GetUtcNow().UtcDateTime.AddDays(-45));
        await using var context = new PageContext(database);
        await context.SignInAsync();

        var page = context.Open("/sessions");

        page.WaitForAssertion(() => Assert.Equal(["recent"], Ids(page)));
    }

    [Fact]
    public async Task Grid_OpenedFromAnAddress_ShowsWhatTheAddressSays_AndSaysWhatItCannotRead()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync("bad", robot: "r-1");
        await database.SessionAsync("good", robot: "r-1");
        await database.SessionAsync("other", robot: "r-2");
        await database.LabelAsync(messages[1], Verdict.Bad);
        await using var context = new PageContext(database, "zh-CN");
        await context.SignInAsync();

        var page = context.Open("/sessions?range=all&robot=r-1&label=bad&sort=nonsense");

        page.WaitForAssertion(() => Assert.Equal(["bad"], Ids(page)));
        Assert.Contains("sort", page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grid_SortedByMessages_PutsItIntoTheAddress()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("short");
        await database.SessionAsync("long", contents: ["1", "2", "3", "4", "5", "6"]);
        await using var context = new PageContext(database);
        await context.SignInAsync();
        var page = context.Open("/sessions");
        page.WaitForElement(".sort-button");

        page.FindAll(".sort-button").First(b => b.TextContent.StartsWith("Messages", StringComparison.Ordinal)).Click();

        page.WaitForAssertion(() => Assert.Equal(["long", "short"], Ids(page)));
        Assert.Equal("/sessions?range=30d&sort=-messages", context.Address);
    }

    [Fact]
    public async Task Grid_OfAnotherBusinessLine_IsNotShown()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("mine", biz: "growth");
        await database.SessionAsync("theirs", biz: "companion");
        await using var context = new PageContext(database);
        await context.SignInAsync(RoleNames.Viewer, "growth");

        var page = context.Open("/sessions");

        page.WaitForAssertion(() => Assert.Equal(["mine"], Ids(page)));
    }

    [Fact]
    public async Task Chat_OpenedFromItsAddress_ShowsMessagesAndMemory_AndLabelsWithOneClick()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (session, messages) = await database.SessionAsync(contents: ["睡了没", "<b>还没</b>"]);
        await database.MemoryAsync(session, "later fact", messages[1].SentAt.AddHours(1));
        await database.MemoryAsync(session, "early fact", messages[0].SentAt.AddDays(-1));
        await using var context = new PageContext(database);
        var annotator = await context.SignInAsync(RoleNames.Manager);

        var dialogs = context.Open($"/sessions?chat={session.Id}");

        dialogs.WaitForAssertion(() => Assert.Equal(["睡了没", "<b>还没</b>"], dialogs.FindAll(".chat-message > .chat-text").Select(t => t.TextContent)));
        Assert.Equal(["early fact", "later fact"], dialogs.FindAll(".chat-memory li > span").Select(t => t.TextContent));
        dialogs.Find("button.verdict.bad").Click();
        dialogs.WaitForAssertion(() => Assert.NotNull(dialogs.Find(".label-form")));
        await using var db = database.Open();
        var label = await db.Labels.SingleAsync();
        Assert.Equal((Verdict.Bad, annotator, "<b>还没</b>"), (label.Verdict, label.AnnotatorId, label.Prediction));
    }

    [Fact]
    public async Task Chat_AsAViewer_OffersNoLabels()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (session, _) = await database.SessionAsync();
        await using var context = new PageContext(database);
        await context.SignInAsync(RoleNames.Viewer);

        var dialogs = context.Open($"/sessions?chat={session.Id}");

        dialogs.WaitForElement(".chat-message");
        Assert.Empty(dialogs.FindAll("button.verdict"));
    }

    [Fact]
    public async Task Page_OpenedWithoutAQuery_ShowsWhatTheAccountChose_AndItsColumns()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("one", robot: "r-1");
        await database.SessionAsync("two", robot: "r-2");
        await using var context = new PageContext(database);
        var id = await context.SignInAsync();
        var me = await context.Get<ActorQueries>().OfUserAsync(id, default);
        await context.Get<UserSettings>().SetAsync(ViewsMenu.DefaultKey, "?range=all&robot=r-2", me, default);
        await context.Get<UserSettings>().SetAsync(SessionColumns.Key, "Memory,Gone,User", me, default);

        var page = context.Open("/sessions");

        page.WaitForAssertion(() => Assert.Equal(["two"], Ids(page)));
        Assert.Equal("/sessions?range=all&robot=r-2", context.Address);
        Assert.Equal(["Session", "User", "Memory points"], page.FindAll("th:not(.choice)").Select(h => h.TextContent));
    }

    [Fact]
    public async Task Rows_Chosen_StayChosenUntilAnotherFilter()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("one", robot: "r-1");
        await database.SessionAsync("two", robot: "r-2");
        await using var context = new PageContext(database);
        await context.SignInAsync(RoleNames.Manager);
        var page = context.Open("/sessions?range=all");
        page.WaitForAssertion(() => Assert.Equal(2, Ids(page).Count()));

        await page.Find("th.choice input").ChangeAsync(true);
        page.WaitForAssertion(() => Assert.Equal("2 chosen", page.Find(".chosen-bar strong").TextContent));
        await page.Find("td.choice input").ChangeAsync(false);
        page.WaitForAssertion(() => Assert.Equal("1 chosen", page.Find(".chosen-bar strong").TextContent));
        context.Get<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo("/sessions?range=all&robot=r-2");

        page.WaitForAssertion(() => Assert.Equal(["two"], Ids(page)));
        Assert.Empty(page.FindAll(".chosen-bar"));
    }

    [Fact]
    public async Task Pairs_PastedAtOnce_BecomeChipsAndGoIntoTheAddress_AndInvalidOnesAreShown()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("one", robot: "2002", user: "1001");
        await database.SessionAsync("two", robot: "2003", user: "1002");
        await database.SessionAsync("three", robot: "2002", user: "1002");
        await using var context = new PageContext(database);
        await context.SignInAsync();
        var page = context.Open("/sessions");
        page.WaitForAssertion(() => Assert.Equal(3, Ids(page).Count()));

        await page.Find(".pair-box textarea").PasteAsync(new());
        await page.Find(".pair-box textarea").InputAsync("1001:2002, 1002:2003\nnonsense 5:5，6:6\t7:7");

        page.WaitForAssertion(() => Assert.Equal(["one", "two"], Ids(page).Order()));
        Assert.Contains("pair=1001%3A2002%2C1002%3A2003%2C5%3A5%2C6%3A6%2C7%3A7", context.Address, StringComparison.Ordinal);
        Assert.Equal("nonsense", page.Find(".pair-chip.is-invalid span").TextContent);
        Assert.Contains("+1", page.FindAll(".pair-more").Select(b => b.TextContent));

        await page.Find(".pair-chip:not(.is-invalid) button").ClickAsync(new());

        page.WaitForAssertion(() => Assert.Equal(["two"], Ids(page)));
    }

    private static IEnumerable<string> Ids<T>(IRenderedComponent<T> page) where T : Microsoft.AspNetCore.Components.IComponent =>
        page.FindAll(".session-id a").Select(a => a.TextContent.Trim());
}

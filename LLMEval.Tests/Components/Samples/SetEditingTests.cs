using System.Globalization;
using Bunit;
using LLMEval.Blazor;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Components.Samples;

public sealed class SetEditingTests
{
    [Fact]
    public async Task Questions_TypedAsScripts_BecomeOneItemEach()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("mood"), database.Admin, default)).Value;
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(At(setId));
        page.WaitForElement(".empty-state button").Click();
        page.WaitForElement(".mud-dialog input[type=radio]");
        page.FindAll(".mud-dialog input[type=radio]")[1].Click();
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".mud-dialog .mud-switch input")));
        page.Find(".mud-dialog .mud-switch input").Change(true);
        page.FindAll(".mud-dialog textarea")[0].Input("hello\nare you there?\n\ngood night\n");

        page.WaitForAssertion(() => Assert.Equal("2 messages", page.Find(".mud-dialog .count").TextContent));
        page.FindAll(".mud-dialog-actions button")[^1].Click();

        page.WaitForAssertion(() => Assert.Equal(["hello are you there?", "good night"], page.FindAll(".turn-user").Select(t => t.TextContent)));
        Assert.Equal(["Script", "Script"], page.FindAll(".turn-kind").Select(t => t.TextContent));
    }

    [Fact]
    public async Task Tag_WhileItIsTyped_IsPickedOnlyWhenItIsChosen()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await TypedAsync(database, "a");
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(At(setId));
        page.WaitForElement("button[aria-label='Edit message 1']").Click();
        page.WaitForElement(".mud-dialog .many-picker input").Focus();

        foreach (var typed in (string[])["t", "to", "topic/new"])
        {
            page.Find(".mud-dialog .many-picker input").Input(typed);
            database.Clock.Advance(TimeSpan.FromSeconds(1));
            page.WaitForAssertion(() => Assert.Equal([typed], page.FindAll(".mud-popover-open .mud-list-item").Select(i => i.TextContent.Trim())));
        }
        Assert.Empty(page.FindAll(".picked"));
        page.Find(".mud-popover-open .mud-list-item").Click();

        page.WaitForAssertion(() => Assert.Equal(["topic/new"], page.FindAll(".picked-text").Select(t => t.TextContent)));
    }

    [Fact]
    public async Task Item_EditedAndFrozen_ShowsInTheDifferencesWordByWord()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await TypedAsync(database, "how are you", "who are you");
        await new FreezeSet(database.Contexts, database.Clock).ExecuteAsync(setId, database.Admin, default);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(At(setId));
        page.WaitForElement("button[aria-label='Edit message 1']").Click();

        page.WaitForElement(".mud-dialog .message-row textarea").Change("how were you");
        page.FindAll(".mud-dialog-actions button")[^1].Click();
        page.WaitForAssertion(() => Assert.Equal(["how were you", "who are you"], page.FindAll(".turn-user").Select(t => t.TextContent)));
        pages.Go(At(setId) + "/diff?from=1");

        page.WaitForAssertion(() => Assert.Equal(("are", "were"), (page.Find(".diff-item del").TextContent, page.Find(".diff-item ins").TextContent)));
        Assert.Equal("Changed 1", page.Find("nav.versions a.is-chosen").TextContent);
        Assert.Contains("Unchanged: 1", page.Find("nav.versions").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Item_MovedDown_StandsBehindItsNeighbourAlthoughNumbersHaveGaps()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await TypedAsync(database, "a", "b", "c");
        var items = (await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items;
        await new RemoveFromSet(database.Contexts, database.Clock).ExecuteAsync(new RemoveFromSetRequest(setId, [items[1].ItemId]), database.Admin, default);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(At(setId));
        page.WaitForElement("button[aria-label='More for message 1']").Click();

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".mud-popover-open .mud-menu-item")));
        page.FindAll(".mud-popover-open .mud-menu-item").First(i => i.TextContent.Contains("Move down", StringComparison.Ordinal)).Click();

        page.WaitForAssertion(() => Assert.Equal(["c", "a"], page.FindAll(".turn-user").Select(t => t.TextContent)));
    }

    [Fact]
    public async Task Version_Restored_BringsItsItemsBack()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await TypedAsync(database, "a", "b");
        await new FreezeSet(database.Contexts, database.Clock).ExecuteAsync(setId, database.Admin, default);
        var items = (await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items;
        await new RemoveFromSet(database.Contexts, database.Clock).ExecuteAsync(new RemoveFromSetRequest(setId, [items[0].ItemId]), database.Admin, default);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(At(setId) + "?tab=versions");

        page.WaitForElement("button[aria-label='Restore v1']").Click();
        page.WaitForElement(".mud-dialog-actions button + button").Click();

        page.WaitForAssertion(() => Assert.StartsWith("Messages 2", page.Find("nav.tabs a").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RuleSet_SaysItsRule_RefreshesAndBecomesAList()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("typed") { Rule = new SampleFilter { Origins = [SampleOrigin.Typed], MinLength = 1 } }, database.Admin, default)).Value;
        await TypedAsync(database, "a", "b");
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(At(setId));
        page.WaitForAssertion(() => Assert.Equal(["From: typed in", "Question of at least 1 characters"], page.FindAll(".filter-words li").Select(l => l.TextContent)));

        page.FindAll(".set-rule-actions button")[0].Click();
        page.WaitForAssertion(() => Assert.Equal(["a", "b"], page.FindAll(".turn-user").Select(t => t.TextContent)));
        Assert.Empty(page.FindAll("button[aria-label='More for message 1']"));
        page.FindAll(".set-rule-actions button")[1].Click();
        page.WaitForElement(".mud-dialog-actions button + button").Click();

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("button[aria-label='More for message 1']")));
        Assert.Empty(page.FindAll(".set-rule"));
    }

    [Fact]
    public async Task Sample_ShownLongerThanItWasFrozen_SaysWhatIsNoPartOfIt_AndCanBeCutAnew()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync("s-1", contents: ["one", "two", "three", "four", "five", "six"]);
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("set", ContextLength: 1), database.Admin, default)).Value;
        await new AddToSet(database.Contexts, database.Clock).ExecuteAsync(new AddToSetRequest(setId, [messages[5].Id]), database.Admin, default);
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(At(setId) + "?sample=1");

        page.WaitForElement(".mud-dialog .sample-length input").Input("3");
        page.WaitForAssertion(() => Assert.Equal(["three", "four"], page.FindAll(".mud-dialog .outside .bubble-text").Select(b => b.TextContent)));
        page.Find(".mud-dialog .sample-length .mud-button-outlined").Click();

        page.WaitForAssertion(() => Assert.Equal(At(setId), pages.Address));
        page.WaitForAssertion(() => Assert.EndsWith("sample=2", page.Find(".turn").GetAttribute("href"), StringComparison.Ordinal));
        Assert.Equal(["three", "four", "five"], (await new SampleQueries(database.Contexts).DetailAsync(2, database.Admin, default))!.Context.Select(m => m.Content));
    }

    [Fact]
    public async Task ShippedSets_AddedOnce_AreWholeAndSortedIntoAFolder()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, "zh-CN");
        await pages.SignInAsync();
        var page = pages.Open(Urls.Sets);

        page.WaitForElement(".empty-state button").Click();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("table.list a.name").Count));

        Assert.Equal(["30", "100"], page.FindAll("table.list td.number").Select(t => t.TextContent).Order(StringComparer.Ordinal).Reverse());
        Assert.DoesNotContain("添加内置问题集", page.Find(".page-header-actions").TextContent, StringComparison.Ordinal);
        Assert.Empty((await pages.Get<AddShippedSets>().ExecuteAsync(database.Admin, default)).Value!);
        pages.Go(page.Find("nav.folders a").GetAttribute("href")!);
        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll("nav.folders a.version").Count - 1));
    }

    [Fact]
    public async Task DeletedSet_IsListedWithItsDays_AndComesBack()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await database.SetAsync(1, name: "gone");
        await new DeleteSet(database.Contexts, database.Clock).ExecuteAsync(setId, database.Admin, default);
        database.Clock.Advance(TimeSpan.FromDays(2.5));
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(Urls.DeletedSets);

        page.WaitForAssertion(() => Assert.Contains("28 d", page.Find("table.list").TextContent, StringComparison.Ordinal));
        page.Find("button[aria-label='Restore “gone”']").Click();

        page.WaitForAssertion(() => Assert.Equal("No deleted evaluation sets", page.Find("main h2").TextContent));
        Assert.NotNull(await new SetQueries(database.Contexts).NamedAsync("gone", database.Admin, default));
    }

    [Fact]
    public async Task Coverage_CountsByTagAndBot_AndShowsGaps()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("set"), database.Admin, default)).Value;
        SampleDraft[] drafts = [Draft("a", "r-1", "topic/sleep"), Draft("b", "r-1", "topic/work"), Draft("c", "r-2", "mood")];
        await new AddSamplesToSet(database.Contexts, database.Clock).ExecuteAsync(new AddDraftsRequest(setId, drafts), database.Admin, default);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer);
        var page = pages.Open(At(setId) + "?tab=coverage");

        page.WaitForAssertion(() => Assert.Equal(["0", "1", "2", "0"], page.FindAll("table.coverage td").Select(t => t.TextContent.Trim())));
        Assert.Equal(2, page.FindAll("td.gap").Count);
        Assert.Equal($"/pool?set={setId}&tags=mood&robot=r-2", page.Find("table.coverage td a").GetAttribute("href"));
        pages.Go(page.FindAll("table.coverage tbody th a")[0].GetAttribute("href")!);
        page.WaitForAssertion(() => Assert.Equal(["topic/sleep", "topic/work", "Without a tag below topic"], page.FindAll("table.coverage tbody th").Select(t => t.TextContent.Trim())));

        static SampleDraft Draft(string question, string robot, string tag) => new([new SampleMessage("user", question)]) { RobotId = robot, Tags = [tag] };
    }

    private static string At(long setId) => string.Create(CultureInfo.InvariantCulture, $"/sets/{setId}");

    private static async Task<long> TypedAsync(TestDatabase database, params string[] questions)
    {
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("set"), database.Admin, default)).Value;
        var added = await new AddSamplesToSet(database.Contexts, database.Clock).ExecuteAsync(new AddDraftsRequest(setId, [.. questions.Select(q => new SampleDraft([new SampleMessage("user", q)]))]), database.Admin, default);
        Assert.Null(added.Failure);
        return setId;
    }
}

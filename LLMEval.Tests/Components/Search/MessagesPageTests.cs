using Bunit;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Components.Search;

public sealed class MessagesPageTests
{
    [Fact]
    public async Task List_OpenedWithoutAFilter_ShowsTheLastThirtyDaysByItself_AndWithATextAllTimes()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("recent", contents: ["你好吗"]);
        await database.SessionAsync("old", startedAt: database.Clock.GetUtcNow().UtcDateTime.AddDays(-45), contents: ["好久以前，你好"]);
        await using var context = new PageContext(database);
        await context.SignInAsync();

        var page = context.Open("/messages");

        page.WaitForAssertion(() => Assert.Equal(["你好吗"], Snippets(page)));
        context.Go("/messages?text=你好");
        page.WaitForAssertion(() => Assert.Equal(["你好吗", "好久以前，你好"], Snippets(page)));
        Assert.Equal(["你好", "你好"], page.FindAll("mark").Select(m => m.TextContent));
        context.Go("/messages?text=你好&range=7d");
        page.WaitForAssertion(() => Assert.Equal(["你好吗"], Snippets(page)));
    }

    [Fact]
    public async Task List_SearchedForAText_PutsItIntoTheAddress_AndSaysWhenThereIsNone()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync(contents: ["<b>睡觉</b>了", "晚安"]);
        await using var context = new PageContext(database);
        await context.SignInAsync();
        var page = context.Open("/messages");
        page.WaitForElement(".filter-text input").Change("睡觉");

        page.WaitForAssertion(() => Assert.Equal(["<b>睡觉</b>了"], Snippets(page)));
        Assert.Equal("/messages?text=%E7%9D%A1%E8%A7%89", context.Address);
        page.Find(".filter-text input").Change("没有");
        page.WaitForAssertion(() => Assert.Contains("No message matches", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_OpenedFromAnAddress_ShowsWhatTheAddressSays_AndSaysWhatItCannotRead()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync("a", robot: "r-1", contents: ["同样的话", "同样的话，坏", "同样的话", "同样的话，好"]);
        await database.SessionAsync("b", robot: "r-2", contents: ["同样的话", "同样的话"]);
        await database.LabelAsync(messages[1], Verdict.Bad);
        await using var context = new PageContext(database, "zh-CN");
        await context.SignInAsync();

        var page = context.Open("/messages?text=同样&robot=r-1&sender=bot&label=bad&match=nonsense");

        page.WaitForAssertion(() => Assert.Equal(["同样的话，坏"], Snippets(page)));
        Assert.Contains("match", page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
        context.Go("/messages?session=b");
        page.WaitForAssertion(() => Assert.Equal(2, Snippets(page).Count));
        context.Go("/messages?text=同样的话&match=exact");
        page.WaitForAssertion(() => Assert.Equal(4, Snippets(page).Count));
    }

    [Fact]
    public async Task Hit_Opened_ShowsItsConversationOverTheList_AndLabelsInPlace()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (session, messages) = await database.SessionAsync(contents: ["睡了没", "还没呢"]);
        await using var context = new PageContext(database);
        await context.SignInAsync(RoleNames.Manager);
        var page = context.Open("/messages?text=还没");
        page.WaitForElement(".snippet");
        Assert.Equal($"/messages?text=%E8%BF%98%E6%B2%A1&chat={session.Id}&message={messages[1].Id}", page.Find(".snippet a").GetAttribute("href"));
        page.Find(".label-button.bad").Click();
        page.WaitForAssertion(() => Assert.Equal("true", page.Find(".label-button.bad").GetAttribute("aria-pressed")));
        await using (var db = database.Open())
        {
            Assert.Equal((Verdict.Bad, "还没呢"), db.Labels.Select(l => ValueTuple.Create(l.Verdict, l.Prediction)).Single());
        }
        page.FindAll(".label-button")[^1].Click();

        page.WaitForElement(".label-form");
        context.Go(page.Find(".snippet a").GetAttribute("href")!);
        page.WaitForAssertion(() => Assert.Contains("is-selected", page.Find($"#message-{messages[1].Id}").ClassName!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_OfAnotherBusinessLine_IsNotShown()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("mine", biz: "growth", contents: ["秘密 mine"]);
        await database.SessionAsync("theirs", biz: "companion", contents: ["秘密 theirs"]);
        await using var context = new PageContext(database);
        await context.SignInAsync(RoleNames.Viewer, "growth");

        var page = context.Open("/messages?text=秘密");

        page.WaitForAssertion(() => Assert.Equal(["秘密 mine"], Snippets(page)));
    }

    [Fact]
    public async Task GlobalSearch_OfAnId_GoesToTheChat_AndOfWordsToTheList()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (session, messages) = await database.SessionAsync("session-77");
        await using var context = new PageContext(database);
        await context.SignInAsync();
        var page = context.Open("/");

        void Ask(string text)
        {
            page.WaitForElement("#global-search").Change(text);
            page.Find("form.shell-search").Submit();
        }
        Ask(" session-77 ");
        page.WaitForAssertion(() => Assert.Equal($"/sessions?chat={session.Id}", context.Address));
        Ask("m-2");
        page.WaitForAssertion(() => Assert.Equal($"/sessions?chat={session.Id}&message={messages[1].Id}", context.Address));
        Ask("在等");
        page.WaitForAssertion(() => Assert.Equal("/messages?text=%E5%9C%A8%E7%AD%89", context.Address));
        page.WaitForAssertion(() => Assert.Single(page.FindAll("mark")));
    }

    private static List<string> Snippets<T>(IRenderedComponent<T> page) where T : Microsoft.AspNetCore.Components.IComponent =>
        [.. page.FindAll(".snippet a").Select(a => a.TextContent.Trim())];
}

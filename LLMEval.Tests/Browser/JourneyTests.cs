using System.Text;
using System.Text.RegularExpressions;
using LLMEval.Blazor;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LLMEval.Tests.Browser;

/// <summary>The whole way of a stranger through the app: set up, collect, look, label, sample, run, reproduce.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class JourneyTests(Browsers browsers)
{
    [BrowserTheory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Walk_FromTheSetupLinkToAReproducedBadCase(string culture)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await using var me = await browsers.PersonAsync(app, culture);

        await SetUpAsync(app, me);
        await CollectAsync(me);
        await LookAsync(me);
        await LabelAsync(me);
        await SampleAsync(me);
        await RunAsync(me);
        await ReproduceAsync(me);

        Assert.Empty(me.Complaints);
    }

    private static async Task SetUpAsync(TestApp app, Person me)
    {
        var token = await app.Get<FirstAdmin>().NewTokenAsync(CancellationToken.None);
        await me.Page.GotoAsync(Urls.Setup(token!));
        await me.PictureAsync("setup");
        await me.Page.FillAsync("input[name='Input.Email']", Person.Email);
        await me.Page.FillAsync("input[name='Input.Password']", TestApp.Password);
        await me.Page.FillAsync("input[name='Input.Repeated']", TestApp.Password);
        await me.Button(me.Text<AccountTexts>("CreateAccount")).ClickAsync();
        await Expect(me.Page.GetByRole(AriaRole.Heading, new() { Name = me.Text<HomeTexts>("WelcomeTitle") })).ToBeVisibleAsync();
        await me.PictureAsync("empty-home");
    }

    private static async Task CollectAsync(Person me)
    {
        await me.Button(me.Text<HomeTexts>("DemoButton")).ClickAsync();
        await me.Page.WaitForURLAsync(RunAddress(), new() { Timeout = 120_000 });
        await me.ReadyAsync();
        await me.PictureAsync("demo-run");

        await me.Link(me.Text<ShellTexts>("Nav_Import")).ClickAsync();
        var file = new FilePayload
        {
            Name = "mine.jsonl",
            MimeType = "application/x-ndjson",
            Buffer = Encoding.UTF8.GetBytes(
                """
                {"session_id":"s-mine","biz_code":"companion","robot_id":"r-1","user_id":"u-1","messages":[{"msg_id":"m-1","sender_type":"user","content":"睡了没","send_time":"2026-11-01T10:00:00Z"},{"msg_id":"m-2","sender_type":"bot","content":"还没呢，在等你。","send_time":"2026-11-01T10:00:05Z"}]}
                {"session_id":"s-broken","biz_code":"companion","robot_id":
                {"session_id":"s-odd","biz_code":"companion","robot_id":"r-1","user_id":"u-1","messages":[{"msg_id":"m-1","sender_type":"alien","content":"?","send_time":"2026-11-01T10:00:00Z"}]}

                """),
        };
        // The field listens only after the page has called it, and the button opens it through the page: set at once, a file could be missed.
        var chooser = await me.Page.RunAndWaitForFileChooserAsync(() => me.Button(me.Text<CollectingTexts>("Choose")).ClickAsync());
        await chooser.SetFilesAsync(file);
        await Expect(me.Page.GetByText(me.Text<CollectingTexts>("RejectedTitle"))).ToBeVisibleAsync();
        await Expect(me.Page.Locator(".import-rejected tbody tr")).ToHaveCountAsync(2);
        await Expect(me.Page.Locator(".import-rejected")).ToContainTextAsync("alien");
        await me.PictureAsync("imported-with-rejected-lines");
    }

    private static async Task LookAsync(Person me)
    {
        await me.Link(me.Text<ShellTexts>("Nav_Sessions")).ClickAsync();
        await Expect(me.Page.Locator("tbody tr").Nth(9)).ToBeVisibleAsync();
        await me.PictureAsync("sessions");
        await FilterByPairsAsync(me);
        await me.Button(me.Text<SessionsTexts>("Export")).ClickAsync();
        var download = await me.Page.RunAndWaitForDownloadAsync(() => me.Page.GetByText(me.Text<SessionsTexts>("Export_Csv")).ClickAsync());
        Assert.StartsWith("session_id,", await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        await me.Page.Locator("tbody tr .session-id a").First.ClickAsync();
        await Expect(me.Dialog.Locator(".chat-messages > li").First).ToBeVisibleAsync();
        Assert.Matches("chat=[0-9]+", me.Page.Url);
        await me.PictureAsync("chat");
        await WalkThroughChatsAsync(me);
    }

    /// <summary>Pairs typed and pasted become chips, the box is free for the next one, and taking them away shows everything again.</summary>
    private static async Task FilterByPairsAsync(Person me)
    {
        var box = me.Page.Locator(".pair-box textarea");
        var chips = me.Page.Locator(".pair-chip:not(.is-invalid)");
        await box.PressSequentiallyAsync("51202:9102");
        await box.PressAsync("Enter");
        await Expect(chips).ToHaveCountAsync(1);
        await Expect(box).ToHaveValueAsync("");
        await box.PressSequentiallyAsync("51101:9101 ");
        await Expect(chips).ToHaveCountAsync(2);
        await Expect(me.Page).ToHaveURLAsync(PairsAddress());
        await box.EvaluateAsync("e => { const data = new DataTransfer(); e.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })); e.value = '51207:9102,nonsense\\n52111:9201'; e.dispatchEvent(new Event('input', { bubbles: true })); }");
        await Expect(chips).ToHaveCountAsync(4);
        await Expect(box).ToHaveValueAsync("");
        await Expect(me.Page.Locator(".pair-chip.is-invalid")).ToHaveTextAsync("nonsense×");
        await me.PictureAsync("pairs");
        await me.Button(me.Text<SharedTexts>("PairsClear")).ClickAsync();
        await Expect(chips).ToHaveCountAsync(0);
        await Expect(me.Page.Locator("tbody tr").Nth(9)).ToBeVisibleAsync();
    }

    /// <summary>To the next conversation of the list and back without closing; find inside; and Back of the browser closes it.</summary>
    private static async Task WalkThroughChatsAsync(Person me)
    {
        var first = me.Page.Url;
        var session = me.Dialog.Locator(".chat-head dd").First;
        var name = await session.InnerTextAsync();
        await me.Dialog.GetByRole(AriaRole.Button, new() { Name = me.Text<SessionsTexts>("NextSession"), Exact = true }).ClickAsync();
        await Expect(session).Not.ToHaveTextAsync(name);
        await Expect(me.Page).Not.ToHaveURLAsync(first);
        await me.Dialog.Locator(".chat-messages").ClickAsync(new() { Position = new() { X = 2, Y = 2 } });
        await me.Page.Keyboard.PressAsync("Alt+ArrowUp");
        await Expect(session).ToHaveTextAsync(name);
        await Expect(me.Page).ToHaveURLAsync(first);

        var find = me.Dialog.GetByRole(AriaRole.Searchbox, new() { Name = me.Text<SessionsTexts>("FindInside") });
        var last = await me.Dialog.Locator(".chat-messages > li .chat-text").Last.InnerTextAsync();
        await find.FillAsync(last);
        await find.PressAsync("Enter");
        await Expect(me.Dialog.Locator(".chat-messages > li.is-selected mark")).ToHaveTextAsync(last);
        await find.FillAsync("no such words");
        await find.PressAsync("Enter");
        await Expect(me.Dialog.GetByText(me.Text<SessionsTexts>("NotInside"))).ToBeVisibleAsync();
        await me.PictureAsync("chat-found");

        await me.Page.EvaluateAsync("addEventListener('popstate', () => history.forward(), { once: true }); history.back();");
        await me.Page.WaitForTimeoutAsync(500);
        await Expect(me.Dialog.Locator(".chat-messages > li").First).ToBeVisibleAsync();
        await me.Page.GoBackAsync();
        await Expect(me.Dialog).ToHaveCountAsync(0);
        await me.Page.GoForwardAsync();
        await Expect(me.Dialog.Locator(".chat-messages > li").First).ToBeVisibleAsync();
    }

    private static async Task LabelAsync(Person me)
    {
        var answer = Answer(me);
        await answer.Locator("button.verdict.bad").ClickAsync();
        var form = me.Dialog.Filter(new() { Has = me.Page.Locator(".label-form") });
        await Expect(form.GetByRole(AriaRole.Radio, new() { Name = me.Text<LabelsTexts>("Verdict_Bad") })).ToHaveAttributeAsync("aria-checked", "true");
        await Expect(form.GetByLabel(me.Text<LabelsTexts>("Prediction"))).Not.ToBeEmptyAsync();
        await form.GetByLabel(me.Text<LabelsTexts>("GroundTruth")).FillAsync("记得呀，你说过的。");
        await form.GetByLabel(me.Text<LabelsTexts>("Score")).FillAsync("2");
        await form.GetByLabel(me.Text<LabelsTexts>("Comment")).FillAsync("忘了记忆");
        await me.PictureAsync("label");
        await form.GetByRole(AriaRole.Button, new() { Name = me.Text<LabelsTexts>("Save"), Exact = true }).ClickAsync();
        await Expect(answer.Locator("button.verdict.bad")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(answer.Locator(".label-note.bad")).ToContainTextAsync("忘了记忆");
        await Expect(answer.Locator(".label-note.bad")).ToContainTextAsync(Person.Email);
    }

    private static async Task SampleAsync(Person me)
    {
        await Answer(me).GetByRole(AriaRole.Button, new() { Name = me.Text<SharedTexts>("AddToSet") }).ClickAsync();
        var form = me.Dialog.Filter(new() { HasText = me.Text<SamplesTexts>("IntoNewSet") });
        await form.GetByText(me.Text<SamplesTexts>("IntoNewSet")).ClickAsync();
        await form.GetByLabel(me.Text<SamplesTexts>("Name")).First.FillAsync("Journey");
        await me.PictureAsync("add-to-set");
        await form.GetByRole(AriaRole.Button, new() { Name = me.Text<SamplesTexts>("AddToSet"), Exact = true }).ClickAsync();
        await me.Link(me.Text<SamplesTexts>("OpenSet")).ClickAsync();
        await me.Page.WaitForURLAsync(SetAddress());
        await Expect(me.Page.Locator("table.items tbody tr")).ToHaveCountAsync(1);
        await Expect(me.Dialog).ToHaveCountAsync(0);
        await me.PictureAsync("set");

        await me.Page.Locator("a.turn").ClickAsync();
        await Expect(me.Dialog.Locator(".sample-bubbles .is-answer")).ToBeVisibleAsync();
        await me.PictureAsync("sample");
        await me.Page.GoBackAsync();
        await Expect(me.Dialog).ToHaveCountAsync(0);
    }

    private static async Task RunAsync(Person me)
    {
        await me.Link(me.Text<SamplesTexts>("StartRun")).ClickAsync();
        await Expect(me.Page.Locator("ul.targets li").First).ToBeVisibleAsync();
        foreach (var choice in await me.Page.Locator("ul.targets input[type=checkbox]").AllAsync())
        {
            await choice.CheckAsync();
        }
        var scorers = me.Page.Locator("ul.scorers > li");
        foreach (var scorer in await scorers.AllAsync())
        {
            await scorer.GetByRole(AriaRole.Checkbox).First.CheckAsync();
        }
        await me.PictureAsync("new-run");
        await me.Button(me.Text<RunsTexts>("Start")).ClickAsync();
        await me.Page.WaitForURLAsync(RunAddress());
        await Expect(me.Page.GetByText(me.Text<RunsTexts>("State_Completed")).First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(me.Page.Locator("a.answer").First).ToBeVisibleAsync();
        await me.PictureAsync("run");
        await me.Page.Locator("a.answer").First.ClickAsync();
        await Expect(me.Dialog).ToBeVisibleAsync();
        await me.PictureAsync("trial");
        await me.Page.GoBackAsync();
        await Expect(me.Dialog).ToHaveCountAsync(0);
    }

    private static async Task ReproduceAsync(Person me)
    {
        await me.Link(me.Text<ShellTexts>("Nav_Sessions")).ClickAsync();
        await Expect(me.Page.Locator("tbody tr .bad").First).ToBeVisibleAsync();
        await me.Page.Locator("tbody tr .session-id a").First.ClickAsync();
        await Answer(me).GetByRole(AriaRole.Link, new() { Name = me.Text<SessionsTexts>("Reproduce") }).ClickAsync();
        await me.Page.WaitForURLAsync(NewReproductionAddress());
        await Expect(me.Dialog).ToHaveCountAsync(0);
        await Expect(me.Page.Locator("body")).ToContainTextAsync("忘了记忆");
        await me.Page.GetByLabel(me.Text<ReproductionTexts>("TargetVersions")).First.ClickAsync();
        await me.Page.Locator(".mud-popover-open .mud-list-item").First.ClickAsync();
        await Expect(me.Page.Locator("ol.targets li")).ToHaveCountAsync(1);
        await me.Page.GetByLabel(me.Text<ReproductionTexts>("Times")).FillAsync("6");
        await me.Page.GetByLabel(me.Text<ReproductionTexts>("StopsEarly")).UncheckAsync();
        await me.Page.GetByLabel(me.Text<ReproductionTexts>("OverrideOf", "temperature")).FillAsync("0.9");
        await me.Page.Keyboard.PressAsync("Tab");
        await me.PictureAsync("new-reproduction");
        await me.Button(me.Text<ReproductionTexts>("Start")).ClickAsync();
        await me.Page.WaitForURLAsync(ReproductionAddress());
        await Expect(me.Page.Locator("ol.generations > li.generation")).ToHaveCountAsync(6, new() { Timeout = 60_000 });
        await Expect(me.Page.Locator(".arm .mud-progress-linear")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await Expect(me.Page.Locator(".arm .figures")).ToContainTextAsync("6");
        await me.Button(me.Text<ReproductionTexts>("Debug")).First.ClickAsync();
        await Expect(me.Page.Locator("ol.generations .debug .two")).ToBeVisibleAsync();
        await Expect(me.Page.Locator("table.list").First).ToContainTextAsync("0.9");
        await me.PictureAsync("reproduction");
    }

    private static ILocator Answer(Person me) => me.Dialog.Locator(".chat-messages > li").Filter(new() { Has = me.Page.Locator("button.verdict.bad") }).First;

    [GeneratedRegex("/runs/[0-9]+")]
    private static partial Regex RunAddress();

    [GeneratedRegex("pair=51202%3A9102%2C51101%3A9101")]
    private static partial Regex PairsAddress();

    [GeneratedRegex("/sets/[0-9]+")]
    private static partial Regex SetAddress();

    [GeneratedRegex("/reproductions/new\\?message=[0-9]+")]
    private static partial Regex NewReproductionAddress();

    [GeneratedRegex("/reproductions/[0-9]+")]
    private static partial Regex ReproductionAddress();
}

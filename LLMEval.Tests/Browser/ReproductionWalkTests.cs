using System.Collections.Concurrent;
using System.Text.Json;
using LLMEval.Blazor;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Sessions;
using LLMEval.Core.Targets;
using LLMEval.Tests.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LLMEval.Tests.Browser;

/// <summary>From a bad message to its verdict, against an endpoint whose behaviour is known: always bad, 30 % bad, never bad, and one that is asked otherwise than production was.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ReproductionWalkTests(Browsers browsers)
{
    private const string Bad = "你猜呀，我才不告诉你";
    private const string Other = "今天也要开心呀";
    private const string Good = "还没呢，在等你，早点睡哦";
    private const string Recorded = """{"model":"never","temperature":0.8,"top_p":0.9,"seed":7,"stream":true,"messages":[{"role":"user","content":"睡觉了嘛"}]}""";

    [BrowserTheory]
    [InlineData("zh-CN")]
    [InlineData("en")]
    public async Task Walk_SearchReportReproduce_EachVerdictAndEachDifferenceComesOutRight(string culture)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var message = await BadMessageAsync(database);
        await using var endpoint = await EndpointAsync();
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync(Person.Email, RoleNames.Admin);
        foreach (var (name, version) in new (string, TargetVersionRequest)[]
        {
            ("always", new(endpoint.Url + "v1", "always", MaxParallel: 1)),
            ("thirty", new(endpoint.Url + "v1", "thirty", MaxParallel: 1)),
            ("altered", new(endpoint.Url + "v1", "never-2026-01-31", SystemPrompt: "be brief", Parameters: JsonElement.Parse("""{"top_k":40}"""), MaxParallel: 1)),
            ("never", new(endpoint.Url + "v1", "never", MaxParallel: 1)),
        })
        {
            Assert.True((await app.Get<AddTarget>().ExecuteAsync(new TargetRequest(name, null, Connector.OpenAI, version), database.Admin, default)).IsOk);
        }
        await using var me = await browsers.PersonAsync(app, culture);
        await me.SignInAsync(Person.Email, TestApp.Password);

        await me.OpenAsync(Urls.With(Urls.Messages, ("text", Bad[..4]), ("range", "all")));
        await me.Link(me.Text<SearchTexts>("Reproduce")).First.ClickAsync();
        await Expect(me.Page.Locator(".case")).ToContainTextAsync("睡觉了嘛");
        await me.Button(me.Text<ReproductionTexts>("ReportToSet")).ClickAsync();
        await me.Dialog.GetByText(me.Text<SamplesTexts>("IntoNewSet")).ClickAsync();
        await me.Dialog.GetByRole(AriaRole.Textbox).First.FillAsync("bad cases");
        await me.Dialog.GetByRole(AriaRole.Button, new() { Name = me.Text<SamplesTexts>("AddToSet"), Exact = true }).ClickAsync();
        await me.Dialog.GetByRole(AriaRole.Button, new() { Name = me.Text<SamplesTexts>("Close"), Exact = true }).ClickAsync();
        foreach (var name in new[] { "always", "thirty", "altered", "never" })
        {
            await me.Page.GetByLabel(me.Text<ReproductionTexts>("TargetVersions")).First.FillAsync(name);
            await me.Page.Locator(".mud-popover-open .mud-list-item").Filter(new() { HasText = name + "@1" }).ClickAsync();
            await Expect(me.Page.Locator("ol.targets li").Filter(new() { HasText = name + "@1" })).ToHaveCountAsync(1);
        }
        await me.Page.GetByLabel(me.Text<ReproductionTexts>("Criterion")).First.ClickAsync();
        await me.Page.Locator(".mud-popover-open .mud-list-item").Filter(new() { HasText = me.Text<ReproductionTexts>("Criterion_Contains") }).ClickAsync();
        await me.Page.GetByLabel(me.Text<ReproductionTexts>("ContainsTexts")).FillAsync("你猜");
        await me.PictureAsync("reproduction-form");
        await me.Button(me.Text<ReproductionTexts>("Start")).ClickAsync();

        await Expect(me.Page.Locator(".arm")).ToHaveCountAsync(4);
        await Expect(me.Page.Locator(".more")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        foreach (var (arm, verdict, bad, graded) in new[] { (0, "StillHappens", 2, 2), (1, "StillHappens", 3, 9), (2, "Fixed", 0, 10), (3, "Fixed", 0, 10) })
        {
            await Expect(me.Page.Locator(".arm .verdict").Nth(arm)).ToHaveTextAsync(me.Text<ReproductionTexts>("Outcome_" + verdict));
            await Expect(me.Page.Locator(".arm .figures").Nth(arm)).ToContainTextAsync(me.Text<ReproductionTexts>("BadOf", bad, graded));
        }
        await Expect(me.Page.Locator(".comparison")).ToHaveCountAsync(3);
        await me.PictureAsync("reproduction-result");

        await me.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await me.Page.ReloadAsync();
        await me.ReadyAsync();
        await me.PictureAsync("reproduction-dark");
        await me.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await me.Page.ReloadAsync();
        await me.ReadyAsync();

        // Production's own way of asking: nothing that matters differs.
        await Expect(me.Page.Locator(".same")).ToHaveTextAsync(me.Text<ReproductionTexts>("Same_Same"));
        await Expect(Row(me, "temperature")).ToContainTextAsync(me.Text<ReproductionTexts>("Difference_Equal"));
        await Expect(Row(me, "seed")).ToContainTextAsync(me.Text<ReproductionTexts>("Note_OwnSeed"));
        await Expect(Row(me, "stream")).ToContainTextAsync(me.Text<ReproductionTexts>("Note_Transport"));
        await me.Page.GetByRole(AriaRole.Tab, new() { Name = "altered@1" }).ClickAsync();
        await Expect(me.Page.Locator(".same")).ToHaveTextAsync(me.Text<ReproductionTexts>("Same_Different"));
        await Expect(Row(me, "top_k")).ToContainTextAsync(me.Text<ReproductionTexts>("Note_VersionOnly"));
        await Expect(Row(me, "model")).ToContainTextAsync(me.Text<ReproductionTexts>("Note_DatedModel"));
        await Expect(me.Page.Locator(".prompt ins")).ToContainTextAsync("be brief");
        await me.PictureAsync("reproduction-parameters");
        await me.Page.GetByRole(AriaRole.Tab, new() { Name = "always@1" }).ClickAsync();
        await Expect(Row(me, "model")).ToContainTextAsync(me.Text<ReproductionTexts>("Note_OtherModel"));

        await me.Button(me.Text<ReproductionTexts>("Debug")).First.ClickAsync();
        await Expect(me.Page.Locator(".debug .json-block").First).ToContainTextAsync("\"always\"");
        await Expect(me.Button(me.Text<ReproductionTexts>("CopyCurl"))).ToBeVisibleAsync();
        await JudgeByKeyAsync(me, database);

        await me.Button(me.Text<ReproductionTexts>("KeepRegression")).ClickAsync();
        await me.Dialog.GetByRole(AriaRole.Button, new() { Name = me.Text<ReproductionTexts>("KeepRegression"), Exact = true }).ClickAsync();
        await Expect(me.Dialog).ToHaveCountAsync(0);
        await me.Page.GetByRole(AriaRole.Tab, new() { Name = "never@1" }).ClickAsync();
        await me.Button(me.Text<ReproductionTexts>("AsGroundTruth")).First.ClickAsync();
        await Expect(me.Page.GetByText(me.Text<ReproductionTexts>("Accepted"))).ToBeVisibleAsync();
        await using var db = database.Open();
        Assert.Equal(Good, (await db.Labels.SingleAsync(l => l.MessageId == message.Id && l.GroundTruth != null)).GroundTruth);
        Assert.Equal(2, await db.EvaluationSets.CountAsync(s => s.ItemCount == 1));
        Assert.Equal(KeepRegression.Tag, (await db.SampleTags.SingleAsync(t => t.Name == KeepRegression.Tag)).Name);

        await AddByOneClickAsync(me, database);
        await me.OpenAsync(Urls.With(Urls.Reproductions, ("verdict", "fixed")));
        await Expect(me.Page.Locator("table.list tbody tr")).ToHaveCountAsync(1);
        await me.PictureAsync("reproductions");
        await me.OpenAsync(Urls.With(Urls.Reproductions, ("verdict", "stillhappens")));
        await Expect(me.Page.Locator("table.list tbody tr")).ToHaveCountAsync(0);
        await CheckRegressionAsync(me);
        Assert.Empty(me.Complaints);
    }

    /// <summary>The set of the regression sample is asked of the newest version of a target at once, and its case's history goes on.</summary>
    private static async Task CheckRegressionAsync(Person me)
    {
        await me.OpenAsync(Urls.Regression);
        await me.PictureAsync("no-regression-checks");
        await me.Button(me.Text<ReproductionTexts>("NewCheck")).ClickAsync();
        foreach (var (label, name) in new[] { ("Set", "regression"), ("Target", "never") })
        {
            var field = me.Dialog.GetByLabel(me.Text<ReproductionTexts>(label), new() { Exact = true });
            await field.ClickAsync();
            await me.Page.Locator(".mud-popover-open .mud-list-item").Filter(new() { HasText = name }).ClickAsync();
            await Expect(field).ToHaveValueAsync(name);
        }
        await me.PictureAsync("new-regression-check");
        await me.Dialog.GetByRole(AriaRole.Button, new() { Name = me.Text<ReproductionTexts>("NewCheck"), Exact = true }).ClickAsync();
        await Expect(me.Dialog).ToHaveCountAsync(0);
        for (var round = 0; round < 60 && await me.Page.Locator(".history li").CountAsync() < 5; round++)
        {
            await me.Page.WaitForTimeoutAsync(500);
            await me.Page.ReloadAsync();
            await me.ReadyAsync();
        }
        await Expect(me.Page.Locator(".history li")).ToHaveCountAsync(5);
        await me.PictureAsync("regression-checks");
    }

    /// <summary>Another message goes into the set that was filled last by one click, and out of it by another one.</summary>
    private static async Task AddByOneClickAsync(Person me, TestDatabase database)
    {
        await me.OpenAsync(Urls.With(Urls.Messages, ("text", Other[..4]), ("range", "all")));
        await me.Button(me.Text<SharedTexts>("AddToSet")).First.ClickAsync();
        await Expect(me.Page.Locator(".added-notice")).ToContainTextAsync(me.Text<SharedTexts>("AddedToSet", "bad cases"));
        await using var db = database.Open();
        Assert.Equal(2, (await db.EvaluationSets.AsNoTracking().SingleAsync(s => s.Name == "bad cases")).ItemCount);
        await me.PictureAsync("added-by-one-click");
        await me.Button(me.Text<SharedTexts>("Undo")).ClickAsync();
        await Expect(me.Page.GetByText(me.Text<SharedTexts>("TakenOut", "bad cases"))).ToBeVisibleAsync();
        Assert.Equal(1, (await db.EvaluationSets.AsNoTracking().SingleAsync(s => s.Name == "bad cases")).ItemCount);
    }

    /// <summary>The first answer of the version that always fails is called good by key, and then bad again.</summary>
    private static async Task JudgeByKeyAsync(Person me, TestDatabase database)
    {
        await me.Page.Locator("h1").ClickAsync();
        await me.Page.Keyboard.PressAsync("j");
        await Expect(me.Page.Locator(".generation.is-current")).ToHaveCountAsync(1);
        await me.Page.Keyboard.PressAsync("g");
        await Expect(me.Page.Locator(".generation.is-good")).ToHaveCountAsync(1);
        await using var db = database.Open();
        Assert.Equal(1, await db.ReproductionGenerations.CountAsync(g => g.JudgedByName != null && g.Verdict == GenerationVerdict.Good));
        await me.Page.Keyboard.PressAsync("b");
        await Expect(me.Page.Locator(".generation.is-good")).ToHaveCountAsync(0);
        await Expect(me.Page.Locator(".arm .verdict").First).ToHaveTextAsync(me.Text<ReproductionTexts>("Outcome_StillHappens"));
    }

    private static ILocator Row(Person me, string key) => me.Page.Locator("table.list tbody tr").Filter(new() { Has = me.Page.GetByRole(AriaRole.Cell, new() { Name = key, Exact = true }) }).Last;

    private static async Task<Message> BadMessageAsync(TestDatabase database)
    {
        var (_, messages) = await database.SessionAsync(contents: ["睡觉了嘛", Bad]);
        await database.SessionAsync("s-2", contents: ["早", Other]);
        await using var db = database.Open();
        db.Generations.Add(new Generation { MessageId = messages[1].Id, Model = "never", ParametersJson = """{"temperature":0.8,"top_p":0.9,"seed":7}""", RequestJson = Recorded });
        await db.SaveChangesAsync();
        await new LabelMessage(database.Contexts, database.Clock).ExecuteAsync(new(messages[1].Id, Verdict.Bad, Comment: "cold"), database.Admin with { UserId = 77, Name = "wu" }, default);
        return messages[1];
    }

    /// <summary>Answers by the model that is asked: "thirty" is bad the third, seventh and ninth time of ten.</summary>
    private static async Task<FakeOpenAI> EndpointAsync()
    {
        var asked = new ConcurrentDictionary<string, int>();
        var endpoint = await FakeOpenAI.StartAsync();
        endpoint.Otherwise = async context =>
        {
            var model = JsonElement.Parse((string)context.Items[FakeOpenAI.Body]!).GetProperty("model").GetString()!;
            var time = asked.AddOrUpdate(model, 1, (_, before) => before + 1) % 10;
            var isBad = model == "always" || (model == "thirty" && (time is 3 or 7 or 9));
            await FakeOpenAI.Answer(isBad ? Bad : Good)(context);
        };
        return endpoint;
    }
}

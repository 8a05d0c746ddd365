using System.Globalization;
using LLMEval.Blazor;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Demo;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LLMEval.Tests.Browser;

/// <summary>A manager makes a queue, two people label it at once in two windows, and what they disagree about is settled.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LabellingTests(Browsers browsers)
{
    private const int Size = 6;

    [BrowserTheory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Queue_LabelledInTwoWindows_LosesNothingAndIsSettled(string culture)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync(Person.Email, RoleNames.Manager);
        await app.AddAccountAsync("anna@example.com", RoleNames.Annotator);
        await app.AddAccountAsync("ben@example.com", RoleNames.Annotator);
        var demo = await app.Get<RunDemo>().ExecuteAsync(new DemoRequest(null), Actor.Operator(Permissions.All), null, CancellationToken.None);
        Assert.Null(demo.Failure);
        await using var lin = await browsers.PersonAsync(app, culture);
        await using var anna = await browsers.PersonAsync(app, culture);
        await using var ben = await browsers.PersonAsync(app, culture);
        await lin.SignInAsync(Person.Email, TestApp.Password);
        await anna.SignInAsync("anna@example.com", TestApp.Password);
        await ben.SignInAsync("ben@example.com", TestApp.Password);

        await SetUpAsync(lin);
        var queue = await MakeQueueAsync(lin);
        await LabelAsync(anna, ben);
        await using (var db = database.Open())
        {
            var slots = await db.QueueSlots.Where(s => s.State == SlotState.Done).ToListAsync();
            Assert.Equal(Size * 2, slots.Count);
            Assert.Equal(Size, slots.Select(s => s.MessageId).Distinct().Count());
            Assert.All(slots.GroupBy(s => s.MessageId), g => Assert.Equal(2, g.Select(s => s.AnnotatorId).Distinct().Count()));
        }
        await CompareAsync(lin, queue);
        await SettleAsync(lin, queue);

        Assert.Empty(lin.Complaints.Concat(anna.Complaints).Concat(ben.Complaints));
    }

    private static async Task SetUpAsync(Person lin)
    {
        await lin.OpenAsync(Urls.LabelSettings);
        await lin.Button(lin.Text<LabelsTexts>("TakeCommon")).ClickAsync();
        await lin.Page.GetByLabel(lin.Text<LabelsTexts>("Shortcut")).First.FillAsync("m");
        await lin.Page.Keyboard.PressAsync("Tab");
        await lin.PictureAsync("label-settings");
        await lin.Button(lin.Text<LabelsTexts>("Save")).ClickAsync();
        await Expect(lin.Page.GetByText(lin.Text<LabelsTexts>("Saved"))).ToBeVisibleAsync();
    }

    private static async Task<string> MakeQueueAsync(Person lin)
    {
        await lin.OpenAsync(Urls.With(Urls.Messages, ("range", "all"), ("sender", "bot")));
        await lin.Page.Locator(".messages-grid tbody input[type=checkbox]").First.CheckAsync();
        await lin.PictureAsync("messages-chosen");
        await lin.Page.Locator(".page-header-actions").GetByRole(AriaRole.Link, new() { Name = lin.Text<SearchTexts>("SendToLabelling") }).ClickAsync();
        await lin.Page.GetByLabel(lin.Text<LabelsTexts>("Name"), new() { Exact = true }).FillAsync("empathy");
        await lin.Page.GetByLabel(lin.Text<LabelsTexts>("Instructions")).FillAsync("Good: warm, remembers, answers the question.\nBad: cold, repeats itself, preaches.");
        await lin.Page.GetByLabel(lin.Text<LabelsTexts>("Size")).FillAsync(Size.ToString(CultureInfo.InvariantCulture));
        await lin.Page.GetByLabel(lin.Text<LabelsTexts>("Overlap"), new() { Exact = true }).FillAsync("2");
        await lin.Page.Keyboard.PressAsync("Tab");
        await lin.PictureAsync("new-queue");
        await lin.Button(lin.Text<LabelsTexts>("CreateQueue")).ClickAsync();
        await Expect(lin.Page.GetByRole(AriaRole.Heading, new() { Name = "empathy" })).ToBeVisibleAsync();
        await lin.PictureAsync("queue");
        return new Uri(lin.Page.Url).AbsolutePath;
    }

    private static async Task LabelAsync(Person anna, Person ben)
    {
        foreach (var person in new[] { anna, ben })
        {
            await person.OpenAsync(Urls.Labelling);
            await person.Link(person.Text<LabelsTexts>("Label")).ClickAsync();
            await Expect(person.Page.Locator(".work-form")).ToBeVisibleAsync();
        }
        await anna.PictureAsync("annotator-work");
        await anna.Page.Keyboard.PressAsync("?");
        await Expect(anna.Dialog).ToBeVisibleAsync();
        await anna.PictureAsync("annotator-keys");
        await anna.Page.Keyboard.PressAsync("Escape");
        await Expect(anna.Dialog).ToHaveCountAsync(0);
        // Enter without a verdict says so and loses nothing.
        await anna.Page.Keyboard.PressAsync("Enter");
        await Expect(anna.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync(anna.Text<LabelsTexts>("VerdictFirst"));

        // What is typed into a field is text, and Ctrl+Enter takes it along.
        await anna.Page.Keyboard.PressAsync("t");
        await anna.Page.Keyboard.TypeAsync("gbz");
        await anna.Page.Keyboard.PressAsync("Escape");
        await AnswerAsync(anna, "b");
        await anna.Page.Keyboard.PressAsync("z");
        await Expect(anna.Page.Locator(".work-head .figures")).ToContainTextAsync(anna.Text<LabelsTexts>("DoneOf", "0", "12"));
        await anna.Page.Keyboard.PressAsync("g");
        await anna.Page.Keyboard.PressAsync("t");
        await anna.Page.Keyboard.TypeAsync("b7");
        await anna.Page.Keyboard.PressAsync("Control+Enter");
        await Expect(anna.Page.Locator(".work-head .figures")).ToContainTextAsync(anna.Text<LabelsTexts>("DoneOf", "1", "12"));
        await anna.Page.Keyboard.PressAsync("z");
        await Expect(anna.Page.Locator(".work-head .figures")).ToContainTextAsync(anna.Text<LabelsTexts>("DoneOf", "0", "12"));
        for (var i = 0; i < Size; i++)
        {
            await Task.WhenAll(AnswerAsync(anna, "g"), AnswerAsync(ben, i % 2 == 0 ? "g" : "b"));
        }
        foreach (var person in new[] { anna, ben })
        {
            await Expect(person.Page.Locator(".work-form")).ToHaveCountAsync(0);
        }
        await ben.Page.ReloadAsync();
        await ben.ReadyAsync();
        await Expect(ben.Page.GetByRole(AriaRole.Heading, new() { Name = ben.Text<LabelsTexts>("QueueDone") })).ToBeVisibleAsync();
        await ben.PictureAsync("annotator-done");
        // An annotator finds nothing else.
        await ben.Page.GotoAsync(Urls.Sessions);
        await Expect(ben.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await Expect(ben.Page.Locator(".sessions-grid")).ToHaveCountAsync(0);
    }

    private static async Task AnswerAsync(Person person, string verdict)
    {
        var answer = await person.Page.Locator(".work-answer").InnerTextAsync();
        var mine = await person.Page.Locator(".work-head > .muted").InnerTextAsync();
        await person.Page.Keyboard.PressAsync(verdict);
        await Expect(person.Page.Locator(verdict == "g" ? ".choice.good" : ".choice.bad")).ToHaveAttributeAsync("aria-checked", "true");
        await person.Page.Keyboard.PressAsync("7");
        await person.Page.Keyboard.PressAsync("m");
        await Expect(person.Page.Locator(".issue").First).ToHaveAttributeAsync("aria-pressed", "true");
        await person.Page.Keyboard.PressAsync("Enter");
        await Expect(person.Page.Locator(".work-head > .muted")).Not.ToHaveTextAsync(mine);
        Assert.NotEmpty(answer);
    }

    private static async Task CompareAsync(Person lin, string queue)
    {
        await lin.OpenAsync(queue);
        await lin.PictureAsync("queue-done");
        await lin.Link(lin.Text<LabelsTexts>("Agreement")).ClickAsync();
        await Expect(lin.Page.Locator(".matrix")).ToBeVisibleAsync();
        await lin.PictureAsync("agreement");
        await lin.Page.Locator(".matrix .differs a").First.ClickAsync();
        await Expect(lin.Page.Locator("#cell")).ToBeVisibleAsync();
        await lin.PictureAsync("agreement-cell");
    }

    private static async Task SettleAsync(Person lin, string queue)
    {
        await lin.OpenAsync(Urls.With(Urls.Disputes, ("queue", queue.Split('/')[^1])));
        await Expect(lin.Page.Locator("table.list tbody tr")).ToHaveCountAsync(Size / 2);
        await lin.PictureAsync("disputes");
        await lin.Button(lin.Text<LabelsTexts>("SettleAll")).ClickAsync();
        await Expect(lin.Dialog).ToBeVisibleAsync();
        await lin.Dialog.GetByRole(AriaRole.Radio, new() { Name = lin.Text<LabelsTexts>("Verdict_Bad") }).ClickAsync();
        await lin.Dialog.GetByRole(AriaRole.Button, new() { Name = lin.Text<LabelsTexts>("Settle"), Exact = true }).ClickAsync();
        await Expect(lin.Dialog.GetByText(lin.Text<FailuresTexts>("ReasonUnknown"))).ToBeVisibleAsync();
        await lin.PictureAsync("settle");
        await lin.Dialog.GetByLabel(lin.Text<LabelsTexts>("Why")).ClickAsync();
        await lin.Page.Locator(".mud-popover-open").GetByText(lin.Text<LabelsTexts>("Reason_Taste"), new() { Exact = true }).ClickAsync();
        await Expect(lin.Dialog.GetByRole(AriaRole.Combobox, new() { Name = lin.Text<LabelsTexts>("Why") })).ToHaveValueAsync(lin.Text<LabelsTexts>("Reason_Taste"));
        await lin.Dialog.GetByRole(AriaRole.Button, new() { Name = lin.Text<LabelsTexts>("Settle"), Exact = true }).ClickAsync();
        await Expect(lin.Dialog.GetByText(lin.Text<FailuresTexts>("ReasonUnknown"))).ToHaveCountAsync(0);
        await lin.Dialog.GetByRole(AriaRole.Button, new() { Name = lin.Text<SharedTexts>("Cancel") }).ClickAsync();
        await Expect(lin.Page.Locator("table.list tbody tr")).ToHaveCountAsync((Size / 2) - 1);
        await lin.Page.Locator(".versions").GetByText(lin.Text<LabelsTexts>("Dispute_Settled")).ClickAsync();
        await Expect(lin.Page.GetByText(lin.Text<LabelsTexts>("Reason_Taste"))).ToBeVisibleAsync();
        await lin.PictureAsync("settled");
    }
}

using System.Globalization;
using Bunit;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Targets;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Components.Runs;

public sealed class RunPagesTests
{
    [Fact]
    public async Task Form_AsAViewer_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer);

        var page = pages.Open("/runs/new?set=1");

        page.WaitForAssertion(() => Assert.Equal("You may not open this page", page.Find("main h1").TextContent));
    }

    [Fact]
    public async Task Form_CountsAnswers_SaysWhatIsMissing_AndStarts()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await database.SetAsync(3);
        await database.TargetVersionAsync("recorded");
        await using var pages = new PageContext(database);
        await pages.SignInAsync();
        var page = pages.Open(Address("/runs/new?set=", setId));

        page.WaitForElement(".start button").Click();
        page.WaitForAssertion(() => Assert.Equal("Choose 1 to 20 target versions.", page.Find(".problem").TextContent));
        page.Find(".targets input").Change(true);
        page.WaitForAssertion(() => Assert.StartsWith("3 answers", page.Find(".start p").TextContent, StringComparison.Ordinal));
        page.Find(".start button").Click();

        page.WaitForAssertion(() => Assert.Equal("/runs/1", pages.Address));
        page.WaitForAssertion(() => Assert.Contains("0 of 3 done", page.Find(".run-progress").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ThatEnded_ShowsSummaryAndAnswers_FailuresInWords_AndUnscoredNeverAsZero()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var run = await EndedAsync(database, (transcript, target, _) =>
            Task.FromResult(target.Name == "bad" && transcript.Messages[^1].Text == "question 1" ? Script.Refusal() with { ErrorType = "server_error" } : Script.Reply("answer " + target.Name)), 2, "good", "bad");
        await using var pages = new PageContext(database);
        await pages.SignInAsync(RoleNames.Viewer);

        var page = pages.Open(Address("/runs/", run));

        page.WaitForAssertion(() => Assert.Contains("4 of 4 done", page.Find(".run-progress").TextContent, StringComparison.Ordinal));
        Assert.Equal(["good@1", "bad@1", "good@1", "bad@1"], page.FindAll(".summary .target").Select(t => t.TextContent));
        Assert.Equal("no value", page.Find(".summary .value").TextContent);
        Assert.Contains("higher is better", page.Find(".summary .direction").TextContent, StringComparison.Ordinal);
        Assert.Contains(page.FindAll("svg.interval-bar"), s => s.GetAttribute("aria-label")!.StartsWith("good@1, Length: 11", StringComparison.Ordinal));
        Assert.Equal(["answer good", "answer bad", "answer good"], page.FindAll(".results .answer").Select(a => a.TextContent.Trim()));
        Assert.Contains("The endpoint failed", page.Find(".results .failed").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("Unscored", page.Find(".results dd").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".page-header-actions button"));
    }

    [Fact]
    public async Task Run_ByItsAddress_FiltersComparesAndOpensAnAnswer()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var run = await EndedAsync(database, (transcript, target, _) =>
            Task.FromResult(transcript.Messages[^1].Text == "question 1" && target.Name == "b" ? Script.Refusal() : Script.Reply("我今天很" + (target.Name == "a" ? "高兴呀" : "难过呀"))), 3, "a", "b");
        await using var pages = new PageContext(database, "zh-CN");
        await pages.SignInAsync();

        var page = pages.Open(Address("/runs/", run) + "?state=failed");
        page.WaitForAssertion(() => Assert.Equal(["question 1"], page.FindAll(".results .turn-user").Select(t => t.TextContent)));
        pages.Go(Address("/runs/", run) + "?against=0");
        page.WaitForAssertion(() => Assert.Equal(("难过", "高兴"), (page.Find(".results ins").TextContent, page.Find(".results del").TextContent)));
        pages.Go(Address("/runs/", run) + "?targets=1");
        page.WaitForAssertion(() => Assert.Equal(["b@1"], page.FindAll(".results th.answer-column").Select(t => t.TextContent.Trim())));
        pages.Go(Address("/runs/", run) + "?item=0&trial=2");

        page.WaitForAssertion(() => Assert.Contains("我今天很难过呀", page.Find(".mud-dialog .answer").TextContent, StringComparison.Ordinal));
        Assert.Contains("\"messages\"", page.Find(".mud-dialog .json-block").TextContent, StringComparison.Ordinal);
        page.FindAll(".mud-dialog-actions button")[^1].Click();
        page.WaitForAssertion(() => Assert.Equal(Address("/runs/", run), pages.Address));
    }

    [Fact]
    public async Task Run_WhileLive_FollowsByItself_AndIsCancelled()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var setId = await database.SetAsync(2);
        var target = await database.TargetVersionAsync("recorded");
        await using var pages = new PageContext(database);
        await using var host = RunHost.Idle(database, new Script());
        await pages.SignInAsync();
        var run = await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default);
        var page = pages.Open(Address("/runs/", run.Value));
        page.WaitForAssertion(() => Assert.Contains("0 of 2 done", page.Find(".run-progress").TextContent, StringComparison.Ordinal));

        await host.Get<RunWorker>().ExecuteAsync(run.Value, 0, default);
        database.Clock.Advance(TimeSpan.FromSeconds(2));

        page.WaitForAssertion(() => Assert.Contains("2 of 2 done", page.Find(".run-progress").TextContent, StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Contains("Completed", page.Find(".run-line").TextContent, StringComparison.Ordinal));
        var second = await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length"), Seed: 1, Name: "second"), database.Admin, default);
        pages.Go(Address("/runs/", second.Value));
        page.WaitForElement(".page-header-actions button").Click();
        page.WaitForElement(".mud-dialog-actions button + button").Click();
        page.WaitForAssertion(() => Assert.Contains("Cancelled", page.Find(".run-line").TextContent, StringComparison.Ordinal));
        pages.Go("/runs?state=cancelled");
        page.WaitForAssertion(() => Assert.Equal(["second"], page.FindAll("table.list a.name").Select(a => a.TextContent)));
    }

    private static async Task<long> EndedAsync(TestDatabase database, Func<Transcript, TargetSnapshot, CancellationToken, Task<TargetReply>> answer, int items, params string[] targets)
    {
        var setId = await database.SetAsync(items);
        var versions = new List<long>();
        foreach (var name in targets)
        {
            versions.Add(await database.TargetVersionAsync(name));
        }
        await using var host = RunHost.Idle(database, new Script(answer));
        var run = await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, versions, host.Specs("chrf", "length")), database.Admin, default);
        await host.Get<RunWorker>().ExecuteAsync(run.Value, 0, default);
        return run.Value;
    }

    private static string Address(string path, long id) => string.Create(CultureInfo.InvariantCulture, $"{path}{id}");
}

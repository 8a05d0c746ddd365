using Bunit;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Tests.Components.Reproduction;

public sealed class ReproductionPagesTests
{
    [Fact]
    public async Task Form_ForAMessage_ShowsTheCaseAndWhatWasRecorded()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync(contents: ["睡觉了嘛", "你说呢"]);
        await using (var db = database.Open())
        {
            db.Generations.Add(new LLMEval.Core.Sessions.Generation { MessageId = messages[1].Id, Model = "m", ParametersJson = """{"temperature":0.35}""" });
            await db.SaveChangesAsync();
        }
        await using var context = new PageContext(database, "zh-CN");
        await context.SignInAsync();

        var page = context.Open($"/reproductions/new?message={messages[1].Id}");

        page.WaitForAssertion(() => Assert.Contains("睡觉了嘛", page.Markup, StringComparison.Ordinal));
        Assert.Contains("你说呢", page.Markup, StringComparison.Ordinal);
        Assert.Contains(page.FindAll("td.mono"), cell => cell.TextContent == "0.35");
    }

    [Fact]
    public async Task Form_ForAMessageOfAnotherBusinessLine_SaysThereIsNone()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync(biz: "companion");
        await using var context = new PageContext(database);
        await context.SignInAsync(RoleNames.Manager, "growth");

        var page = context.Open($"/reproductions/new?message={messages[1].Id}");

        page.WaitForAssertion(() => Assert.Contains("No bot message with these ids", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_AndPage_ShowTheTask_AndTakeAPersonsVerdict()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync();
        await using var context = new PageContext(database);
        await context.SignInAsync();
        var version = await context.Get<AddTarget>().ExecuteAsync(new TargetRequest("bot", null, Connector.Retrieval, new TargetVersionRequest(Model: "retrieval-1")), database.Admin, default);
        var task = await context.Get<StartReproduction>().ExecuteAsync(new ReproductionRequest(ReproductionSource.OfMessage(messages[1].Id), [version.Value], Criterion.Person) { Times = 2 }, database.Admin, default);
        Assert.True(task.IsOk);
        await using (var db = database.Open())
        {
            db.ReproductionGenerations.Add(new ReproductionGeneration { TaskId = task.Value, Index = 0, Text = "an answer", Status = ReplyStatus.Answered, At = database.Clock.GetUtcNow().UtcDateTime });
            await db.SaveChangesAsync();
        }

        var page = context.Open("/reproductions");
        page.WaitForAssertion(() => Assert.Single(page.FindAll("a.name")));
        context.Get<NavigationManager>().NavigateTo($"/reproductions/{task.Value}");
        page.WaitForElement(".generation");
        page.FindAll(".generation-foot button").First(b => b.TextContent.Trim() == "Bad").Click();

        page.WaitForAssertion(() => Assert.Contains("bad in 1 of 1", page.Find(".figures").TextContent, StringComparison.Ordinal));
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Labels;

public sealed class LabelMessageTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Label_SetChangedAndRetracted_KeepsEachStepWithWhoAndWhen(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync();
        var verb = new LabelMessage(database.Contexts, database.Clock);
        var queries = new LabelQueries(database.Contexts);

        var first = await verb.ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Bad, 2.5, "更好的回答", messages[1].Content, ["重复", "冷漠"], "why", 0), database.Admin, default);
        database.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await verb.ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Good, Tags: ["冷漠", "新"], ExpectedVersion: 1), database.Admin, default);
        var stale = await verb.ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Bad, ExpectedVersion: 1), database.Admin, default);
        var colleague = await verb.ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Bad), database.Admin with { UserId = 7, Name = "colleague" }, default);

        Assert.True(first.IsOk && second.IsOk && colleague.IsOk);
        Assert.Equal("LabelChangedMeanwhile", stale.Failure!.Code);
        var labels = (await queries.OfMessagesAsync([messages[1].Id], database.Admin, default))[messages[1].Id].ToList();
        Assert.Equal([Verdict.Good, Verdict.Bad], labels.Select(l => l.Verdict));
        Assert.Equal(["冷漠", "新"], labels[0].Tags);
        Assert.Equal(2, labels[0].Version);

        var retracted = await new RetractLabel(database.Contexts, database.Clock).ExecuteAsync(messages[1].Id, null, database.Admin, default);
        Assert.True(retracted.IsOk);
        var history = await queries.HistoryAsync(messages[1].Id, database.Admin, default);
        Assert.Equal(4, history.Count);
        Assert.Equal("更好的回答", history.Single(h => h.After?.Version == 1 && h.ActorName == "test").After!.GroundTruth);
        await using var db = database.Open();
        Assert.Equal(4, await db.AuditEntries.CountAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Label_SetByTheSamePersonInTwoTabsAtOnce_NeverOverwritesSilently(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync();
        var verb = new LabelMessage(database.Contexts, database.Clock);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            verb.ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Bad, i, ExpectedVersion: 0), database.Admin, default))));

        Assert.Single(results, r => r.IsOk);
        Assert.All(results.Where(r => !r.IsOk), r => Assert.Equal(FailureKind.Conflict, r.Failure!.Kind));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Label_Refused_SaysWhy(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync();
        var verb = new LabelMessage(database.Contexts, database.Clock);
        async Task<string?> Code(LabelRequest request, Actor? actor = null) => (await verb.ExecuteAsync(request, actor ?? database.Admin, default)).Failure?.Code;

        Assert.Equal("Forbidden", await Code(new LabelRequest(messages[1].Id, Verdict.Bad), database.Without(Permissions.LabelsWrite)));
        Assert.Equal("MessageNotFound", await Code(new LabelRequest(messages[1].Id, Verdict.Bad), database.Scoped("growth")));
        Assert.Equal("MessageNotFound", await Code(new LabelRequest(999_999, Verdict.Bad)));
        Assert.Equal("OnlyBotMessagesAreLabelled", await Code(new LabelRequest(messages[0].Id, Verdict.Bad)));
        Assert.Equal("ScoreOutOfRange", await Code(new LabelRequest(messages[1].Id, Verdict.Bad, 10.5)));
        Assert.Equal("ScoreOutOfRange", await Code(new LabelRequest(messages[1].Id, Verdict.Bad, double.NaN)));
        Assert.Equal("TagsTooMany", await Code(new LabelRequest(messages[1].Id, Verdict.Bad, Tags: [new string('x', 65)])));
        Assert.Equal("TextTooLong", await Code(new LabelRequest(messages[1].Id, Verdict.Bad, Comment: new string('x', 20_001))));
    }
}

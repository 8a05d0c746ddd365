using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Samples;

public sealed class TakeSampleTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Take_LongSession_KeepsTheLastMessagesBeforeTheAnswerAndTheMemoryKnownThen(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (session, messages) = await database.SessionAsync(contents: [.. Enumerable.Range(1, 16).Select(i => $"text {i}")]);
        var answer = messages[13];
        await database.MemoryAsync(session, "learned later", answer.SentAt.AddSeconds(1));
        await database.MemoryAsync(session, "learned before", answer.SentAt.AddDays(-1));
        await database.MemoryAsync(session, "of unknown date", null);
        await database.LabelAsync(answer, Verdict.Bad, "a better answer");
        await database.LabelAsync(answer, Verdict.Bad, "a better answer", annotator: 2);
        await using (var db = database.Open())
        {
            db.SessionTags.Add(new SessionTag { SessionId = session.Id, Name = "emotion" });
            db.Generations.Add(new Generation { MessageId = answer.Id, Model = "m-1", PromptVersion = "7", ParametersJson = """{"temperature":0.8}""", LatencyMs = 812 });
            await db.SaveChangesAsync();
        }

        var taken = await new TakeSample(database.Contexts, database.Clock).ExecuteAsync(new TakeSampleRequest(answer.Id), database.Admin, default);

        var sample = await new SampleQueries(database.Contexts).DetailAsync(taken.Value, database.Admin, default);
        Assert.NotNull(sample);
        Assert.Equal(Enumerable.Range(4, 10).Select(i => $"text {i}"), sample.Context.Select(m => m.Content));
        Assert.Equal("user", sample.Context[^1].Role);
        Assert.Equal(["of unknown date", "learned before"], sample.Memory.Select(m => m.Content));
        Assert.Equal("text 14", sample.RecordedAnswer);
        Assert.Equal(["a better answer"], sample.References);
        Assert.Equal(["emotion"], sample.Tags);
        Assert.Equal("m-1", sample.RecordedModel);
        Assert.Equal(session.Id, sample.SessionId);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Take_SameTurnManyTimesAtOnce_IsOneSample(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync();
        var verb = new TakeSample(database.Contexts, database.Clock);

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => verb.ExecuteAsync(new TakeSampleRequest(messages[1].Id), database.Admin, default))));

        Assert.All(taken, t => Assert.Null(t.Failure));
        Assert.Single(taken.Select(t => t.Value).Distinct());
        await using var db = database.Open();
        Assert.Equal(1, await db.Samples.CountAsync());
    }

    [Fact]
    public async Task Take_UserMessageOrOneOutOfScope_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await database.SessionAsync(biz: "companion");
        var verb = new TakeSample(database.Contexts, database.Clock);

        Assert.Equal("BotMessageNotFound", (await verb.ExecuteAsync(new TakeSampleRequest(messages[0].Id), database.Admin, default)).Failure?.Code);
        Assert.Equal("BotMessageNotFound", (await verb.ExecuteAsync(new TakeSampleRequest(messages[1].Id), database.Scoped("game"), default)).Failure?.Code);
        Assert.Equal("Forbidden", (await verb.ExecuteAsync(new TakeSampleRequest(messages[1].Id), database.Without(LLMEval.Core.Access.Permissions.SetsEdit), default)).Failure?.Code);
    }
}

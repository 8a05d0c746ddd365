using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class EditItemTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Edit_WithNothingChanged_KeepsTheSampleOfTheMessage_AndChangesItsTags(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(1);
        var before = await OnlyAsync(database, setId);

        var edited = await new EditItem(database.Contexts, database.Clock).ExecuteAsync(new EditItemRequest(setId, before.ItemId, [], null, 10) { Tags = [" topic / sleep "] }, database.Admin, default);

        Assert.Equal(before.SampleId, edited.Value);
        Assert.Equal(["topic/sleep"], (await OnlyAsync(database, setId)).Tags);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Edit_OfATypedQuestion_TakesAllItsMessages_AndTheDifferencesToNowSayWhichChanged(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("typed"), database.Admin, default)).Value;
        await new AddSamplesToSet(database.Contexts, database.Clock).ExecuteAsync(new AddDraftsRequest(setId, [new SampleDraft([new SampleMessage("user", "hi")]) { Tags = ["mood"] }]), database.Admin, default);
        await new FreezeSet(database.Contexts, database.Clock).ExecuteAsync(setId, database.Admin, default);
        var item = await OnlyAsync(database, setId);

        SampleMessage[] input = [new("user", "hi"), new("assistant", "hello"), new("user", " tell me more ")];
        var edited = await new EditItem(database.Contexts, database.Clock).ExecuteAsync(new EditItemRequest(setId, item.ItemId, [], "short", 10) { Input = input }, database.Admin, default);

        var sample = await new SampleQueries(database.Contexts).DetailAsync(edited.Value, database.Admin, default);
        Assert.Equal(["hi", "hello", "tell me more"], sample!.Context.Select(m => m.Content));
        Assert.Equal(["mood"], sample.Tags);
        var differences = new SetDiffQueries(database.Contexts);
        Assert.Equal(new SetDiffCounts(0, 0, 1, 0), await differences.CountsAsync(setId, 1, null, database.Admin, default));
        Assert.Equal(edited.Value, Assert.Single((await differences.PageAsync(setId, 1, null, SetChange.Changed, new PageRequest(), database.Admin, default)).Items).After!.Id);
        Assert.Null(await differences.CountsAsync(setId, 2, null, database.Admin, default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Conversation_OfASample_IsReadOnlyByThoseWhoMayReadSessions(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync("s-1", contents: ["one", "two", "three", "four"]);
        var taken = await new TakeSample(database.Contexts, database.Clock).ExecuteAsync(new TakeSampleRequest(messages[3].Id, 1), database.Admin, default);
        var queries = new SampleQueries(database.Contexts);

        Assert.Equal(["two", "three"], (await queries.ConversationAsync(taken.Value, 2, database.Admin, default))!.Select(m => m.Content));
        Assert.Null(await queries.ConversationAsync(taken.Value, 2, database.Scoped("other"), default));
        Assert.Null(await queries.ConversationAsync(taken.Value, 2, database.Without(Permissions.SessionsView), default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Scores_OfSamples_AreThoseOfTheThreeNewestRuns(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var host = await RunHost.StartAsync(database, new Script());
        var setId = await database.SetAsync(2);
        var target = await database.TargetVersionAsync("bot");
        var runs = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            var run = await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default);
            await host.EndedAsync(run.Value, database);
            runs.Add(run.Value);
        }
        var items = (await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items;

        var scores = await new SampleScoreQueries(database.Contexts).OfSamplesAsync([.. items.Select(i => i.SampleId)], database.Admin, default);

        Assert.Equal([runs[3], runs[2], runs[1]], scores[items[1].SampleId].Select(s => s.RunId));
        Assert.All(scores[items[1].SampleId], s => Assert.Equal((1, "bot@1", "characters"), (s.Position, s.Target, s.Scores[0].Metric)));
        Assert.Empty(await new SampleScoreQueries(database.Contexts).OfSamplesAsync([items[0].SampleId], database.Scoped("other"), default));
    }

    private static async Task<SetItemRow> OnlyAsync(TestDatabase database, long setId) => Assert.Single((await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items);
}

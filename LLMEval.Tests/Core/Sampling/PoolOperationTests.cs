using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace LLMEval.Tests.Core.Sampling;

public sealed class PoolOperationTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Tags_OfAFilter_AreAddedRemovedMoved_AndEachIsTakenBack(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await AddAsync(database, ("a", "topic/sleep"), ("b", "topic/sleep/deep"), ("c", "topicx"), ("d", ""));

        var added = await RunAsync(database, new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter { Tags = "topic" }, Tags = ["new", " topic / sleep "] });
        Assert.Equal(["a: new,topic/sleep", "b: new,topic/sleep,topic/sleep/deep", "c: topicx", "d: "], await TagsAsync(database));
        var moved = await RunAsync(database, new PoolOperationRequest(PoolWork.MoveTag) { Tags = ["topic"], NewTag = "mood/night" });
        Assert.Equal(["a: mood/night/sleep,new", "b: mood/night/sleep,mood/night/sleep/deep,new", "c: topicx", "d: "], await TagsAsync(database));
        var removed = await RunAsync(database, new PoolOperationRequest(PoolWork.RemoveTags) { Filter = new SampleFilter(), Tags = ["mood", "nobody"] });
        Assert.Equal(["a: new", "b: new", "c: topicx", "d: "], await TagsAsync(database));

        Assert.Equal((2, 4, 2), ((await RowAsync(database, added)).Changed, (await RowAsync(database, removed)).Done, (await RowAsync(database, removed)).Changed));
        foreach (var operation in new[] { removed, moved, added })
        {
            Assert.Null((await Stop(database).UndoAsync(operation, database.Admin, default)).Failure);
        }
        Assert.Equal(["a: topic/sleep", "b: topic/sleep/deep", "c: topicx", "d: "], await TagsAsync(database));
        Assert.Equal((PoolOperationState.Undone, false), ((await RowAsync(database, added)).State, (await RowAsync(database, added)).CanUndo));
        Assert.Equal("PoolOperationOver", (await Stop(database).UndoAsync(added, database.Admin, default)).Failure!.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Remove_TakesOutOfThePool_ButNotOutOfSets_AndComesBack(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await AddAsync(database, ("a", ""), ("b", ""));
        var setId = await SetAsync(database, 1, 2);

        var removed = await RunAsync(database, new PoolOperationRequest(PoolWork.Remove) { SampleIds = [1, 99] });

        Assert.Equal(1, (await Pool(database).CountAsync(new SampleFilter(), database.Admin, default)).Value);
        Assert.Equal(2, (await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items.Count);
        await Stop(database).UndoAsync(removed, database.Admin, default);
        Assert.Equal(2, (await Pool(database).CountAsync(new SampleFilter(), database.Admin, default)).Value);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task AddToSet_OfAFilter_AddsWhatIsNotThere_AndUndoTakesOnlyThat(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await AddAsync(database, ("a", "x"), ("b", "x"), ("c", ""));
        var setId = await SetAsync(database, 2);

        var added = await RunAsync(database, new PoolOperationRequest(PoolWork.AddToSet) { Filter = new SampleFilter { Tags = "x" }, SetId = setId });

        Assert.Equal([2L, 1L], await ItemsAsync(database, setId));
        await Stop(database).UndoAsync(added, database.Admin, default);
        Assert.Equal([2L], await ItemsAsync(database, setId));
        Assert.Equal(1, (await new SetQueries(database.Contexts).DetailAsync(setId, database.Admin, default))!.ItemCount);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task TakeMessages_OfASearch_MakesSamples_TagsThemAndFillsTheSet_TwiceTheSame(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync("s-1", contents: ["one", "two", "three", "four"]);
        await database.SessionAsync("s-2", "game", contents: ["five", "six"]);
        var setId = await SetAsync(database);
        var request = new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { Sessions = new SessionFilter { BizCodes = ["companion"], Range = TimeRange.Everything } }, Tags = ["from/s"], SetId = setId };

        var first = await RunAsync(database, request);
        var second = await RunAsync(database, request);

        Assert.Equal((PoolOperationState.Completed, 2, 2), ((await RowAsync(database, first)).State, (await RowAsync(database, first)).Done, (await RowAsync(database, first)).Changed));
        Assert.Equal((2, 0), ((await RowAsync(database, second)).Done, (await RowAsync(database, second)).Changed));
        Assert.Equal(2, (await ItemsAsync(database, setId)).Count);
        Assert.All(await TagsAsync(database), line => Assert.EndsWith("from/s", line, StringComparison.Ordinal));
        await Stop(database).UndoAsync(first, database.Admin, default);
        Assert.Empty(await ItemsAsync(database, setId));
        Assert.Equal(0, (await Pool(database).CountAsync(new SampleFilter(), database.Admin, default)).Value);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Worker_StoppedInTheMiddle_GoesOnWhereItWas_AndACancelledOneStays(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await AddAsync(database, [.. Enumerable.Range(0, 1203).Select(i => ($"text {i}", ""))]);
        var id = (await Start(database).ExecuteAsync(new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter(), Tags = ["t"] }, database.Admin, default)).Value;
        Assert.Equal((PoolOperationState.Pending, 0), ((await RowAsync(database, id)).State, (await RowAsync(database, id)).Done));
        // As a killed process leaves it: 500 done, and running.
        await using (var db = database.Open())
        {
            db.SampleTags.AddRange(Enumerable.Range(1, 500).Select(i => new SampleTag { SampleId = i, Name = "t" }));
            var operation = await db.PoolOperations.SingleAsync();
            (operation.State, operation.Done, operation.Changed, operation.Place) = (PoolOperationState.Running, 500, 500, "500");
            await db.SaveChangesAsync();
        }

        await Worker(database).RunAsync(id, default);

        Assert.Equal((PoolOperationState.Completed, 1203, 1203), ((await RowAsync(database, id)).State, (await RowAsync(database, id)).Done, (await RowAsync(database, id)).Changed));
        var other = (await Start(database).ExecuteAsync(new PoolOperationRequest(PoolWork.RemoveTags) { Filter = new SampleFilter(), Tags = ["t"] }, database.Admin, default)).Value;
        await Stop(database).CancelAsync(other, database.Admin, default);
        await Worker(database).RunAsync(other, default);
        Assert.Equal((PoolOperationState.Cancelled, 0), ((await RowAsync(database, other)).State, (await RowAsync(database, other)).Done));
    }

    [Fact]
    public async Task Operations_TouchOnlyWhatTheirPersonMaySee()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await AddAsync(database, "companion", ("a", ""));
        await AddAsync(database, "game", ("b", ""));
        var limited = database.Admin with { UserId = 7, BizCodes = ["companion"] };

        var id = (await Start(database).ExecuteAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = [1, 2], Tags = ["t"] }, limited, default)).Value;

        Assert.Equal(["a: t", "b: "], await TagsAsync(database));
        Assert.NotNull(await new PoolOperationQueries(database.Contexts).OneAsync(id, limited, default));
        Assert.Null(await new PoolOperationQueries(database.Contexts).OneAsync(id, limited with { UserId = 8 }, default));
        Assert.Equal("PoolOperationOver", (await Stop(database).UndoAsync(id, limited with { UserId = 8 }, default)).Failure!.Code);
    }

    [Fact]
    public async Task Start_WithWhatCannotBeMeant_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        async Task<string?> CodeAsync(PoolOperationRequest request) => (await Start(database).ExecuteAsync(request, database.Admin, default)).Failure?.Code;

        Assert.Equal("SampleTagMissing", await CodeAsync(new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter(), Tags = [" / "] }));
        Assert.Equal("SamplesMissing", await CodeAsync(new PoolOperationRequest(PoolWork.AddTags) { Tags = ["t"] }));
        Assert.Equal("TagExpressionName", await CodeAsync(new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter { Tags = "(" }, Tags = ["t"] }));
        Assert.Equal("SampleTagBelowItself", await CodeAsync(new PoolOperationRequest(PoolWork.MoveTag) { Tags = ["a"], NewTag = "a/b" }));
        Assert.Equal("SetNotFound", await CodeAsync(new PoolOperationRequest(PoolWork.AddToSet) { SampleIds = [1], SetId = 9 }));
        Assert.Equal("MessagesMissing", await CodeAsync(new PoolOperationRequest(PoolWork.TakeMessages)));
        Assert.Equal("NumberOutOfRange", await CodeAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [] }));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task NearDuplicates_AreFound_AndTheNextIsTheFirstWhenTheFirstIsGone(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        const string Text = "昨天晚上我又失眠了，翻来覆去一直到三点才睡着，今天上班整个人都是晕的";
        await AddAsync(database, (Text, ""), ("完全不同的一句话，说的是猫", ""), (Text + "。", ""), (Text + "！！", ""));
        var compare = new CompareSamples(database.Contexts);

        await compare.ExecuteAsync(default);
        var firsts = await FirstsAsync(database);
        await RunAsync(database, new PoolOperationRequest(PoolWork.Remove) { SampleIds = [1] });
        await compare.ExecuteAsync(default);

        Assert.Equal([null, null, 1L, 1L], firsts);
        Assert.Equal([null, null, null, 3L], (await FirstsAsync(database)).Select((f, i) => i == 0 ? null : f));
        Assert.Equal(1, (await Pool(database).CountAsync(new SampleFilter { Duplicates = DuplicateState.OnlyDuplicates }, database.Admin, default)).Value);
    }

    private static async Task<List<long?>> FirstsAsync(TestDatabase database)
    {
        await using var db = database.Open();
        return await db.Samples.OrderBy(s => s.Id).Select(s => s.DuplicateOfId).ToListAsync();
    }

    private static PoolWorker Worker(TestDatabase database) => new(
        database.Contexts, new MessagePool(database.Contexts, new MessageSearchQueries(database.Contexts, database.Clock), new SessionQueries(database.Contexts, database.Clock), database.Clock),
        database.Clock, NullLogger<PoolWorker>.Instance);

    private static StartPoolOperation Start(TestDatabase database) => new(database.Contexts, Worker(database), database.Clock);

    private static StopPoolOperation Stop(TestDatabase database) => new(database.Contexts, Worker(database), database.Clock);

    private static PoolQueries Pool(TestDatabase database) => new(database.Contexts, database.Clock);

    private static async Task<long> RunAsync(TestDatabase database, PoolOperationRequest request)
    {
        var started = await Start(database).ExecuteAsync(request, database.Admin, default);
        Assert.Null(started.Failure);
        await Worker(database).RunAsync(started.Value, default);
        return started.Value;
    }

    private static async Task<PoolOperationRow> RowAsync(TestDatabase database, long id) => (await new PoolOperationQueries(database.Contexts).OneAsync(id, database.Admin, default))!;

    private static Task AddAsync(TestDatabase database, params (string Text, string Tag)[] samples) => AddAsync(database, "", samples);

    private static async Task AddAsync(TestDatabase database, string biz, params (string Text, string Tag)[] samples)
    {
        await using var db = database.Open();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await SampleStore.AddAsync(
            db,
            [.. samples.Select(s => SampleStore.FromDraft(new SampleDraft([new("user", s.Text)]) { BizCode = biz, Tags = s.Tag.Length > 0 ? [s.Tag] : [] }, SampleOrigin.Typed, null, 10, database.Admin, database.Clock.GetUtcNow().UtcDateTime))],
            default);
        await transaction.CommitAsync();
    }

    private static async Task<long> SetAsync(TestDatabase database, params long[] sampleIds)
    {
        var setId = (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("set"), database.Admin, default)).Value;
        if (sampleIds.Length > 0)
        {
            Assert.Null((await new AddSamplesToSet(database.Contexts, database.Clock).ExecuteAsync(new AddSamplesRequest(setId, sampleIds), database.Admin, default)).Failure);
        }
        return setId;
    }

    private static async Task<List<long>> ItemsAsync(TestDatabase database, long setId) =>
        [.. (await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items.Select(i => i.SampleId)];

    private static async Task<List<string>> TagsAsync(TestDatabase database)
    {
        await using var db = database.Open();
        var tags = (await db.SampleTags.ToListAsync()).ToLookup(t => t.SampleId, t => t.Name);
        return [.. (await db.Samples.OrderBy(s => s.Id).ToListAsync()).Select(s => $"{s.InputPreview}: {string.Join(',', tags[s.Id].Order(StringComparer.Ordinal))}")];
    }
}

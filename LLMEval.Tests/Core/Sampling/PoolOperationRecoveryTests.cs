using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Search;
using LLMEval.Tests.Core.Samples;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Sampling;

public sealed class PoolOperationRecoveryTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Start_WrongRequests_AreRefusedAndLeaveNothing(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var id = (await pool.AddAsync("1"))[0];
        var rule = await pool.RuleSetAsync("rule", new SampleFilter());
        var foreign = await pool.SetAsync("foreign", [.. await pool.AddAsync([PoolHost.Draft("2") with { BizCode = "game" }])]);
        PoolOperationRequest Of(PoolWork work) => new(work) { SampleIds = [id], Tags = ["a"] };
        (PoolOperationRequest Request, string Code)[] wrong =
        [
            (Of(PoolWork.AddTags) with { Tags = [" / "] }, "SampleTagMissing"),
            (Of(PoolWork.RemoveTags) with { Tags = [] }, "SampleTagMissing"),
            (Of(PoolWork.AddTags) with { SampleIds = null }, "SamplesMissing"),
            (Of(PoolWork.AddTags) with { SampleIds = [] }, "NumberOutOfRange"),
            (Of(PoolWork.Remove) with { SampleIds = [.. Enumerable.Range(1, 5001)] }, "NumberOutOfRange"),
            (Of(PoolWork.AddTags) with { Tags = [new string('x', 129)] }, "SampleTags"),
            (Of(PoolWork.AddTags) with { SampleIds = null, Filter = new SampleFilter { Tags = "(a" } }, "TagExpressionBracket"),
            (Of(PoolWork.MoveTag), "SampleTagNew"),
            (Of(PoolWork.MoveTag) with { NewTag = "a" }, "SampleTagNew"),
            (Of(PoolWork.MoveTag) with { NewTag = "a/b" }, "SampleTagBelowItself"),
            (Of(PoolWork.MoveTag) with { Tags = ["a", "b"], NewTag = "c" }, "SampleTagMissing"),
            (Of(PoolWork.TakeMessages), "MessagesMissing"),
            (Of(PoolWork.TakeMessages) with { Messages = new PoolSource(), SampleIds = null, ContextLength = 201 }, "NumberOutOfRange"),
            (Of(PoolWork.AddToSet), "SetNotFound"),
            (Of(PoolWork.AddToSet) with { SetId = rule }, "SetHasRule"),
            (Of(PoolWork.CutAgain) with { SetId = 999 }, "SetNotFound"),
            (Of(PoolWork.AddToSet) with { SetId = foreign }, "SetNotFound"),
        ];

        foreach (var (request, code) in wrong)
        {
            Assert.Equal(code, (await pool.Get<StartPoolOperation>().ExecuteAsync(request, pool.Database.Scoped("companion"), default)).Failure?.Code);
        }
        Assert.NotNull((await pool.Get<StartPoolOperation>().ExecuteAsync(Of(PoolWork.AddTags), pool.Database.Without(Permissions.SetsEdit), default)).Failure);
        Assert.Empty(await pool.Get<PoolOperationQueries>().NewestAsync(10, pool.Admin, default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Tags_AddedRemovedAndMoved_AreTakenBackInEachOrder(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([PoolHost.Draft("1", "a/b", "x"), PoolHost.Draft("2", "a/b", "a/b/b", "ab"), PoolHost.Draft("3", "a", "n"), PoolHost.Draft("4")]);
        async Task<string> AllAsync() => string.Join(" | ", await Task.WhenAll(ids.Select(async id => string.Join(' ', await pool.TagsAsync(id)))));
        var begin = await AllAsync();

        var moved = await pool.OperateAsync(new PoolOperationRequest(PoolWork.MoveTag) { Tags = ["a/b"], NewTag = "a" });
        Assert.Equal("a x | a a/b ab | a n | ", await AllAsync());
        var removed = await pool.OperateAsync(new PoolOperationRequest(PoolWork.RemoveTags) { Filter = new SampleFilter { Tags = "a" }, Tags = ["a", "n"] });
        Assert.Equal("x | ab |  | ", await AllAsync());
        var added = await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter(), Tags = ["x", "y/z"] });
        Assert.Equal("x y/z | ab x y/z | x y/z | x y/z", await AllAsync());

        Assert.Equal([(2, 2, 2), (3, 3, 3), (4, 4, 4)], new[] { moved, removed, added }.Select(o => (o.Total, o.Done, o.Changed)));
        Assert.All(new[] { moved, removed, added }, o => Assert.True(o is { State: PoolOperationState.Completed, CanUndo: true }));

        // Somebody else meanwhile: y/z taken from the first, x given to nobody; what they did is neither lost nor doubled.
        var other = await pool.OperateAsync(new PoolOperationRequest(PoolWork.RemoveTags) { SampleIds = [ids[0]], Tags = ["y"] });
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = [ids[2]], Tags = ["mine", "n"] });
        Assert.Equal(PoolOperationState.Undone, (await pool.UndoAsync(added.Id)).State);
        Assert.Equal("x | ab | mine n | ", await AllAsync());
        await pool.UndoAsync(removed.Id);
        Assert.Equal("a x | a a/b ab | a mine n | ", await AllAsync());
        await pool.UndoAsync(moved.Id);
        Assert.Equal("a/b x | a/b a/b/b ab | a mine n | ", await AllAsync());
        Assert.Equal(begin.Replace("a n", "a mine n", StringComparison.Ordinal), await AllAsync());
        Assert.False((await pool.OperationAsync(moved.Id)).CanUndo);
        Assert.Equal("PoolOperationOver", (await pool.Get<StopPoolOperation>().UndoAsync(moved.Id, pool.Admin, default)).Failure?.Code);
        Assert.Equal(PoolOperationState.Completed, other.State);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task MoveTag_ToAPathTooLongForSome_LeavesThoseWhereTheyAre(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var below = "a/" + new string('b', 120);
        var id = (await pool.AddAsync([PoolHost.Draft("1", "a", below)]))[0];

        await pool.OperateAsync(new PoolOperationRequest(PoolWork.MoveTag) { Tags = ["a"], NewTag = new string('c', 20) });

        Assert.Equal([below, new string('c', 20)], await pool.TagsAsync(id));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Chosen_FirstOnesGoneSince_TheRestIsStillDone(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([.. Enumerable.Range(0, 1203).Select(i => $"{i}")]);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [.. ids.Take(1100)] });

        var done = await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = [.. ids, .. ids.Take(9)], Tags = ["t"] });

        Assert.Equal((PoolOperationState.Completed, 1203, 1203, 103), (done.State, done.Total, done.Done, done.Changed));
        Assert.Equal(ids.Skip(1100), await pool.FoundAsync(new SampleFilter { Tags = "t" }));
    }

    /// <summary>Whatever the work: an actor limited to lines changes nothing of others, whose ids they may well send.</summary>
    [Theory, OnSqlite, OnMySql]
    public async Task Operations_OfALimitedActor_TouchNothingOutside(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync(new[] { "game", "companion" }.Select((biz, i) => PoolHost.Draft($"{i}", "a") with { BizCode = biz }));
        var (_, foreign) = await pool.Database.SessionAsync("s-1", "game");
        var (_, own) = await pool.Database.SessionAsync("s-2", "companion");
        var setId = await pool.SetAsync("set");
        var scoped = pool.Database.Scoped("companion") with { UserId = 7 };

        await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = ids, Tags = ["b"] }, scoped);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.MoveTag) { Tags = ["a"], NewTag = "c" }, scoped);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddToSet) { Filter = new SampleFilter(), SetId = setId }, scoped);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { MessageIds = [foreign[1].Id, own[1].Id] } }, scoped);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = ids }, scoped);

        Assert.Equal(["a"], await pool.TagsAsync(ids[0]));
        Assert.Equal(["b", "c"], await pool.TagsAsync(ids[1]));
        Assert.Equal([ids[1]], await pool.HeldAsync(setId));
        await using var db = pool.Database.Open();
        Assert.Equal([own[1].Id], await db.Samples.Where(s => s.MessageId != null).Select(s => s.MessageId!.Value).ToListAsync());
        Assert.Equal([ids[1]], await db.Samples.Where(s => s.RemovedAt != null).Select(s => s.Id).ToListAsync());
        var stranger = pool.Database.Scoped("companion") with { UserId = 8 };
        Assert.Empty(await pool.Get<PoolOperationQueries>().NewestAsync(10, stranger, default));
        var newest = (await pool.Get<PoolOperationQueries>().NewestAsync(1, scoped, default))[0];
        Assert.Equal("PoolOperationOver", (await pool.Get<StopPoolOperation>().UndoAsync(newest.Id, stranger, default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Worker_StoppedInTheMiddleAndTwoAtOnce_DoesEachOnce(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([.. Enumerable.Range(0, 2300).Select(i => $"{i}")]);
        var setId = await pool.SetAsync("set");
        var started = (await pool.Get<StartPoolOperation>().ExecuteAsync(new PoolOperationRequest(PoolWork.AddToSet) { Filter = new SampleFilter(), SetId = setId }, pool.Admin, default)).Value;
        var tagging = (await pool.Get<StartPoolOperation>().ExecuteAsync(new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter(), Tags = ["t"] }, pool.Admin, default)).Value;
        await pool.AddAsync("added later");
        var worker = pool.Get<PoolWorker>();
        Assert.Equal([started, tagging], await worker.OpenAsync(default));

        using (var stop = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.WorkerInterrupted(4, stop.CancelAsync).RunAsync(started, stop.Token));
        }
        var stopped = await pool.OperationAsync(started);
        Assert.Equal(PoolOperationState.Running, stopped.State);
        Assert.Equal(stopped.Done, (await pool.HeldAsync(setId)).Count);
        Assert.Equal(1000, stopped.Done);
        await Task.WhenAll(new[] { started, started, tagging, tagging }.Select(id => Task.Run(() => worker.RunAsync(id, default))));

        Assert.Equal((PoolOperationState.Completed, 2300, 2300, 2300), (await pool.OperationAsync(started)) is var a ? (a.State, a.Total, a.Done, a.Changed) : default);
        Assert.Equal((PoolOperationState.Completed, 2300, 2300, 2300), (await pool.OperationAsync(tagging)) is var b ? (b.State, b.Total, b.Done, b.Changed) : default);
        Assert.Equal(ids, await pool.HeldAsync(setId));
        Assert.Equal(Enumerable.Range(0, 2300), (await pool.ItemsAsync(setId)).Select(i => i.Position));
        Assert.Equal(ids, await pool.FoundAsync(new SampleFilter { Tags = "t" }));
        Assert.Empty(await worker.OpenAsync(default));

        await pool.UndoAsync(started);
        Assert.Empty(await pool.HeldAsync(setId));
        Assert.Equal(0, (await pool.Get<SetQueries>().DetailAsync(setId, pool.Admin, default))!.ItemCount);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Cancel_InTheMiddle_KeepsWhatWasDoneAndThatCanBeUndone(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await pool.AddAsync([.. Enumerable.Range(0, 1700).Select(i => $"{i}")]);
        var id = (await pool.Get<StartPoolOperation>().ExecuteAsync(new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter(), Tags = ["t"] }, pool.Admin, default)).Value;

        await pool.WorkerInterrupted(4, () => pool.Get<StopPoolOperation>().CancelAsync(id, pool.Admin, default)).RunAsync(id, default);

        var cancelled = await pool.OperationAsync(id);
        Assert.Equal((PoolOperationState.Cancelled, true), (cancelled.State, cancelled.CanUndo));
        Assert.Equal(cancelled.Done, (await pool.FoundAsync(new SampleFilter { Tags = "t" })).Count);
        Assert.Equal(1000, cancelled.Done);
        Assert.Equal("PoolOperationOver", (await pool.Get<StopPoolOperation>().CancelAsync(id, pool.Admin, default)).Failure?.Code);
        Assert.Equal(PoolOperationState.Undone, (await pool.UndoAsync(id)).State);
        Assert.Empty(await pool.FoundAsync(new SampleFilter { Tags = "t" }));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task LastHour_AskedForAndDoneLater_MeansTheHourBeforeItWasAsked(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await pool.AddAsync([.. Enumerable.Range(0, 1001).Select(i => $"{i}")]);
        pool.Database.Clock.Advance(TimeSpan.FromMinutes(30));
        var request = new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter { Added = TimeRange.Of(TimeSpan.FromHours(1)) }, Tags = ["t"] };
        var id = (await pool.Get<StartPoolOperation>().ExecuteAsync(request, pool.Admin, default)).Value;
        pool.Database.Clock.Advance(TimeSpan.FromHours(2));

        await pool.Get<PoolWorker>().RunAsync(id, default);

        Assert.Equal(1001, (await pool.OperationAsync(id)).Changed);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task CutAgain_SetOfMessagesAndDrafts_CutsAndGivesBack(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, messages) = await pool.Database.SessionAsync(contents: ["u1", "a1", "u2", "a2", "u3", "a3"]);
        var setId = await pool.SetAsync("set");
        await pool.Get<AddToSet>().ExecuteAsync(new AddToSetRequest(setId, [messages[5].Id, messages[1].Id]), pool.Admin, default);
        await pool.Get<AddSamplesToSet>().ExecuteAsync(new AddDraftsRequest(setId,
        [
            new SampleDraft([new SampleMessage("user", "one"), new SampleMessage("assistant", "two"), new SampleMessage("user", "three")]) { Tags = ["t"] },
            new SampleDraft([new SampleMessage("user", "s1"), new SampleMessage("user", "s2")]) { IsScript = true },
        ]), pool.Admin, default);
        var before = await pool.HeldAsync(setId);
        async Task CutAsync(int length) => Assert.Null((await pool.Get<EditSet>().ExecuteAsync(new EditSetRequest(setId, "set", null, null, length, []), pool.Admin, default)).Failure);
        async Task<string[]> InputsAsync() =>
            await Task.WhenAll((await pool.HeldAsync(setId)).Select(async id => string.Join(' ', Json.Read<List<SampleMessage>>((await pool.SampleAsync(id)).InputJson).Select(m => m.Content))));

        await CutAsync(1);
        var cut = await pool.OperateAsync(new PoolOperationRequest(PoolWork.CutAgain) { SetId = setId });
        Assert.Equal(["u3", "u1", "three", "s1 s2"], await InputsAsync());
        Assert.Equal((4, 4, 3, true), (cut.Total, cut.Done, cut.Changed, cut.CanUndo));
        Assert.Equal(["t"], await pool.TagsAsync((await pool.HeldAsync(setId))[2]));
        await CutAsync(3);
        var longer = await pool.OperateAsync(new PoolOperationRequest(PoolWork.CutAgain) { SetId = setId });
        // A message is still there to be cut anew; of a draft what was cut away is gone.
        Assert.Equal(["u2 a2 u3", "u1", "three", "s1 s2"], await InputsAsync());

        await pool.UndoAsync(longer.Id);
        Assert.Equal(["u3", "u1", "three", "s1 s2"], await InputsAsync());
        var item = (await pool.ItemsAsync(setId))[0].Id;
        var edited = (await pool.Get<EditItem>().ExecuteAsync(new EditItemRequest(setId, item, ["mine"], null, 1), pool.Admin, default)).Value;
        await pool.UndoAsync(cut.Id);
        Assert.Equal([edited, .. before.Skip(1)], await pool.HeldAsync(setId));
    }
}

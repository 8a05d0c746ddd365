using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Core.Samples;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Sampling;

public sealed class TakeMessagesTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Take_FromFiltersWithTagsAndSet_TakesBotMessagesOnceAndGivesThemBack(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, one) = await pool.Database.SessionAsync("s-1", robot: "r-1", contents: ["u1", "a1", "u2", "a2"]);
        var (_, two) = await pool.Database.SessionAsync("s-2", robot: "r-2", contents: ["u3", "a3"]);
        var before = (await pool.Get<TakeSample>().ExecuteAsync(new TakeSampleRequest(one[1].Id, 1), pool.Admin, default)).Value;
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = [before], Tags = ["batch"] });
        var setId = (await pool.Get<CreateSet>().ExecuteAsync(new CreateSetRequest("set", ContextLength: 1), pool.Admin, default)).Value;

        var all = await pool.OperateAsync(new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { Messages = new MessageSearchFilter() }, Tags = ["batch", "x"], SetId = setId });

        Assert.Equal((PoolOperationState.Completed, 3, 3, 3), (all.State, all.Total, all.Done, all.Changed));
        var held = await pool.HeldAsync(setId);
        var samples = await Task.WhenAll(held.Select(pool.SampleAsync));
        Assert.Equal([one[1].Id, one[3].Id, two[1].Id], samples.Select(s => s.MessageId!.Value).Order());
        Assert.Contains(before, held);
        Assert.All(samples, s => Assert.Equal((1, SampleOrigin.Message), (s.ContextLength, s.Origin)));
        Assert.Equal(held.Order(), await pool.FoundAsync(new SampleFilter { Tags = "x" }));

        var again = await pool.OperateAsync(new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { Sessions = new SessionFilter { RobotIds = ["r-2"] } }, Tags = ["y"], ContextLength = 1 });
        Assert.Equal((1, 1), (again.Done, again.Changed));
        Assert.Equal(["batch", "x", "y"], await pool.TagsAsync(samples.Single(s => s.MessageId == two[1].Id).Id));

        await pool.UndoAsync(again.Id);
        Assert.Equal(3, (await pool.FoundAsync(new SampleFilter())).Count);
        await pool.UndoAsync(all.Id);
        Assert.Empty(await pool.HeldAsync(setId));
        Assert.Equal([before], await pool.FoundAsync(new SampleFilter()));
        Assert.Equal(["batch"], await pool.TagsAsync(before));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Undo_SomebodyUsesOneMeanwhile_LeavesThatAndComparesWhatWasLikeTheOthers(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, messages) = await pool.Database.SessionAsync(contents: ["how are you today", "very well indeed", "another question here", "with another answer"]);
        var taken = await pool.OperateAsync(new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { MessageIds = [.. messages.Select(m => m.Id)] } });
        var ids = await pool.FoundAsync(new SampleFilter());
        var like = (await pool.AddAsync([PoolHost.Draft("how are you today") with { RecordedAnswer = "very well indeed" }]))[0];
        await pool.Get<CompareSamples>().ExecuteAsync(default);
        Assert.Equal(ids[0], (await pool.SampleAsync(like)).DuplicateOfId);
        var setId = await pool.SetAsync("mine", ids[1]);

        await pool.UndoAsync(taken.Id);

        Assert.Equal([ids[1], like], await pool.FoundAsync(new SampleFilter { Duplicates = DuplicateState.OnlyFirst }));
        Assert.Equal([ids[1]], await pool.HeldAsync(setId));
        await pool.Get<CompareSamples>().ExecuteAsync(default);
        Assert.Null((await pool.SampleAsync(like)).DuplicateOfId);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { MessageIds = [messages[1].Id] } });
        await pool.Get<CompareSamples>().ExecuteAsync(default);
        Assert.Equal((null, (long?)like), ((await pool.SampleAsync(like)).DuplicateOfId, (await pool.SampleAsync(ids[0])).DuplicateOfId));
    }

    /// <summary>The stream is shorter the second time, because somebody labelled what was taken already.</summary>
    [Theory, OnSqlite, OnMySql]
    public async Task Take_StoppedAndTheStreamChanged_MissesNone(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, messages) = await pool.Database.SessionAsync(contents: [.. Enumerable.Range(0, 1000).Select(i => $"m{i}")]);
        var request = new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { Messages = new MessageSearchFilter { Label = LabelState.Unlabelled } }, ContextLength = 0 };
        var id = (await pool.Get<StartPoolOperation>().ExecuteAsync(request, pool.Admin, default)).Value;
        using (var stop = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.WorkerInterrupted(4, stop.CancelAsync).RunAsync(id, stop.Token));
        }
        var stopped = await pool.OperationAsync(id);
        Assert.Equal(200, stopped.Done);
        await using (var db = pool.Database.Open())
        {
            // As many labels as a person gives, straight into the table of what counts.
            var taken = await db.Samples.Select(s => s.MessageId!.Value).Take(200).ToListAsync();
            db.MessageVerdicts.AddRange(taken.Select(m => new MessageVerdict { MessageId = m, SessionId = messages[0].SessionId, BizCode = "companion", Verdict = Verdict.Good, GoodCount = 1 }));
            await db.SaveChangesAsync();
        }

        await pool.Get<PoolWorker>().RunAsync(id, default);

        await using var after = pool.Database.Open();
        Assert.Equal(messages.Where(m => m.SenderType == SenderType.Bot).Select(m => m.Id), await after.Samples.OrderBy(s => s.MessageId).Select(s => s.MessageId!.Value).ToListAsync());
        Assert.Equal((PoolOperationState.Completed, 500), (await pool.OperationAsync(id)) is var o ? (o.State, o.Changed) : default);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Take_CancelledAndUndoneMeanwhile_TakesNothingMore(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, messages) = await pool.Database.SessionAsync(contents: [.. Enumerable.Range(0, 1000).Select(i => $"m{i}")]);
        var id = (await pool.Get<StartPoolOperation>().ExecuteAsync(new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { SessionIds = [messages[0].SessionId] } }, pool.Admin, default)).Value;

        await pool.WorkerInterrupted(5, async () =>
        {
            Assert.Equal(400, (await pool.OperationAsync(id)).Done);
            await pool.Get<StopPoolOperation>().CancelAsync(id, pool.Admin, default);
            await pool.UndoAsync(id);
        }).RunAsync(id, default);

        Assert.Equal((PoolOperationState.Undone, 400, false), (await pool.OperationAsync(id)) is var o ? (o.State, o.Done, o.CanUndo) : default);
        Assert.Empty(await pool.FoundAsync(new SampleFilter()));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Take_FilterThatCannotBeRead_EndsAsFailedWithItsCode(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await pool.Database.SessionAsync();

        var failed = await pool.OperateAsync(new PoolOperationRequest(PoolWork.TakeMessages)
        {
            Messages = new PoolSource { Messages = new MessageSearchFilter { Text = "x", UserIds = [.. Enumerable.Range(0, MessageSearchFilter.MostValues + 1).Select(i => $"u{i}")] } },
        });

        Assert.Equal(PoolOperationState.Failed, failed.State);
        Assert.NotEqual("Defect", failed.Failure);
        Assert.Empty(await pool.Get<PoolWorker>().OpenAsync(default));
    }
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class SetRuleTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Refresh_PoolChanged_TakesOutWhatNoLongerFitsAndAddsTheNewAtTheEnd(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([PoolHost.Draft("1", "a"), PoolHost.Draft("2", "b"), PoolHost.Draft("3", "a/x"), PoolHost.Draft("4", "a")]);
        var setId = await pool.RuleSetAsync("rule", new SampleFilter { Tags = "a", Added = new TimeRange(null, DateTime.UnixEpoch, null) });
        Assert.Equal([ids[0], ids[2], ids[3]], await pool.HeldAsync(setId));
        var kept = (await pool.ItemsAsync(setId)).Single(i => i.SampleId == ids[3]).Id;

        await pool.OperateAsync(new PoolOperationRequest(PoolWork.RemoveTags) { SampleIds = [ids[0]], Tags = ["a"] });
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = [ids[1]], Tags = ["a"] });
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [ids[2]] });
        var refreshed = await pool.Get<RefreshSet>().ExecuteAsync(setId, pool.Admin, default);

        Assert.Equal(new RefreshedSet(1, 2), refreshed.Value);
        Assert.Equal([ids[3], ids[1]], await pool.HeldAsync(setId));
        Assert.Equal(kept, (await pool.ItemsAsync(setId))[0].Id);
        Assert.Equal(2, (await pool.Get<SetQueries>().DetailAsync(setId, pool.Admin, default))!.ItemCount);
        Assert.Equal(new RefreshedSet(0, 0), (await pool.Get<RefreshSet>().ExecuteAsync(setId, pool.Admin, default)).Value);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Freeze_RuleSet_FreezesWhatTheRuleFindsNow(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([PoolHost.Draft("1", "a"), PoolHost.Draft("2")]);
        var setId = await pool.RuleSetAsync("rule", new SampleFilter { Tags = "a" });
        var freeze = pool.Get<FreezeSet>();
        var first = await freeze.ExecuteAsync(setId, pool.Admin, default);
        var tagged = await pool.OperateAsync(new PoolOperationRequest(PoolWork.AddTags) { SampleIds = [ids[1]], Tags = ["a"] });

        var second = await freeze.ExecuteAsync(setId, pool.Admin, default);

        Assert.Equal((1, 1, 2, 2), (first.Value!.Number, first.Value.ItemCount, second.Value!.Number, second.Value.ItemCount));
        Assert.Equal(ids, await pool.FrozenAsync(setId, 2));

        // What comes and goes again between two freezes leaves the newest version; the set must then hold just that.
        await pool.AddAsync([PoolHost.Draft("3", "a")]);
        await pool.Get<RefreshSet>().ExecuteAsync(setId, pool.Admin, default);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [(await pool.HeldAsync(setId))[^1]] });
        var third = await freeze.ExecuteAsync(setId, pool.Admin, default);
        Assert.Equal((2, false), (third.Value!.Number, third.Value.IsNew));
        Assert.Equal(ids, await pool.HeldAsync(setId));

        await pool.UndoAsync(tagged.Id);
        Assert.Equal((3, 1), ((await freeze.ExecuteAsync(setId, pool.Admin, default)).Value is { } v ? (v.Number, v.ItemCount) : default));
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [ids[0]] });
        Assert.Equal("SetIsEmpty", (await freeze.ExecuteAsync(setId, pool.Admin, default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Rule_OfALimitedActor_NeverReachesOtherLinesWhoeverRefreshes(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync(new[] { "companion", "game", null }.Select((biz, i) => PoolHost.Draft($"{i}", "a") with { BizCode = biz }));
        var scoped = pool.Database.Scoped("companion");
        Task<Result<long>> CreateAsync(string name, params string[] codes) =>
            pool.Get<CreateSet>().ExecuteAsync(new CreateSetRequest(name) { Rule = new SampleFilter { BizCodes = codes } }, scoped, default);

        var (open, mixed, foreign) = (await CreateAsync("open"), await CreateAsync("mixed", "companion", "game"), await CreateAsync("foreign", "game"));
        await pool.Get<RefreshSet>().ExecuteAsync(open.Value, pool.Admin, default);

        Assert.Equal([ids[0], ids[2]], await pool.HeldAsync(open.Value));
        Assert.Equal(("BizUnknown", "rule"), (mixed.Failure?.Code, mixed.Failure?.Field));
        Assert.Equal(("BizUnknown", "rule"), (foreign.Failure?.Code, foreign.Failure?.Field));
        var edit = new EditSetRequest(open.Value, "open", null, null, 10, []) { Rule = new SampleFilter { BizCodes = ["game"] } };
        Assert.Equal("BizUnknown", (await pool.Get<EditSet>().ExecuteAsync(edit, scoped, default)).Failure?.Code);
        Assert.Equal([ids[0], ids[2]], await pool.HeldAsync(open.Value));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Edit_RuleToListAndBack_KeepsItemsThenFollowsTheRule(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([PoolHost.Draft("1", "a"), PoolHost.Draft("2", "b")]);
        var setId = await pool.RuleSetAsync("rule", new SampleFilter { Tags = "a" });
        var add = new AddSamplesRequest(setId, [ids[1]]);
        Assert.Equal("SetHasRule", (await pool.Get<AddSamplesToSet>().ExecuteAsync(add, pool.Admin, default)).Failure?.Code);
        Assert.Equal("SetHasRule", (await pool.Get<RemoveFromSet>().ExecuteAsync(new RemoveFromSetRequest(setId, [(await pool.ItemsAsync(setId))[0].Id]), pool.Admin, default)).Failure?.Code);
        Assert.Equal("SetHasRule", (await pool.Get<EditItem>().ExecuteAsync(new EditItemRequest(setId, (await pool.ItemsAsync(setId))[0].Id, ["r"], null, 10), pool.Admin, default)).Failure?.Code);
        Assert.Equal("SetHasRule", (await pool.Get<StartPoolOperation>().ExecuteAsync(new PoolOperationRequest(PoolWork.CutAgain) { SetId = setId }, pool.Admin, default)).Failure?.Code);
        var edit = new EditSetRequest(setId, " new name ", "why", " ", 10, ["x/y", "z"]);

        Assert.False((await pool.Get<EditSet>().ExecuteAsync(edit, pool.Admin, default)).Value);
        Assert.Equal(1, (await pool.Get<AddSamplesToSet>().ExecuteAsync(add, pool.Admin, default)).Value!.Added);
        Assert.Equal(ids, await pool.HeldAsync(setId));
        Assert.True((await pool.Get<EditSet>().ExecuteAsync(edit with { Rule = new SampleFilter { Tags = "b" }, ContextLength = 4, Tags = ["z", "w"] }, pool.Admin, default)).Value);

        Assert.Equal([ids[1]], await pool.HeldAsync(setId));
        await using var db = pool.Database.Open();
        Assert.Equal(["w", "z"], db.EvaluationSets.Where(s => s.Id == setId).SelectMany(s => s.Tags).Select(t => t.Name).ToList().Order(StringComparer.Ordinal));
        Assert.Equal(("new name", "why", null), db.EvaluationSets.Where(s => s.Id == setId).Select(s => new { s.Name, s.Purpose, s.Description }).AsEnumerable().Select(s => (s.Name, s.Purpose, s.Description)).Single());
        Assert.Equal("SampleTags", (await pool.Get<EditSet>().ExecuteAsync(edit with { Tags = [new string('x', 129)] }, pool.Admin, default)).Failure?.Code);
        Assert.Equal("TagExpressionEnd", (await pool.Get<EditSet>().ExecuteAsync(edit with { Rule = new SampleFilter { Tags = "b)" } }, pool.Admin, default)).Failure?.Code);
        Assert.Equal([ids[1]], await pool.HeldAsync(setId));
        await pool.SetAsync("taken");
        Assert.Equal("SetNameTaken", (await pool.Get<EditSet>().ExecuteAsync(edit with { Name = "taken" }, pool.Admin, default)).Failure?.Code);
    }
}

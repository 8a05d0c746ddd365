using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class RestoreSetTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Restore_WithinThirtyDays_BringsBackNameAndItems(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([PoolHost.Draft("1") with { BizCode = "companion" }]);
        var (first, second) = (await pool.SetAsync("set", ids[0]), await pool.SetAsync("other"));
        foreach (var id in new[] { first, second })
        {
            await pool.Get<DeleteSet>().ExecuteAsync(id, pool.Admin, default);
        }
        var taken = await pool.SetAsync("set");
        pool.Database.Clock.Advance(RestoreSet.UndoPeriod - TimeSpan.FromSeconds(1));
        var restore = pool.Get<RestoreSet>();

        Assert.Equal(0, await restore.SweepAsync(default));
        Assert.Equal("SetNotFound", (await restore.ExecuteAsync(first, pool.Database.Scoped("game"), default)).Failure?.Code);
        Assert.Equal("set (2)", (await restore.ExecuteAsync(first, pool.Admin, default)).Value);
        Assert.Equal("other", (await restore.ExecuteAsync(second, pool.Admin, default)).Value);

        Assert.Equal(ids, await pool.HeldAsync(first));
        Assert.Equal(first, (await pool.Get<SetQueries>().NamedAsync("set (2)", pool.Admin, default))!.Id);
        Assert.Equal("SetNotFound", (await restore.ExecuteAsync(first, pool.Admin, default)).Failure?.Code);
        Assert.Equal("set", (await pool.Get<SetQueries>().DetailAsync(taken, pool.Admin, default))!.Name);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Sweep_AfterThirtyDays_EmptiesTheSetAndLeavesItsVersionsAndOtherSets(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync("1", "2");
        var (old, kept) = (await pool.SetAsync("old", [.. ids]), await pool.SetAsync("kept", [.. ids]));
        await pool.Get<FreezeSet>().ExecuteAsync(old, pool.Admin, default);
        await pool.Get<DeleteSet>().ExecuteAsync(old, pool.Admin, default);
        pool.Database.Clock.Advance(TimeSpan.FromDays(1));
        var late = await pool.SetAsync("late", ids[0]);
        await pool.Get<DeleteSet>().ExecuteAsync(late, pool.Admin, default);
        pool.Database.Clock.Advance(RestoreSet.UndoPeriod - TimeSpan.FromHours(1));
        var restore = pool.Get<RestoreSet>();

        Assert.Equal("SetNotFound", (await restore.ExecuteAsync(old, pool.Admin, default)).Failure?.Code);
        Assert.Equal(2, await restore.SweepAsync(default));
        Assert.Equal(0, await restore.SweepAsync(default));

        Assert.Empty(await pool.HeldAsync(old));
        Assert.Equal(ids, await pool.FrozenAsync(old, 1));
        Assert.Equal(2, (await pool.Get<SetItemQueries>().OfVersionAsync(old, 1, new PageRequest(), pool.Admin, default)).Items.Count);
        Assert.Equal(ids, await pool.HeldAsync(kept));
        Assert.Equal([ids[0]], await pool.HeldAsync(late));
        Assert.Equal("late", (await restore.ExecuteAsync(late, pool.Admin, default)).Value);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Version_Restored_HasItsItemsInOrderAsTheSameItems(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync("1", "2", "3", "4");
        var setId = await pool.SetAsync("set", ids[2], ids[0], ids[1]);
        var before = await pool.ItemsAsync(setId);
        await pool.Get<FreezeSet>().ExecuteAsync(setId, pool.Admin, default);
        await pool.Get<RemoveFromSet>().ExecuteAsync(new RemoveFromSetRequest(setId, [before[0].Id]), pool.Admin, default);
        await pool.Get<EditItem>().ExecuteAsync(new EditItemRequest(setId, before[1].Id, ["r"], null, 10), pool.Admin, default);
        await pool.Get<AddSamplesToSet>().ExecuteAsync(new AddSamplesRequest(setId, [ids[3]]), pool.Admin, default);
        await pool.Get<FreezeSet>().ExecuteAsync(setId, pool.Admin, default);

        var restored = await pool.Get<RestoreSet>().VersionAsync(setId, 1, pool.Admin, default);

        Assert.Equal(3, restored.Value);
        Assert.Equal(before.Select(i => (i.Id, i.SampleId, i.Position)), (await pool.ItemsAsync(setId)).Select(i => (i.Id, i.SampleId, i.Position)));
        Assert.Equal(3, (await pool.Get<FreezeSet>().ExecuteAsync(setId, pool.Admin, default)).Value!.Number);
        Assert.Equal(new SetDiffCounts(0, 0, 0, 3), await pool.Get<SetDiffQueries>().CountsAsync(setId, 1, 3, pool.Admin, default));
        Assert.Equal(1, (await pool.Get<AddSamplesToSet>().ExecuteAsync(new AddSamplesRequest(setId, [ids[3]]), pool.Admin, default)).Value!.Added);
        Assert.Equal("SetVersionNotFound", (await pool.Get<RestoreSet>().VersionAsync(setId, 9, pool.Admin, default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Diff_OfTwoVersions_TellsAddedRemovedAndChangedApart(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([.. Enumerable.Range(0, 9).Select(i => $"{i}")]);
        var setId = await pool.SetAsync("set", [.. ids.Take(7)]);
        await pool.Get<FreezeSet>().ExecuteAsync(setId, pool.Admin, default);
        var items = await pool.ItemsAsync(setId);
        await pool.Get<RemoveFromSet>().ExecuteAsync(new RemoveFromSetRequest(setId, [items[0].Id, items[3].Id, items[5].Id]), pool.Admin, default);
        await pool.Get<AddSamplesToSet>().ExecuteAsync(new AddSamplesRequest(setId, [ids[7], ids[8], ids[0]]), pool.Admin, default);
        await pool.Get<EditItem>().ExecuteAsync(new EditItemRequest(setId, items[2].Id, ["right"], null, 10), pool.Admin, default);
        await pool.Get<ArrangeSet>().ExecuteAsync(new MoveItemRequest(setId, items[6].Id, 1), pool.Admin, default);
        await pool.Get<FreezeSet>().ExecuteAsync(setId, pool.Admin, default);
        var diff = pool.Get<SetDiffQueries>();
        async Task<Page<SetDiffRow>> PageAsync(SetChange change, PageRequest? page = null) => await diff.PageAsync(setId, 1, 2, change, page ?? new PageRequest(), pool.Admin, default);

        Assert.Equal(new SetDiffCounts(3, 3, 1, 3), await diff.CountsAsync(setId, 1, 2, pool.Admin, default));
        Assert.Equal(new SetDiffCounts(3, 3, 1, 3), await diff.CountsAsync(setId, 2, 1, pool.Admin, default));
        var changed = Assert.Single((await PageAsync(SetChange.Changed)).Items);
        Assert.Equal((ids[2], "2"), (changed.Before!.Id, changed.After!.Context[^1].Content));
        Assert.Equal(["right"], changed.After.References);
        var removed = await PageAsync(SetChange.Removed, new PageRequest(Take: 2));
        Assert.Equal([ids[0], ids[3]], removed.Items.Select(r => r.Before!.Id));
        Assert.All(removed.Items, r => Assert.Null(r.After));
        Assert.Equal(3, removed.Total);
        Assert.Equal([ids[5]], (await PageAsync(SetChange.Removed, new PageRequest(After: removed.Next, Take: 2))).Items.Select(r => r.Before!.Id));
        Assert.Equal([ids[8], ids[0]], (await PageAsync(SetChange.Added, new PageRequest(IsLast: true, Take: 2))).Items.Select(r => r.After!.Id));
        Assert.Null(await diff.CountsAsync(setId, 1, 3, pool.Admin, default));
    }
}

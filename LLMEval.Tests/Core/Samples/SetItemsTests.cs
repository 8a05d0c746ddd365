using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class SetItemsTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Add_DraftsAndSamples_AllOrNoneAndEachOnce(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var setId = await pool.SetAsync("set");
        var add = pool.Get<AddSamplesToSet>();
        SampleDraft[] drafts = [PoolHost.Draft("1"), PoolHost.Draft("2") with { BizCode = "companion" }, PoolHost.Draft("1")];

        var refused = await add.ExecuteAsync(new AddDraftsRequest(setId, [.. drafts, PoolHost.Draft(" ")]), pool.Admin, default);
        var foreign = await add.ExecuteAsync(new AddDraftsRequest(setId, drafts), pool.Database.Scoped("game"), default);
        var first = await add.ExecuteAsync(new AddDraftsRequest(setId, drafts) { Origin = SampleOrigin.File, OriginNames = ["f:1", "f:2", "f:3"] }, pool.Admin, default);
        var other = (await pool.AddAsync("3"))[0];
        var second = await add.ExecuteAsync(new AddSamplesRequest(setId, [other, (await pool.HeldAsync(setId))[0], other]), pool.Admin, default);
        var missing = await add.ExecuteAsync(new AddSamplesRequest(setId, [other, 999_999]), pool.Admin, default);

        Assert.Equal(("SampleQuestionMissing", "items[3].input"), (refused.Failure?.Code, refused.Failure?.Field));
        Assert.Equal(("BizUnknown", "items[1].biz_code"), (foreign.Failure?.Code, foreign.Failure?.Field));
        Assert.Equal(new AddedToSet(2, 1, 0), first.Value);
        Assert.Equal(new AddedToSet(1, 1, 0), second.Value);
        Assert.Equal("SamplesNotFound", missing.Failure?.Code);
        Assert.Equal([0, 1, 2], (await pool.ItemsAsync(setId)).Select(i => i.Position));
        Assert.Equal(["companion"], (await pool.Get<SetQueries>().DetailAsync(setId, pool.Admin, default))!.BizCodes);
        Assert.Equal("f:1", (await pool.SampleAsync((await pool.HeldAsync(setId))[0])).OriginName);
        Assert.Equal("SetNotFound", (await add.ExecuteAsync(new AddSamplesRequest(setId, [other]), pool.Database.Scoped("game"), default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Add_ManyPeopleAtOnce_EachItemHasAPlaceOfItsOwn(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var setId = await pool.SetAsync("set");

        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(person => Task.Run(() => pool.Get<AddSamplesToSet>().ExecuteAsync(
            new AddDraftsRequest(setId, [PoolHost.Draft("same"), .. Enumerable.Range(0, 5).Select(i => PoolHost.Draft($"{person} {i}"))]), pool.Admin, default))));

        Assert.All(added, a => Assert.Null(a.Failure));
        Assert.Equal(41, added.Sum(a => a.Value!.Added));
        Assert.Equal(Enumerable.Range(0, 41), (await pool.ItemsAsync(setId)).Select(i => i.Position));
        Assert.Equal(41, (await pool.Get<SetQueries>().DetailAsync(setId, pool.Admin, default))!.ItemCount);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Move_ToAnyPlace_OthersKeepTheirOrder(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = (await pool.AddAsync("0", "1", "2", "3", "4")).ToList();
        var setId = await pool.SetAsync("set", [.. ids]);
        var random = new Random(1);
        var arrange = pool.Get<ArrangeSet>();
        foreach (var (at, place) in new[] { (4, 1), (0, 5), (2, 3), (1, 99), (3, -7) }.Concat(Enumerable.Range(0, 10).Select(_ => (random.Next(5), random.Next(1, 6)))))
        {
            var moved = ids[at];
            ids.RemoveAt(at);
            ids.Insert(Math.Clamp(place - 1, 0, 4), moved);

            var now = await arrange.ExecuteAsync(new MoveItemRequest(setId, (await pool.ItemsAsync(setId)).Single(i => i.SampleId == moved).Id, place), pool.Admin, default);

            Assert.Equal(Math.Clamp(place, 1, 5), now.Value);
            Assert.Equal(ids, await pool.HeldAsync(setId));
        }
        Assert.Equal("SetItemNotFound", (await arrange.ExecuteAsync(new MoveItemRequest(setId, 999, 1), pool.Admin, default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Move_ManyPeopleAtOnce_LosesAndDoublesNoPlace(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var setId = await pool.SetAsync("set", [.. await pool.AddAsync([.. Enumerable.Range(0, 12).Select(i => $"{i}")])]);
        var items = await pool.ItemsAsync(setId);

        var moved = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => pool.Get<ArrangeSet>().ExecuteAsync(new MoveItemRequest(setId, items[i % 12].Id, ((i * 7) % 12) + 1), pool.Admin, default))));

        Assert.All(moved, m => Assert.Null(m.Failure));
        Assert.Equal(Enumerable.Range(0, 12), (await pool.ItemsAsync(setId)).Select(i => i.Position));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Edit_Item_GivesItAnotherSampleAndLeavesTheVersionAlone(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var draft = new SampleDraft([new SampleMessage("user", "before"), new SampleMessage("assistant", "yes"), new SampleMessage("user", "question")]) { Tags = ["t"], BizCode = "companion" };
        var sample = (await pool.AddAsync([draft]))[0];
        var setId = await pool.SetAsync("set", sample);
        await pool.Get<FreezeSet>().ExecuteAsync(setId, pool.Admin, default);
        var item = (await pool.ItemsAsync(setId))[0];
        var request = new EditItemRequest(setId, item.Id, [], null, 10);
        async Task<Result<long>> EditAsync(EditItemRequest edit) => await pool.Get<EditItem>().ExecuteAsync(edit, pool.Admin, default);

        Assert.Equal(sample, (await EditAsync(request with { References = [" "], Question = " question " })).Value);
        Assert.Equal(("SampleQuestionMissing", "Question"), ((await EditAsync(request with { Question = " " })).Failure is { } f ? (f.Code, f.Field) : default));
        Assert.Equal("NumberOutOfRange", (await EditAsync(request with { ContextLength = -1 })).Failure?.Code);
        var edited = await EditAsync(request with { References = ["r", "s"], ExpectedBehaviour = "kind", Question = "other", ContextLength = 1 });

        Assert.Null(edited.Failure);
        var now = await pool.SampleAsync(edited.Value);
        Assert.Equal((2, "kind", "other", 1, "companion"), (now.ReferenceCount, now.ExpectedBehaviour, now.InputPreview, now.ContextLength, now.BizCode));
        Assert.Equal(["other"], Json.Read<List<SampleMessage>>(now.InputJson).Select(m => m.Content));
        Assert.Equal(["t"], await pool.TagsAsync(edited.Value));
        Assert.Equal((await pool.SampleAsync(sample)).ClusterKey, now.ClusterKey);
        Assert.Equal([(item.Id, edited.Value)], (await pool.ItemsAsync(setId)).Select(i => (i.Id, i.SampleId)));
        Assert.Equal([sample], await pool.FrozenAsync(setId, 1));

        // The same change of the same sample, which is back in the set beside its edited self.
        await pool.Get<AddSamplesToSet>().ExecuteAsync(new AddSamplesRequest(setId, [sample]), pool.Admin, default);
        var again = (await pool.ItemsAsync(setId))[1].Id;
        Assert.Equal("SampleInSet", (await EditAsync(request with { ItemId = again, References = ["r", "s"], ExpectedBehaviour = "kind", Question = "other", ContextLength = 1 })).Failure?.Code);
        Assert.Equal([edited.Value, sample], await pool.HeldAsync(setId));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Edit_ItemOfAMessage_KeepsWhatWasSaidAndCanHaveMoreOfIt(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, messages) = await pool.Database.SessionAsync(contents: ["u1", "a1", "u2", "a2", "u3", "a3"]);
        var taken = (await pool.Get<TakeSample>().ExecuteAsync(new TakeSampleRequest(messages[5].Id, 2), pool.Admin, default)).Value;
        var setId = await pool.SetAsync("set", taken);
        var item = (await pool.ItemsAsync(setId))[0].Id;

        var longer = await pool.Get<EditItem>().ExecuteAsync(new EditItemRequest(setId, item, ["r"], null, 4) { Question = "invented" }, pool.Admin, default);

        var sample = (await pool.Get<SampleQueries>().DetailAsync(longer.Value, pool.Admin, default))!;
        Assert.Equal(["a1", "u2", "a2", "u3"], sample.Context.Select(m => m.Content));
        Assert.Equal((messages[5].Id, "a3"), (sample.MessageId, sample.RecordedAnswer));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Clone_SetOrVersion_IsAListOfItsOwn(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([PoolHost.Draft("1", "a") with { BizCode = "companion" }, PoolHost.Draft("2", "a"), PoolHost.Draft("3")]);
        var setId = await pool.RuleSetAsync("rule", new SampleFilter { Tags = "a" });
        await pool.Get<FreezeSet>().ExecuteAsync(setId, pool.Admin, default);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [ids[1]] });
        await pool.Get<RefreshSet>().ExecuteAsync(setId, pool.Admin, default);
        var clone = pool.Get<CloneSet>();

        var now = await clone.ExecuteAsync(new CloneSetRequest(setId, "now"), pool.Admin, default);
        var then = await clone.ExecuteAsync(new CloneSetRequest(setId, "then", 1), pool.Admin, default);

        Assert.Equal([ids[0]], await pool.HeldAsync(now.Value));
        Assert.Equal([ids[0], ids[1]], await pool.HeldAsync(then.Value));
        Assert.Equal(1, (await pool.Get<AddSamplesToSet>().ExecuteAsync(new AddSamplesRequest(now.Value, [ids[2]]), pool.Admin, default)).Value!.Added);
        Assert.Equal([ids[0]], await pool.HeldAsync(setId));
        Assert.Null(await pool.Get<SetQueries>().DetailAsync(then.Value, pool.Database.Scoped("game"), default));
        Assert.Equal("SetVersionNotFound", (await clone.ExecuteAsync(new CloneSetRequest(setId, "x", 2), pool.Admin, default)).Failure?.Code);
        Assert.Equal("SetNameTaken", (await clone.ExecuteAsync(new CloneSetRequest(setId, "then"), pool.Admin, default)).Failure?.Code);
        Assert.Equal("SetNotFound", (await clone.ExecuteAsync(new CloneSetRequest(setId, "y"), pool.Database.Scoped("game"), default)).Failure?.Code);
    }
}

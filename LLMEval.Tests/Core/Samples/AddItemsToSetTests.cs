using System.Globalization;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class AddItemsToSetTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Add_MessagesAndDraftsMixed_KeepTheirOrderAndAreThereOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: ["hi", "hello", "how are you", "fine"]);
        var setId = await CreateAsync(database);
        var add = new AddItemsToSet(database.Contexts, database.Clock);
        NewItem[] items = [Draft("a"), Message("m-4"), Draft("b"), Message("m-2"), Draft("a")];

        Assert.Equal(new AddedToSet(4, 1, 0), (await add.ExecuteAsync(new AddItemsRequest(setId, items), database.Admin, default)).Value);
        await database.LabelAsync(messages[1], Verdict.Bad, "good evening");
        Assert.Equal(new AddedToSet(1, 4, 1), (await add.ExecuteAsync(new AddItemsRequest(setId, [.. items, Draft("c")]), database.Admin, default)).Value);

        var rows = (await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items;
        Assert.Equal(["a", "how are you", "b", "hi", "c"], rows.Select(r => r.InputPreview));
        Assert.Equal([0, 0, 0, 1, 0], rows.Select(r => r.ReferenceCount));
        var set = (await new SetOutlineQueries(database.Contexts, database.Clock).OfAsync(setId, database.Admin, default))!;
        Assert.Equal((5, "companion"), (set.ItemCount, Assert.Single(set.BizCodes)));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Add_ByManyAtOnce_LosesAndDoublesNothing(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync();
        var setId = await CreateAsync(database);
        var add = new AddItemsToSet(database.Contexts, database.Clock);

        var added = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() =>
            add.ExecuteAsync(new AddItemsRequest(setId, [Draft("same"), Message("m-2"), Draft(string.Create(CultureInfo.InvariantCulture, $"own {i}"))]), database.Admin, default))));

        Assert.All(added, result => Assert.Null(result.Failure));
        Assert.Equal((8, 10), (added.Sum(r => r.Value!.Added), added.Sum(r => r.Value!.AlreadyThere)));
        var rows = (await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default)).Items;
        Assert.Equal(Enumerable.Range(0, 8), rows.Select(r => r.Position));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Add_OneOfAnotherBusinessLine_AddsNone(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync();
        var setId = await CreateAsync(database);
        var add = new AddItemsToSet(database.Contexts, database.Clock);

        var refused = await add.ExecuteAsync(new AddItemsRequest(setId, [.. Enumerable.Range(0, 250).Select(i => Draft(string.Create(CultureInfo.InvariantCulture, $"{i}"))), Message("m-2")]), database.Scoped("game"), default);

        Assert.Equal(("ItemMessageNotFound", "items[250].message"), (refused.Failure?.Code, refused.Failure?.Field));
        await using var db = database.Open();
        Assert.Empty(db.Samples);
        Assert.Empty(db.SetItems);
    }

    [Fact]
    public async Task Rule_OfBusinessLinesThatItsMakerMayNotSee_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var create = new CreateSet(database.Contexts, database.Clock);
        var rule = new SampleFilter { BizCodes = ["companion"] };

        Assert.Equal("BizUnknown", (await create.ExecuteAsync(new CreateSetRequest("peek") { Rule = rule }, database.Scoped("game"), default)).Failure?.Code);
        var own = (await create.ExecuteAsync(new CreateSetRequest("own") { Rule = new SampleFilter() }, database.Scoped("game"), default)).Value;
        var edit = new EditSet(database.Contexts, database.Clock);
        Assert.Equal("BizUnknown", (await edit.ExecuteAsync(new EditSetRequest(own, "own", null, null, 10, []) { Rule = rule }, database.Scoped("game"), default)).Failure?.Code);
        var outline = await new SetOutlineQueries(database.Contexts, database.Clock).OfAsync(own, database.Scoped("game"), default);
        Assert.True((await edit.ExecuteAsync(new EditSetRequest(own, "mine", null, null, 10, []) { Rule = outline!.Rule }, database.Scoped("game"), default)).IsOk);
    }

    private static NewItem Draft(string text) => new(null, new SampleDraft([new SampleMessage("user", text)]));

    private static NewItem Message(string id) => new(new MessageName("companion", "s-1", id), null);

    private static async Task<long> CreateAsync(TestDatabase database) =>
        (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("set"), database.Admin, default)).Value;
}

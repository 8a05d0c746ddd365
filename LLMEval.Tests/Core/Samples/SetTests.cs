using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class SetTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Add_MessagesOnceAndAgain_CountsWhatIsNew(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: ["hi", "hello", "how are you", "fine"]);
        var setId = await CreateAsync(database, "empathy");
        var add = new AddToSet(database.Contexts, database.Clock);

        var first = await add.ExecuteAsync(new AddToSetRequest(setId, [messages[3].Id, messages[1].Id]), database.Admin, default);
        var second = await add.ExecuteAsync(new AddToSetRequest(setId, [messages[1].Id, messages[3].Id]), database.Admin, default);
        await database.LabelAsync(messages[1], Verdict.Bad, "good evening");
        var third = await add.ExecuteAsync(new AddToSetRequest(setId, [messages[1].Id]), database.Admin, default);

        Assert.Equal(new AddedToSet(2, 0, 0), first.Value);
        Assert.Equal(new AddedToSet(0, 2, 0), second.Value);
        Assert.Equal(new AddedToSet(0, 0, 1), third.Value);
        var items = await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default);
        Assert.Equal(["fine", "hello"], items.Items.Select(i => i.AnswerPreview));
        Assert.Equal([0, 1], items.Items.Select(i => i.ReferenceCount));
        Assert.Equal("how are you", items.Items[0].InputPreview);
        Assert.Equal(2, (await new SetQueries(database.Contexts).DetailAsync(setId, database.Admin, default))!.ItemCount);
        var sets = await new SetItemQueries(database.Contexts).OfMessagesAsync([messages[1].Id, messages[3].Id], database.Admin, default);
        Assert.Equal("empathy", Assert.Single(sets[messages[1].Id]).Name);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Items_ManyPages_AreEachSeenOnceInBothDirections(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: [.. Enumerable.Range(1, 24).Select(i => $"text {i}")]);
        var setId = await CreateAsync(database, "long");
        await new AddToSet(database.Contexts, database.Clock).ExecuteAsync(new AddToSetRequest(setId, [.. messages.Where((_, i) => i % 2 == 1).Select(m => m.Id)]), database.Admin, default);
        var frozen = await new FreezeSet(database.Contexts, database.Clock).ExecuteAsync(setId, database.Admin, default);
        var queries = new SetItemQueries(database.Contexts);

        foreach (var read in new Func<PageRequest, Task<Page<SetItemRow>>>[]
        {
            page => queries.OfSetAsync(setId, page, database.Admin, default),
            page => queries.OfVersionAsync(setId, frozen.Value!.Number, page, database.Admin, default),
        })
        {
            var seen = new List<int>();
            var page = await read(new PageRequest(Take: 5));
            seen.AddRange(page.Items.Select(i => i.Position));
            while (page.Next is { } next)
            {
                page = await read(new PageRequest(After: next, Take: 5));
                seen.AddRange(page.Items.Select(i => i.Position));
            }
            Assert.Equal(Enumerable.Range(0, 12), seen);
            var before = await read(new PageRequest(Before: page.Previous, Take: 5));
            Assert.Equal(Enumerable.Range(5, 5), before.Items.Select(i => i.Position));
            var last = await read(new PageRequest(IsLast: true, Take: 5));
            Assert.Equal(Enumerable.Range(7, 5), last.Items.Select(i => i.Position));
            Assert.Null(last.Next);
        }
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Freeze_UnchangedSet_KeepsItsVersion(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: ["hi", "hello", "how are you", "fine"]);
        var setId = await CreateAsync(database, "empathy");
        var add = new AddToSet(database.Contexts, database.Clock);
        var freeze = new FreezeSet(database.Contexts, database.Clock);

        Assert.Equal("SetIsEmpty", (await freeze.ExecuteAsync(setId, database.Admin, default)).Failure?.Code);
        await add.ExecuteAsync(new AddToSetRequest(setId, [messages[1].Id, messages[3].Id]), database.Admin, default);
        var at = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => freeze.ExecuteAsync(setId, database.Admin, default))));
        Assert.All(at, v => Assert.Equal(1, v.Value!.Number));

        var items = await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Admin, default);
        await new RemoveFromSet(database.Contexts, database.Clock).ExecuteAsync(new RemoveFromSetRequest(setId, [items.Items[0].ItemId]), database.Admin, default);
        var second = await freeze.ExecuteAsync(setId, database.Admin, default);

        Assert.Equal((2, 1), (second.Value!.Number, second.Value.ItemCount));
        Assert.Equal([2, 1], (await new SetQueries(database.Contexts).VersionsAsync(setId, database.Admin, default)).Select(v => v.Number));
        Assert.Equal(2, (await new SetItemQueries(database.Contexts).OfVersionAsync(setId, 1, new PageRequest(), database.Admin, default)).Items.Count);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Set_WithTwoBusinessLines_IsSeenOnlyByThoseWhoSeeBoth(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, companion) = await database.SessionAsync("s-1", "companion");
        var (_, game) = await database.SessionAsync("s-2", "game");
        var setId = await CreateAsync(database, "mixed");
        var add = new AddToSet(database.Contexts, database.Clock);
        var queries = new SetQueries(database.Contexts);

        var refused = await add.ExecuteAsync(new AddToSetRequest(setId, [companion[1].Id, game[1].Id]), database.Scoped("companion"), default);
        Assert.Equal("BotMessagesNotFound", refused.Failure?.Code);
        Assert.Equal(0, (await queries.DetailAsync(setId, database.Admin, default))!.ItemCount);

        await add.ExecuteAsync(new AddToSetRequest(setId, [companion[1].Id, game[1].Id]), database.Admin, default);

        Assert.Empty((await queries.PageAsync(new SetFilter(), new PageRequest(), database.Scoped("companion"), default)).Items);
        Assert.Null(await queries.DetailAsync(setId, database.Scoped("companion"), default));
        Assert.Empty((await new SetItemQueries(database.Contexts).OfSetAsync(setId, new PageRequest(), database.Scoped("companion"), default)).Items);
        Assert.Equal("SetNotFound", (await add.ExecuteAsync(new AddToSetRequest(setId, [companion[1].Id]), database.Scoped("companion"), default)).Failure?.Code);
        Assert.NotNull(await queries.NamedAsync("mixed", database.Scoped("companion", "game"), default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Delete_Set_HidesItAndFreesItsName(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await CreateAsync(database, "twice");
        var create = new CreateSet(database.Contexts, database.Clock);
        Assert.Equal("SetNameTaken", (await create.ExecuteAsync(new CreateSetRequest("twice"), database.Admin, default)).Failure?.Code);

        await new DeleteSet(database.Contexts, database.Clock).ExecuteAsync(setId, database.Admin, default);

        Assert.Null(await new SetQueries(database.Contexts).DetailAsync(setId, database.Admin, default));
        Assert.True((await create.ExecuteAsync(new CreateSetRequest("twice"), database.Admin, default)).IsOk);
        Assert.Single((await new SetQueries(database.Contexts).PageAsync(new SetFilter("twi"), new PageRequest(), database.Admin, default)).Items);
    }

    private static async Task<long> CreateAsync(TestDatabase database, string name) =>
        (await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest(name), database.Admin, default)).Value;
}

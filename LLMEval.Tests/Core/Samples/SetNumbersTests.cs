using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Sessions;
using LLMEval.Core.Scoring;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Samples;

public sealed class SetNumbersTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Numbers_AfterItemsWereRemoved_HaveNoGapsOnAnyPageAndMovesFollowThem(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (setId, _) = await SetAsync(database, 8);
        var queries = new SetItemQueries(database.Contexts);
        var items = (await queries.OfSetAsync(setId, new(), database.Admin, default)).Items;
        await new RemoveFromSet(database.Contexts, database.Clock).ExecuteAsync(new RemoveFromSetRequest(setId, [items[0].ItemId, items[3].ItemId, items[4].ItemId]), database.Admin, default);

        var first = await queries.OfSetAsync(setId, new(Take: 2), database.Admin, default);
        var second = await queries.OfSetAsync(setId, new(After: first.Next, Take: 2), database.Admin, default);
        var back = await queries.OfSetAsync(setId, new(Before: second.Previous, Take: 2), database.Admin, default);
        Assert.Equal([(1, "answer 1"), (2, "answer 2"), (3, "answer 5"), (4, "answer 6")], first.Items.Concat(second.Items).Select(i => (i.Number, i.AnswerPreview)));
        Assert.Equal([1, 2], back.Items.Select(i => i.Number));

        var arrange = new ArrangeSet(database.Contexts, database.Clock);
        Assert.Equal(2, (await arrange.ExecuteAsync(new MoveItemRequest(setId, items[7].ItemId, 2), database.Admin, default)).Value);
        Assert.Equal(["answer 1", "answer 7", "answer 2", "answer 5", "answer 6"], await AnswersAsync(queries, setId, database));
        Assert.Equal(5, (await arrange.ExecuteAsync(new MoveItemRequest(setId, items[1].ItemId, 99), database.Admin, default)).Value);
        Assert.Equal(1, (await arrange.ExecuteAsync(new MoveItemRequest(setId, items[5].ItemId, 0), database.Admin, default)).Value);
        Assert.Equal(["answer 5", "answer 7", "answer 2", "answer 6", "answer 1"], await AnswersAsync(queries, setId, database));
        Assert.Equal(4, (await arrange.ExecuteAsync(new MoveItemRequest(setId, items[6].ItemId, 4), database.Admin, default)).Value);
        Assert.Equal([1, 2, 3, 4, 5], (await queries.OfSetAsync(setId, new(), database.Admin, default)).Items.Select(i => i.Number));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Diff_WithNow_NumbersWhatIsThereWithoutGaps(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (setId, messages) = await SetAsync(database, 4);
        await new FreezeSet(database.Contexts, database.Clock).ExecuteAsync(setId, database.Admin, default);
        var queries = new SetItemQueries(database.Contexts);
        var items = (await queries.OfSetAsync(setId, new(), database.Admin, default)).Items;
        await new RemoveFromSet(database.Contexts, database.Clock).ExecuteAsync(new RemoveFromSetRequest(setId, [items[0].ItemId, items[2].ItemId]), database.Admin, default);
        var (_, more) = await database.SessionAsync("more", contents: ["q", "new one"]);
        await new AddToSet(database.Contexts, database.Clock).ExecuteAsync(new AddToSetRequest(setId, [more[1].Id]), database.Admin, default);

        var diffs = new SetDiffQueries(database.Contexts);

        Assert.Equal([3], (await diffs.PageAsync(setId, 1, null, SetChange.Added, new(), database.Admin, default)).Items.Select(r => r.Number));
        Assert.Equal([1, 3], (await diffs.PageAsync(setId, 1, null, SetChange.Removed, new(), database.Admin, default)).Items.Select(r => r.Number));
        Assert.Equal(4, messages.Count);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Move_InASetOfARule_IsRefused(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (setId, _) = await SetAsync(database, 2);
        var rule = await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("rule") { Rule = new SampleFilter() }, database.Admin, default);
        var item = (await new SetItemQueries(database.Contexts).OfSetAsync(rule.Value, new(), database.Admin, default)).Items[0];

        Assert.Equal("SetHasRule", (await new ArrangeSet(database.Contexts, database.Clock).ExecuteAsync(new MoveItemRequest(rule.Value, item.ItemId, 2), database.Admin, default)).Failure?.Code);
        Assert.NotEqual(setId, rule.Value);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Add_MessageWhoseItemWasEdited_KeepsTheEditAndRefreshesTheOthers(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (setId, messages) = await SetAsync(database, 2);
        var queries = new SetItemQueries(database.Contexts);
        var items = (await queries.OfSetAsync(setId, new(), database.Admin, default)).Items;
        Assert.Null((await new EditItem(database.Contexts, database.Clock).ExecuteAsync(new EditItemRequest(setId, items[0].ItemId, ["a better answer"], null, 10), database.Admin, default)).Failure);
        foreach (var message in messages)
        {
            await new LabelMessage(database.Contexts, database.Clock).ExecuteAsync(new(message.Id, Verdict.Bad, GroundTruth: "said by a label"), database.Admin, default);
        }

        var added = await new AddToSet(database.Contexts, database.Clock).ExecuteAsync(new AddToSetRequest(setId, [.. messages.Select(m => m.Id)]), database.Admin, default);

        Assert.Equal(new AddedToSet(0, 1, 1), added.Value);
        await using var db = database.Open();
        var references = await db.SetItems.Where(i => i.SetId == setId).OrderBy(i => i.Position).Join(db.Samples, i => i.SampleId, s => s.Id, (_, s) => s.ReferencesJson).ToListAsync();
        Assert.Equal(["""["a better answer"]""", """["said by a label"]"""], references);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task CloneAndDraw_StoppedWhileTheyFill_LeaveNoSet(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (setId, _) = await SetAsync(database, 3);
        var create = new CreateSet(database.Contexts, database.Clock);
        var failing = new BrokenClock();

        await Assert.ThrowsAsync<InvalidOperationException>(() => new CloneSet(create, database.Contexts, failing).ExecuteAsync(new CloneSetRequest(setId, "copy"), database.Admin, default));

        await using var db = database.Open();
        Assert.Equal(["set"], await db.EvaluationSets.Select(s => s.Name).ToListAsync());
        var copy = await new CloneSet(create, database.Contexts, database.Clock).ExecuteAsync(new CloneSetRequest(setId, "copy"), database.Admin, default);
        Assert.Equal(3, (await db.EvaluationSets.SingleAsync(s => s.Id == copy.Value)).ItemCount);
        var drawn = await new DrawSet(create, new ScorerCatalog([]), database.Contexts, database.Clock).ExecuteAsync(
            new DrawSetRequest(new CreateSetRequest("drawn"), new SampleFilter(), new SetDraw(DrawRule.Random, 2, 1)), database.Admin, default);
        Assert.Equal(2, drawn.Value!.Drawn);
        Assert.Equal(2, (await db.EvaluationSets.SingleAsync(s => s.Id == drawn.Value.SetId)).ItemCount);
    }

    private static async Task<IEnumerable<string>> AnswersAsync(SetItemQueries queries, long setId, TestDatabase database) =>
        (await queries.OfSetAsync(setId, new(), database.Admin, default)).Items.Select(i => i.AnswerPreview);

    private static async Task<(long SetId, IReadOnlyList<Message> Messages)> SetAsync(TestDatabase database, int items)
    {
        var messages = new List<Message>();
        for (var i = 0; i < items; i++)
        {
            messages.Add((await database.SessionAsync($"s-{i}", contents: [$"question {i}", $"answer {i}"])).Messages[1]);
        }
        var set = await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("set"), database.Admin, default);
        await new AddToSet(database.Contexts, database.Clock).ExecuteAsync(new AddToSetRequest(set.Value, [.. messages.Select(m => m.Id)]), database.Admin, default);
        return (set.Value, messages);
    }

    /// <summary>Breaks where the items are to be filled in: the only time that a copy itself asks for.</summary>
    private sealed class BrokenClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => throw new InvalidOperationException("stopped");
    }
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Scoring;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Sampling;

public sealed class DrawSetTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Draw_SameSeedOnTheSamePool_IsTheSame_AndKeepsHowItWasDrawn(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await FillAsync(database, 60);
        var draw = new SetDraw(DrawRule.Stratified, 12, 5) { Strata = DrawStrata.Bot, Allocation = DrawAllocation.Equal };

        var first = await DrawAsync(database, "one", draw);
        var second = await DrawAsync(database, "two", draw);
        var other = await DrawAsync(database, "three", draw with { Seed = 6 });

        Assert.Equal((12, 60), (first.Drawn, first.PoolSize));
        Assert.Equal(await ItemsAsync(database, first.SetId), await ItemsAsync(database, second.SetId));
        Assert.NotEqual(await ItemsAsync(database, first.SetId), await ItemsAsync(database, other.SetId));
        await using var db = database.Open();
        var source = Json.Read<SetSource>((await db.EvaluationSets.SingleAsync(s => s.Id == first.SetId)).SourceJson!);
        Assert.Equal((SetSourceKind.Draw, draw, 60), (source.Kind, source.Draw, source.PoolSize));
        // Three bots hold 30, 20 and 10; each gives four.
        var items = await ItemsAsync(database, first.SetId);
        Assert.Equal([4, 4, 4], await db.Samples.Where(s => items.Contains(s.Id)).GroupBy(s => s.RobotId).OrderBy(g => g.Key).Select(g => g.Count()).ToListAsync());
    }

    [Theory]
    [InlineData(DrawAllocation.Proportional, new[] { 6, 4, 2 })]
    [InlineData(DrawAllocation.Equal, new[] { 4, 4, 4 })]
    public void Stratified_DividesAsSaid(DrawAllocation allocation, int[] expected)
    {
        var pool = Enumerable.Range(0, 60).Select(i => new DrawnSample(i + 1, "", i < 30 ? "a" : i < 50 ? "b" : "c", "zh")).ToList();

        var drawn = SampleDrawing.Draw(new SetDraw(DrawRule.Stratified, 12, 1) { Strata = DrawStrata.Bot, Allocation = allocation }, pool);

        Assert.Equal(expected, drawn.GroupBy(s => s.RobotId).OrderBy(g => g.Key).Select(g => g.Count()));
        Assert.Equal(drawn.Select(s => s.Id), SampleDrawing.Draw(new SetDraw(DrawRule.Stratified, 12, 1) { Strata = DrawStrata.Bot, Allocation = allocation }, [.. pool.AsEnumerable().Reverse()]).Select(s => s.Id));
    }

    [Fact]
    public void Neyman_TakesMostWhereTheMetricVaries()
    {
        var pool = Enumerable.Range(0, 40).Select(i => new DrawnSample(i + 1, "", i < 20 ? "calm" : "wild", "zh") { Score = i < 20 ? 0.5 + (i % 2 * 0.01) : i % 2 }).ToList();

        var drawn = SampleDrawing.Draw(new SetDraw(DrawRule.Stratified, 20, 1) { Strata = DrawStrata.Bot, Allocation = DrawAllocation.Neyman, Metric = "m" }, pool);

        Assert.Equal(20, drawn.Count);
        Assert.True(drawn.Count(s => s.RobotId == "wild") > drawn.Count(s => s.RobotId == "calm") * 3);
    }

    [Fact]
    public void LabelBalanced_TakesAsManyOfEach_AsFarAsThereAre()
    {
        var pool = Enumerable.Range(0, 50).Select(i => new DrawnSample(i + 1, "", "r", "zh") { Verdict = i < 5 ? Verdict.Bad : i < 20 ? Verdict.Good : null }).ToList();

        var drawn = SampleDrawing.Draw(new SetDraw(DrawRule.LabelBalanced, 24, 1), pool);

        Assert.Equal(5, drawn.Count(s => s.Verdict == Verdict.Bad));
        Assert.Equal(24, drawn.Count);
        Assert.InRange(drawn.Count(s => s.Verdict == Verdict.Good), 9, 10);
    }

    [Fact]
    public void WorstScored_TakesTheLowest_AndNoneWithoutAScore()
    {
        var pool = Enumerable.Range(0, 10).Select(i => new DrawnSample(i + 1, "", "r", "zh") { Score = i % 2 == 0 ? i : null }).ToList();

        Assert.Equal([1L, 3L, 5L], SampleDrawing.Draw(new SetDraw(DrawRule.WorstScored, 3, 1), pool).Select(s => s.Id));
        Assert.Equal(5, SampleDrawing.Draw(new SetDraw(DrawRule.WorstScored, 30, 1), pool).Count);
    }

    [Fact]
    public async Task Draw_ThatCannotBe_IsRefused_AndLeavesNoSet()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await FillAsync(database, 3);
        async Task<string?> CodeAsync(SetDraw draw, SampleFilter? from = null) =>
            (await Verb(database).ExecuteAsync(new DrawSetRequest(new CreateSetRequest("x"), from ?? new SampleFilter(), draw), database.Admin, default)).Failure?.Code;

        Assert.Equal("MetricMissing", await CodeAsync(new SetDraw(DrawRule.WorstScored, 3, 1)));
        Assert.Equal("NothingScored", await CodeAsync(new SetDraw(DrawRule.WorstScored, 3, 1) { Metric = "chrf" }));
        Assert.Equal("NumberOutOfRange", await CodeAsync(new SetDraw(DrawRule.Random, 0, 1)));
        Assert.Equal("NothingToDraw", await CodeAsync(new SetDraw(DrawRule.Random, 3, 1), new SampleFilter { Tags = "nobody" }));
        await using var db = database.Open();
        Assert.Equal(0, await db.EvaluationSets.CountAsync());
    }

    private static DrawSet Verb(TestDatabase database) => new(new CreateSet(database.Contexts, database.Clock), new ScorerCatalog([]), database.Contexts, database.Clock);

    private static async Task<DrawnSet> DrawAsync(TestDatabase database, string name, SetDraw draw) =>
        (await Verb(database).ExecuteAsync(new DrawSetRequest(new CreateSetRequest(name), new SampleFilter(), draw), database.Admin, default)).Value!;

    private static async Task<List<long>> ItemsAsync(TestDatabase database, long setId)
    {
        await using var db = database.Open();
        return await db.SetItems.Where(i => i.SetId == setId).OrderBy(i => i.Position).Select(i => i.SampleId).ToListAsync();
    }

    /// <summary>Half of the first bot, a third of the second, a sixth of the third.</summary>
    private static async Task FillAsync(TestDatabase database, int count)
    {
        await using var db = database.Open();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await SampleStore.AddAsync(
            db,
            [.. Enumerable.Range(0, count).Select(i => SampleStore.FromDraft(
                new SampleDraft([new("user", $"text {i}")]) { RobotId = i < count / 2 ? "a" : i < count * 5 / 6 ? "b" : "c" }, SampleOrigin.Typed, null, 10, database.Admin, database.Clock.GetUtcNow().UtcDateTime))],
            default);
        await transaction.CommitAsync();
    }
}

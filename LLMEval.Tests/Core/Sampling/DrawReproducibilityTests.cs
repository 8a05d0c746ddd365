using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Search;
using LLMEval.Tests.Core.Samples;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Sampling;

public sealed class DrawReproducibilityTests
{
    private const string RandomOfSeven = "q44 q18 q55 q58 q7";

    [Theory, OnSqlite, OnMySql]
    public async Task Draw_SameSeed_IsTheSameOnBothDatabases(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await pool.AddAsync(Enumerable.Range(0, 60).Select(i => PoolHost.Draft($"q{i}", i % 3 == 0 ? "topic/a/deep" : i % 3 == 1 ? "topic/b" : "else") with { RobotId = $"r-{i % 4}", BizCode = i < 50 ? "companion" : "game" }));
        async Task<string> DrawAsync(string name, SetDraw draw, SampleFilter? from = null)
        {
            var made = await pool.Get<DrawSet>().ExecuteAsync(new DrawSetRequest(new CreateSetRequest(name), from ?? new SampleFilter(), draw), pool.Admin, default);
            Assert.Null(made.Failure);
            var held = await pool.HeldAsync(made.Value!.SetId);
            Assert.Equal((draw.Size, held.Count), (made.Value.Drawn, made.Value.Drawn));
            return string.Join(' ', (await Task.WhenAll(held.Select(pool.SampleAsync))).Select(s => s.InputPreview));
        }

        Assert.Equal(RandomOfSeven, await DrawAsync("1", new SetDraw(DrawRule.Random, 5, 7)));
        Assert.Equal(RandomOfSeven, await DrawAsync("2", new SetDraw(DrawRule.Random, 5, 7)));
        Assert.NotEqual(RandomOfSeven, await DrawAsync("3", new SetDraw(DrawRule.Random, 5, 8)));
        var byTag = new SetDraw(DrawRule.Stratified, 6, 7) { Strata = DrawStrata.Tag, StrataTag = "/topic/", Allocation = DrawAllocation.Equal };
        var drawn = SampleDrawing.Draw(byTag, [.. Enumerable.Range(0, 60).Select(i => new DrawnSample(i, "", "", "") { Tag = i % 3 == 0 ? "topic/a" : i % 3 == 1 ? "topic/b" : null })]);
        Assert.Equal([2, 2, 2], drawn.GroupBy(d => d.Id % 3).Select(g => g.Count()));
        Assert.Equal(string.Join(' ', drawn.Select(d => $"q{d.Id}")), await DrawAsync("4", byTag));
        Assert.Equal(6, (await DrawAsync("5", new SetDraw(DrawRule.Stratified, 6, 7) { Strata = DrawStrata.Tag, StrataTag = "/" }, new SampleFilter { Tags = "topic" })).Split(' ').Length);
        Assert.Equal(["companion", "game"], (await pool.Get<SetQueries>().NamedAsync("4", pool.Admin, default))!.BizCodes);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Draw_ByLabelsAndScores_TakesWhatTheRuleSays(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, messages) = await pool.Database.SessionAsync(contents: [.. Enumerable.Range(0, 40).Select(i => $"m{i}")]);
        var bots = messages.Where((_, i) => i % 2 == 1).ToList();
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.TakeMessages) { Messages = new PoolSource { MessageIds = [.. bots.Select(m => m.Id)] } });
        for (var i = 0; i < 5; i++)
        {
            await pool.Database.LabelAsync(bots[i], i < 3 ? Verdict.Good : Verdict.Bad);
        }
        var ids = await IdsAsync(pool, bots.ConvertAll(m => m.Id));
        // The newest run that scored a sample counts, and its repeats by their mean.
        await ScoreAsync(pool, [(ids[0], 0.1), (ids[1], 0.9), (ids[2], 0.5)]);
        await ScoreAsync(pool, [(ids[0], 0.8), (ids[0], 0.6), (ids[3], 0.2), (ids[4], null)]);
        async Task<IReadOnlyList<long>> DrawAsync(string name, SetDraw draw)
        {
            var drawn = await pool.Get<DrawSet>().ExecuteAsync(new DrawSetRequest(new CreateSetRequest(name), new SampleFilter(), draw), pool.Admin, default);
            return drawn.Failure is null ? await pool.HeldAsync(drawn.Value!.SetId) : throw new InvalidOperationException(drawn.Failure.Code);
        }

        var balanced = await DrawAsync("balanced", new SetDraw(DrawRule.LabelBalanced, 9, 1));
        Assert.Equal((3, 2, 4), (balanced.Count(ids.Take(3).Contains), balanced.Count(ids.Skip(3).Take(2).Contains), balanced.Count(ids.Skip(5).Contains)));
        Assert.Equal([ids[3], ids[2], ids[0]], await DrawAsync("worst", new SetDraw(DrawRule.WorstScored, 3, 1) { Metric = " m " }));
        Assert.Equal([ids[3], ids[2], ids[0], ids[1]], await DrawAsync("all scored", new SetDraw(DrawRule.WorstScored, 30, 1) { Metric = "m" }));
        Assert.Equal(20, (await DrawAsync("all", new SetDraw(DrawRule.Random, 30, 1))).Count);
        Assert.Equal(7, (await DrawAsync("neyman", new SetDraw(DrawRule.Stratified, 7, 1) { Allocation = DrawAllocation.Neyman, Metric = "m" })).Count);

        var source = LLMEval.Core.Common.Json.Read<SetSource>(await SourceAsync(pool, "all"));
        Assert.Equal((SetSourceKind.Draw, 20, 30, 1), (source.Kind, source.PoolSize, source.Draw!.Size, source.Draw.Seed));
        foreach (var (draw, from, code) in new[]
        {
            (new SetDraw(DrawRule.WorstScored, 3, 1), new SampleFilter(), "MetricMissing"),
            (new SetDraw(DrawRule.Stratified, 3, 1) { Allocation = DrawAllocation.Neyman, Metric = " " }, new SampleFilter(), "MetricMissing"),
            (new SetDraw(DrawRule.WorstScored, 3, 1) { Metric = "none" }, new SampleFilter(), "NothingScored"),
            (new SetDraw(DrawRule.Random, 3, 1), new SampleFilter { BizCodes = ["none"] }, "NothingToDraw"),
            (new SetDraw(DrawRule.Random, 0, 1), new SampleFilter(), "NumberOutOfRange"),
            (new SetDraw(DrawRule.Random, 1, 1), new SampleFilter { Tags = ")" }, "TagExpressionName"),
        })
        {
            Assert.Equal(code, (await pool.Get<DrawSet>().ExecuteAsync(new DrawSetRequest(new CreateSetRequest("no"), from, draw), pool.Admin, default)).Failure?.Code);
        }
        Assert.Null(await pool.Get<SetQueries>().NamedAsync("no", pool.Admin, default));
    }

    /// <summary>By hand: of 60, 30 and 10 a draw of 20.</summary>
    [Fact]
    public void Stratified_EachAllocation_DividesTheSize()
    {
        var sizes = new[] { ("a", 60), ("b", 30), ("c", 10) };
        var pool = sizes.SelectMany((s, g) => Enumerable.Range(0, s.Item2).Select(i => new DrawnSample((g * 1000) + i, "", s.Item1, "zh") { Score = s.Item1 == "a" ? 0.5 : i % 2 })).ToList();
        int[] Sizes(DrawAllocation allocation, int size = 20)
        {
            var drawn = SampleDrawing.Draw(new SetDraw(DrawRule.Stratified, size, 3) { Allocation = allocation }, [.. pool.OrderByDescending(s => s.Id % 7)]);
            Assert.Equal(drawn.Count, drawn.Select(d => d.Id).Distinct().Count());
            Assert.Equal(drawn, SampleDrawing.Draw(new SetDraw(DrawRule.Stratified, size, 3) { Allocation = allocation }, pool));
            return [.. sizes.Select(s => drawn.Count(d => d.RobotId == s.Item1))];
        }

        Assert.Equal([12, 6, 2], Sizes(DrawAllocation.Proportional));
        Assert.Equal([7, 7, 6], Sizes(DrawAllocation.Equal));
        // No spread in a: the least of 2; b and c by 30·0.509 to 10·0.527.
        Assert.Equal([2, 13, 5], Sizes(DrawAllocation.Neyman));
        Assert.Equal([45, 45, 10], Sizes(DrawAllocation.Equal, 100) is [var a, var b, var c] ? [a - 15, b + 15, c] : []);
        Assert.Equal([60, 30, 10], Sizes(DrawAllocation.Neyman, 1000));
    }

    private static async Task<List<long>> IdsAsync(PoolHost pool, List<long> messageIds)
    {
        await using var db = pool.Database.Open();
        var byMessage = await db.Samples.Where(s => s.MessageId != null).ToDictionaryAsync(s => s.MessageId!.Value, s => s.Id);
        return messageIds.ConvertAll(m => byMessage[m]);
    }

    private static async Task<string> SourceAsync(PoolHost pool, string name)
    {
        await using var db = pool.Database.Open();
        return (await db.EvaluationSets.Where(s => s.Name == name).Select(s => s.SourceJson).SingleAsync())!;
    }

    private static async Task ScoreAsync(PoolHost pool, (long Sample, double? Value)[] scores)
    {
        await using var db = pool.Database.Open();
        var setId = (await pool.Get<CreateSet>().ExecuteAsync(new CreateSetRequest(Guid.NewGuid().ToString("N")), pool.Admin, default)).Value;
        var run = new Run { SetId = setId, SetVersionNumber = 1, Name = "run", State = RunState.Completed };
        db.Runs.Add(run);
        await db.SaveChangesAsync();
        foreach (var (index, (sample, value)) in scores.Index())
        {
            var trial = new Trial { RunId = run.Id, SampleId = sample, Position = index, State = TrialState.Scored };
            db.Trials.Add(trial);
            await db.SaveChangesAsync();
            db.TrialScores.Add(new TrialScore { TrialId = trial.Id, Scorer = "s", Metric = "m", Value = value });
        }
        await db.SaveChangesAsync();
    }
}

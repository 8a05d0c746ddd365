using LLMEval.Core.Data;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Sessions;
using LLMEval.Core.Statistics;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Reproduction;

public sealed class VerdictTests
{
    private const string Bad = "guess yourself";

    [Theory, OnSqlite, OnMySql]
    public async Task Verdict_AlwaysBadNeverBadAndSometimes_ComesOutByTheSequentialRule(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        var (always, never) = (await database.TargetVersionAsync("always", maxParallel: 1), await database.TargetVersionAsync("never", maxParallel: 1));
        await using var host = await RunHost.StartAsync(database, new Script((_, target, _) => Task.FromResult(Script.Reply(target.Name == "always" ? Bad : "sleep well"))));

        var task = await host.AskAsync(new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [always, never], Criterion.Contains("guess")), database);

        Assert.Equal((ReproductionState.Completed, ReproductionVerdict.Fixed), (task.Row.State, task.Row.Verdict));
        Assert.Equal(
            [(ReproductionVerdict.StillHappens, 2, 2, true), (ReproductionVerdict.Fixed, 0, 10, true)], task.Arms.Select(a => (a.Row.Verdict, a.Row.Bad, a.Row.Graded, a.Row.EndedEarly)));
        var comparison = Assert.Single(task.Comparisons);
        Assert.Equal(TwoByTwo.Boschloo(2, 2, 0, 10), comparison.P, 12);
        Assert.Equal(-1, comparison.Difference);

        var history = await host.Get<ReproductionQueries>().HistoryAsync(task.Row.CaseKey, database.Admin, default);
        Assert.Equal([("always@1", 2, 2), ("never@1", 0, 10)], history.Select(h => (h.Target, h.Bad, h.Graded)));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Extend_TaskThatStoppedEarly_AsksSoManyMoreOfEachVersion(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        var target = await database.TargetVersionAsync("bot", maxParallel: 1);
        await using var host = await RunHost.StartAsync(database, new Script((_, _, _) => Task.FromResult(Script.Reply(Bad))));
        var task = await host.AskAsync(new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [target], Criterion.Contains("guess")), database);
        Assert.Equal((2, 30), (task.Row.Done, task.Arms[0].Row.Times));
        Assert.Equal("More", (await host.Get<ExtendReproduction>().ExecuteAsync(new ExtendReproductionRequest(task.Row.Id, 499), database.Admin, default)).Failure?.Field);

        Assert.True((await host.Get<ExtendReproduction>().ExecuteAsync(new ExtendReproductionRequest(task.Row.Id, 5), database.Admin, default)).IsOk);

        task = await host.TaskEndedAsync(task.Row.Id, database);
        Assert.Equal((ReproductionState.Completed, 7, 7, 7), (task.Row.State, task.Row.Last.Bad, task.Row.Last.Graded, task.Row.Times));
        Assert.Equal(Enumerable.Range(0, 7), task.Arms[0].Generations.Select(g => g.Index));
        Assert.True(task.Arms[0].Groups.IsLowDiversity);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Verdict_ModelThatChangedWhileItWasAsked_IsNone(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        var target = await database.TargetVersionAsync("bot", maxParallel: 1);
        var asked = 0;
        await using var host = await RunHost.StartAsync(database, new Script((_, _, _) => Task.FromResult(Script.Reply(Bad) with { ResponseModel = "m-" + (Interlocked.Increment(ref asked) > 1 ? "2" : "1") })));

        var task = await host.AskAsync(new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [target], Criterion.Contains("guess")) { Times = 4 }, database);

        Assert.Equal((ReproductionVerdict.Undecided, 4, true), (task.Row.Verdict, task.Row.Last.Graded, task.Arms[0].IsModelChanged));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Start_CaseThatFailedOftenBefore_NeedsFewerGoodAnswers(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        var (old, candidate) = (await database.TargetVersionAsync("bot"), await database.TargetVersionAsync("bot", maxParallel: 1));
        await using var host = await RunHost.StartAsync(database, new Script((_, target, _) => Task.FromResult(Script.Reply(target.Number == 1 ? Bad : "sleep well"))));
        await host.AskAsync(new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [old], Criterion.Contains("guess")) { Times = 10, StopsEarly = false }, database);

        var task = await host.AskAsync(new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [candidate], Criterion.Contains("guess")), database);

        Assert.Equal((0.39, 7, ReproductionVerdict.Fixed), (Math.Round(task.P1, 2), task.Row.Last.Graded, task.Row.Verdict));
        Assert.Equal(("bot@1", 10, 10), (task.Case.Baseline!.Target, task.Case.Baseline.Bad, task.Case.Baseline.Graded));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Criterion_OfEachKind_TellsBadFromGood(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync(truth: "sleep well, dear");
        var (bot, judge) = (await database.TargetVersionAsync("bot", maxParallel: 1), await database.TargetVersionAsync("judge"));
        var asked = 0;
        string? rubric = null;
        await using var host = await RunHost.StartAsync(database, new Script((transcript, target, _) =>
        {
            if (target.Name != "judge")
            {
                return Task.FromResult(Script.Reply(Interlocked.Increment(ref asked) % 2 == 1 ? Bad : "sleep well, dear"));
            }
            rubric = transcript.Messages[1].Text;
            return Task.FromResult(Script.Reply(rubric.Contains("<new_answer>\n" + Bad, StringComparison.Ordinal) ? "Let me think {hm}.\n{\"reason\":\"cold\",\"verdict\":\"bad\"}" : "{\"verdict\":\"good\",\"reason\":\"warm\"}"));
        }));

        foreach (var criterion in new[]
        {
            Criterion.SimilarToRecorded(), Criterion.Contains("GUESS"), Criterion.Matches("gues+\\s"), Criterion.Scorer("chrf", 50), Criterion.Judge(judge, "sends the user away"),
        })
        {
            asked = 0;
            var task = await host.AskAsync(new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [bot], criterion) { Times = 4, StopsEarly = false }, database);
            Assert.Equal((criterion.Kind, 2, 4), (criterion.Kind, task.Row.Last.Bad, task.Row.Last.Graded));
            Assert.Equal(criterion.Kind is CriterionKind.Scorer or CriterionKind.SimilarToRecorded, task.Arms[0].Generations.All(g => g.Scores.Count > 0));
        }
        Assert.Contains("sends the user away", rubric, StringComparison.Ordinal);
        Assert.Contains("sleep well, dear", rubric, StringComparison.Ordinal);
        var judged = (await host.Get<ReproductionQueries>().PageAsync(new ReproductionFilter(), new(), database.Admin, default)).Items[0];
        Assert.Equal("cold", (await host.Get<ReproductionQueries>().DebugAsync(judged.Id, 0, 0, database.Admin, default))[0].Judge?.Reason);
    }

    [Fact]
    public async Task Criterion_ThatCannotBe_IsRefusedBesideItsField()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var message = await database.BadMessageAsync();
        var bot = await database.TargetVersionAsync("bot");
        await using var host = RunHost.Idle(database, new Script());
        var good = new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [bot], Criterion.Person);

        foreach (var (criterion, code) in new[]
        {
            (Criterion.Matches("(a"), "CriterionPatternInvalid"), (Criterion.Matches(""), "CriterionPatternMissing"), (Criterion.Matches("(?=a)b"), "CriterionPatternInvalid"),
            (Criterion.Scorer("chrf", 50), "CriterionNeedsReference"), (new Criterion(CriterionKind.Scorer), "CriterionScorerMissing"), (Criterion.Scorer("none", 1), "CriterionMetricUnknown"),
            (Criterion.Judge(bot, " "), "CriterionRubricMissing"), (Criterion.Judge(99, "cold"), "TargetVersionNotFound"),
            (Criterion.Judge(bot, "cold") with { Sensitivity = 0.5 }, "CriterionRatesTogether"), (Criterion.Judge(bot, "cold") with { Sensitivity = 0.5, Specificity = 0.5 }, "CriterionJudgeUseless"),
        })
        {
            var refused = await host.Get<StartReproduction>().ExecuteAsync(good with { Criterion = criterion }, database.Admin, default);
            Assert.Equal((code, true), (refused.Failure?.Code, refused.Failure?.Field is not null));
        }
        Assert.Equal("ReproductionTargets", (await host.Get<StartReproduction>().ExecuteAsync(good with { TargetVersionIds = [bot, bot] }, database.Admin, default)).Failure?.Code);
        Assert.Equal("ReproductionTargets", (await host.Get<StartReproduction>().ExecuteAsync(good with { TargetVersionIds = [] }, database.Admin, default)).Failure?.Code);
        Assert.Equal("Context", (await host.Get<StartReproduction>().ExecuteAsync(good with { Context = [new("nobody", "x")] }, database.Admin, default)).Failure?.Field);
        Assert.Equal("Memory", (await host.Get<StartReproduction>().ExecuteAsync(good with { Memory = [new(null, " ", null)] }, database.Admin, default)).Failure?.Field);
        Assert.Equal("BadCaseNotFound", (await host.Get<StartReproduction>().ExecuteAsync(good with { Source = ReproductionSource.OfSample(99) }, database.Admin, default)).Failure?.Code);
    }

    [Theory]
    [InlineData("""{"verdict":"bad","reason":"r"}""", GenerationVerdict.Bad, "r")]
    [InlineData("""thinking {"a":1} … {"reason":"r","verdict":"GOOD"} done""", GenerationVerdict.Good, "r")]
    [InlineData("""{"verdict":"maybe"}""", GenerationVerdict.Undecided, null)]
    [InlineData("bad", GenerationVerdict.Undecided, null)]
    [InlineData("", GenerationVerdict.Undecided, null)]
    [InlineData("{{{}}}", GenerationVerdict.Undecided, null)]
    public void Judge_Answer_IsReadOrDecidesNothing(string text, GenerationVerdict verdict, string? reason) => Assert.Equal((verdict, reason), ModelJudge.Read(text));
}

internal static class GivenReproductions
{
    public static async Task<Message> BadMessageAsync(this TestDatabase database, string? truth = null, string? parameters = """{"temperature":0.8}""", string? request = null, string answer = "guess yourself")
    {
        var (session, messages) = await database.SessionAsync(contents: ["asleep yet?", answer]);
        await database.MemoryAsync(session, "stays up late", session.StartedAt.AddDays(-2));
        await using var db = database.Open();
        db.Generations.Add(new Generation { MessageId = messages[1].Id, Model = "m", ParametersJson = parameters, RequestJson = request });
        await db.SaveChangesAsync();
        if (truth is not null)
        {
            await new LLMEval.Core.Labels.LabelMessage(database.Contexts, database.Clock).ExecuteAsync(new(messages[1].Id, LLMEval.Core.Labels.Verdict.Bad, GroundTruth: truth), database.Admin, default);
        }
        return messages[1];
    }

    public static async Task<ReproductionDetail> AskAsync(this RunHost host, ReproductionRequest request, TestDatabase database)
    {
        var started = await host.Get<StartReproduction>().ExecuteAsync(request, database.Admin, default);
        Assert.Null(started.Failure);
        return await host.TaskEndedAsync(started.Value, database);
    }

    public static Task<ReproductionDetail> TaskEndedAsync(this RunHost host, long id, TestDatabase database) => host.TaskIsAsync(id, task => task.IsEnded, database);

    /// <summary>Waits until the task is as wanted.</summary>
    public static Task<ReproductionDetail> TaskIsAsync(this RunHost host, long id, Func<ReproductionRow, bool> isWanted, TestDatabase database) =>
        Eventually.IsSoAsync(
            async () => (await host.Get<ReproductionQueries>().DetailAsync(id, database.Admin, default))!, task => isWanted(task.Row), task => $"task {id} is {task.Row.State}, {task.Row.Done} of {task.Row.Times}; the host said:\n{host.Said}");
}

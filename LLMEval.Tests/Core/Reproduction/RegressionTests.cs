using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Reproduction;

public sealed class RegressionTests
{
    private const string Bad = "guess yourself";

    [Theory, OnSqlite, OnMySql]
    public async Task Check_NewVersionOfTheTarget_AsksEachCaseOnceAndKeepsItsHistory(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        var first = await database.TargetVersionAsync("bot", maxParallel: 1);
        await using var host = RunHost.Idle(database, new Script((_, target, _) => Task.FromResult(Script.Reply(target.Number == 1 ? Bad : "sleep well"))));
        var task = await RunAsync(host, new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [first], Criterion.Contains("guess")), database);
        var set = await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest("bad cases"), database.Admin, default);
        Assert.Equal(1, (await host.Get<KeepRegression>().ExecuteAsync(new KeepRegressionRequest(task, set.Value), database.Admin, default)).Value!.Added);
        Assert.Equal(1, (await host.Get<KeepRegression>().ExecuteAsync(new KeepRegressionRequest(task, set.Value), database.Admin, default)).Value!.AlreadyThere);
        await using var db = database.Open();
        Assert.Equal(KeepRegression.Tag, (await db.SampleTags.SingleAsync()).Name);
        var target = await db.Targets.SingleAsync();

        var check = await host.Get<AddRegressionCheck>().ExecuteAsync(new AddRegressionCheckRequest(set.Value, target.Id, StartsNow: false), database.Admin, default);
        Assert.Equal("RegressionCheckExists", (await host.Get<AddRegressionCheck>().ExecuteAsync(new AddRegressionCheckRequest(set.Value, target.Id, false), database.Admin, default)).Failure?.Code);
        var rounds = host.Get<RegressionRounds>();
        await rounds.ExecuteAsync(default);
        Assert.Equal(1, await db.ReproductionTasks.CountAsync());

        await database.TargetVersionAsync("bot", maxParallel: 1);
        await rounds.ExecuteAsync(default);
        await rounds.ExecuteAsync(default);
        var asked = await db.ReproductionTasks.AsNoTracking().OrderBy(t => t.Id).LastAsync();
        Assert.Equal((2, check.Value, 2), (await db.ReproductionTasks.CountAsync(), asked.CheckId, asked.CheckRound));
        await host.Get<ReproductionWorker>().ExecuteAsync(asked.Id, default);

        var row = Assert.Single(await host.Get<RegressionQueries>().ChecksAsync(database.Admin, default));
        Assert.Equal((2, 1, 1, 0, 0), (row.Round, row.Cases, row.Fixed, row.StillHappens, row.Running));
        var line = Assert.Single((await host.Get<RegressionQueries>().CasesAsync(check.Value, new(), database.Admin, default)).Items);
        Assert.Equal([("bot@1", 2, 2), ("bot@2", 0, 10)], line.History.Select(h => (h.Target, h.Bad, h.Graded)));

        await host.Get<EditRegressionCheck>().ExecuteAsync(new EditRegressionCheckRequest(check.Value, RegressionChange.Again), database.Admin, default);
        await rounds.ExecuteAsync(default);
        Assert.Equal(3, await db.ReproductionTasks.CountAsync());
        await host.Get<EditRegressionCheck>().ExecuteAsync(new EditRegressionCheckRequest(check.Value, RegressionChange.Pause), database.Admin, default);
        await database.TargetVersionAsync("bot");
        await rounds.ExecuteAsync(default);
        Assert.Equal(3, await db.ReproductionTasks.CountAsync());
        Assert.Empty(await host.Get<RegressionQueries>().ChecksAsync(database.Scoped("game"), default));
        Assert.Equal("RegressionCheckNotFound", (await host.Get<EditRegressionCheck>().ExecuteAsync(new EditRegressionCheckRequest(check.Value, RegressionChange.Remove), database.Scoped("game"), default)).Failure?.Code);
        Assert.True((await host.Get<EditRegressionCheck>().ExecuteAsync(new EditRegressionCheckRequest(check.Value, RegressionChange.Remove), database.Admin, default)).IsOk);
        Assert.Equal(3, await db.ReproductionTasks.CountAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Accept_TheBestGeneration_IsTheMessagesGroundTruthAndKeepsTheLabelsRest(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        await new LabelMessage(database.Contexts, database.Clock).ExecuteAsync(new(message.Id, Verdict.Bad, 2, Comment: "cold"), database.Admin, default);
        var target = await database.TargetVersionAsync("bot");
        await using var host = RunHost.Idle(database, new Script((_, _, _) => Task.FromResult(Script.Reply("sleep well"))));
        var task = await RunAsync(host, new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [target], Criterion.Person) { Times = 2 }, database);

        var label = await host.Get<AcceptGeneration>().ExecuteAsync(new AcceptGenerationRequest(task, 0, 1), database.Admin, default);

        Assert.Equal(("sleep well", "cold", 2d, Verdict.Bad), (label.Value!.GroundTruth, label.Value.Comment, label.Value.Score, label.Value.Verdict));
        Assert.Equal("GenerationNotFound", (await host.Get<AcceptGeneration>().ExecuteAsync(new AcceptGenerationRequest(task, 0, 9), database.Admin, default)).Failure?.Code);
        Assert.Equal("ReproductionNotFound", (await host.Get<AcceptGeneration>().ExecuteAsync(new AcceptGenerationRequest(task, 0, 1), database.Scoped("game"), default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Start_FromASampleAndFromARunsAnswer_AsksTheSameTurn(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(1);
        var target = await database.TargetVersionAsync("bot", maxParallel: 1, parameters: """{"temperature":0.3}""");
        await using var host = await RunHost.StartAsync(database, new Script((_, _, _) => Task.FromResult(Script.Reply("the run's bad answer") with { RequestJson = """{"model":"m","temperature":0.3,"messages":[{"role":"user","content":"question 0"}]}""" })));
        var run = await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default);
        await host.EndedAsync(run.Value, database);
        await using var db = database.Open();
        var trial = await db.Trials.AsNoTracking().SingleAsync();

        var ofSample = await host.AskAsync(new ReproductionRequest(ReproductionSource.OfSample(trial.SampleId), [target], Criterion.SimilarToRecorded()) { Times = 3 }, database);
        var ofTrial = await host.AskAsync(new ReproductionRequest(ReproductionSource.OfTrial(trial.Id), [target], Criterion.SimilarToRecorded()) { Times = 3 }, database);

        Assert.Equal(("recorded 0", 0), (ofSample.Turn.Recorded!.Text, ofSample.Row.Last.Bad));
        Assert.Equal(("the run's bad answer", 2, "bot@1"), (ofTrial.Turn.Recorded!.Text, ofTrial.Row.Last.Bad, ofTrial.Case.AnsweredBy));
        Assert.Equal(ofSample.Row.CaseKey, ofTrial.Row.CaseKey);
        Assert.Equal(SameLogic.Same, ofTrial.Arms[0].SameLogic);
        Assert.Equal("question 0", Assert.Single(ofTrial.Turn.Context).Content);

        var again = await host.Get<AskAgain>().ExecuteAsync(ofTrial.Row.Id, database.Admin, default);
        Assert.Null(again.Failure);
        Assert.Equal("the run's bad answer", (await host.TaskEndedAsync(again.Value, database)).Turn.Recorded!.Text);
        Assert.Null(await host.Get<ReproductionDrafts>().OfAsync(ReproductionSource.OfTrial(trial.Id), null, database.Scoped("game"), default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Start_WithAnEditedContextAndMemory_AsksThose(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        var target = await database.TargetVersionAsync("bot");
        await using var host = await RunHost.StartAsync(database, new Script());

        var task = await host.AskAsync(
            new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [target], Criterion.Person) { Times = 1, Context = [new("user", "are you awake?")], Memory = [new(null, "is a nurse", null)] }, database);

        var asked = host.Script.Asked.Single().Transcript.Messages;
        Assert.Contains("is a nurse", asked[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("stays up late", asked[0].Text, StringComparison.Ordinal);
        Assert.Equal("are you awake?", asked[1].Text);
        Assert.Equal((true, true), (task.Case.ContextIsEdited, task.Case.MemoryIsEdited));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task List_ByVerdictPersonAndTime_ShowsThoseOnly(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await database.BadMessageAsync();
        var target = await database.TargetVersionAsync("bot");
        await using var host = RunHost.Idle(database, new Script((_, _, _) => Task.FromResult(Script.Reply(Bad))));
        var id = await RunAsync(host, new ReproductionRequest(ReproductionSource.OfMessage(message.Id), [target], Criterion.Contains("guess")), database);
        var queries = host.Get<ReproductionQueries>();

        async Task<int> CountAsync(ReproductionFilter filter) => (await queries.PageAsync(filter, new(), database.Admin, default)).Items.Count;

        Assert.Equal(1, await CountAsync(new ReproductionFilter { Verdict = ReproductionVerdict.StillHappens }));
        Assert.Equal(0, await CountAsync(new ReproductionFilter { Verdict = ReproductionVerdict.Fixed }));
        Assert.Equal(1, await CountAsync(new ReproductionFilter { Person = "tes" }));
        Assert.Equal(0, await CountAsync(new ReproductionFilter { Person = "nobody" }));
        Assert.Equal(1, await CountAsync(new ReproductionFilter { Started = LLMEval.Core.Common.TimeRange.Of(TimeSpan.FromDays(4000)) }));
        Assert.Equal(0, await CountAsync(new ReproductionFilter { Started = new(null, DateTime.UnixEpoch, DateTime.UnixEpoch.AddDays(1)) }));
        Assert.Equal(1, await CountAsync(new ReproductionFilter { CaseKey = $"message:{message.Id}" }));
        Assert.Equal(ReproductionVerdict.StillHappens, (await queries.RowAsync(id, database.Admin, default))!.Verdict);
    }

    private static async Task<long> RunAsync(RunHost host, ReproductionRequest request, TestDatabase database)
    {
        var started = await host.Get<StartReproduction>().ExecuteAsync(request, database.Admin, default);
        Assert.Null(started.Failure);
        await host.Get<ReproductionWorker>().ExecuteAsync(started.Value, default);
        return started.Value;
    }
}

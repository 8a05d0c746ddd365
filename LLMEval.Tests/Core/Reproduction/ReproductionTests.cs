using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Sessions;
using LLMEval.Core.Statistics;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Reproduction;

public sealed class ReproductionTests
{
    private const string BadAnswer = "go away, I do not want to talk to you today";

    [Theory, OnSqlite, OnMySql]
    public async Task Reproduction_AnswersSometimesAsBad_TellsKOfNWithItsInterval(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await BadMessageAsync(database);
        var target = await database.TargetVersionAsync("bot", parameters: """{"temperature":0.1,"top_k":5}""");
        var asked = 0;
        await using var host = await RunHost.StartAsync(database, new Script((_, _, _) => Task.FromResult(Script.Reply(Interlocked.Increment(ref asked) % 2 == 1 ? BadAnswer + "!" : "come here, dear"))));

        var started = await host.Get<StartReproduction>().ExecuteAsync(
            Ask(message, target, 6, Criterion.SimilarToRecorded()) with { Overrides = JsonElement.Parse("""{"top_p":0.5}""") }, database.Admin, default);

        Assert.Null(started.Failure);
        var task = await host.TaskEndedAsync(started.Value, database);
        var wilson = Intervals.Wilson(3, 6, 0.95);
        Assert.Equal((ReproductionState.Completed, 6, 3, 6), (task.Row.State, task.Row.Done, task.Row.Last.Bad, task.Row.Last.Graded));
        Assert.Equal(wilson.Low!.Value, task.Row.Last.Low!.Value, 12);
        Assert.Equal(wilson.High!.Value, task.Row.Last.High!.Value, 12);
        Assert.All(task.Arms[0].Generations.Where(g => g.Verdict == GenerationVerdict.Bad), g => Assert.InRange(g.Score!.Value, 60, 100));
        Assert.Equal(6, task.Arms[0].Generations.Select(g => g.Seed).Distinct().Count());
        Assert.Equal("""{"temperature":0.8,"top_k":5,"top_p":0.5}""", task.Arms[0].Plan.Target.Parameters.GetRawText());
        Assert.Equal(
            [
                ("model", ParameterDifference.OnlyRecorded, null),
                ("seed", ParameterDifference.Different, ParameterSource.Own),
                ("temperature", ParameterDifference.Equal, ParameterSource.Recorded),
                ("top_k", ParameterDifference.OnlyHere, ParameterSource.Version),
                ("top_p", ParameterDifference.Different, ParameterSource.Override),
                ("vendor_mode", ParameterDifference.OnlyRecorded, null),
            ],
            task.Arms[0].Parameters.Select(p => (p.Key, p.Difference, p.Source)));
        Assert.Equal(["talk to me"], task.Turn.Context.Select(m => m.Content));
        Assert.Equal(["likes to talk"], task.Turn.Memory.Select(m => m.Content));
        Assert.Contains("likes to talk", host.Script.Asked.First().Transcript.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal("""{"ok":true}""", (await host.Get<ReproductionQueries>().DebugAsync(started.Value, 0, 2, database.Admin, default))[0].ResponseJson);
        Assert.Single((await host.Get<ReproductionQueries>().PageAsync(new ReproductionFilter(RobotId: "r-1", State: ReproductionState.Completed), new PageRequest(), database.Admin, default)).Items);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Judge_ByAPerson_FollowsEachVerdict(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await BadMessageAsync(database);
        var target = await database.TargetVersionAsync("bot");
        await using var host = await RunHost.StartAsync(database, new Script());
        var id = (await host.Get<StartReproduction>().ExecuteAsync(Ask(message, target, 3, Criterion.Person), database.Admin, default)).Value;
        var task = await host.TaskEndedAsync(id, database);
        Assert.Equal((0, 0, null), (task.Row.Last.Bad, task.Row.Last.Graded, task.Row.Last.Rate));

        var judge = host.Get<JudgeGeneration>();
        await Task.WhenAll(
            Task.Run(() => judge.ExecuteAsync(new JudgeGenerationRequest(id, 0, 0, GenerationVerdict.Bad), database.Admin, default)),
            Task.Run(() => judge.ExecuteAsync(new JudgeGenerationRequest(id, 0, 1, GenerationVerdict.Good), database.Admin, default)),
            Task.Run(() => judge.ExecuteAsync(new JudgeGenerationRequest(id, 0, 2, GenerationVerdict.Bad), database.Admin, default)));
        task = await host.TaskEndedAsync(id, database);
        Assert.Equal((2, 3), (task.Row.Last.Bad, task.Row.Last.Graded));
        Assert.Equal("test", task.Arms[0].Generations[0].JudgedByName);

        await judge.ExecuteAsync(new JudgeGenerationRequest(id, 0, 0, GenerationVerdict.Undecided), database.Admin, default);
        task = await host.TaskEndedAsync(id, database);
        Assert.Equal((1, 2, 0.5), (task.Row.Last.Bad, task.Row.Last.Graded, task.Row.Last.Rate));
        Assert.Equal("GenerationNotFound", (await judge.ExecuteAsync(new JudgeGenerationRequest(id, 0, 9, GenerationVerdict.Bad), database.Admin, default)).Failure?.Code);
        Assert.Equal("ReproductionNotFound", (await judge.ExecuteAsync(new JudgeGenerationRequest(id, 0, 0, GenerationVerdict.Bad), database.Scoped("game"), default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Host_StoppedInTheMiddle_TheNextOneAsksOnlyWhatIsMissing(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await BadMessageAsync(database);
        var target = await database.TargetVersionAsync("bot", maxParallel: 2);
        var (places, isHeld) = (7, true);
        var script = new Script(async (_, _, token) =>
        {
            if (Volatile.Read(ref isHeld) && Interlocked.Decrement(ref places) < 0)
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            return Script.Reply("I said: " + BadAnswer);
        });
        long id;
        await using (var first = await RunHost.StartAsync(database, script))
        {
            id = (await first.Get<StartReproduction>().ExecuteAsync(Ask(message, target, 20, Criterion.Contains("GO AWAY")), database.Admin, default)).Value;
            await first.TaskIsAsync(id, task => task.Done == 7, database);
        }
        script.Asked.Clear();
        Volatile.Write(ref isHeld, false);

        await using var second = await RunHost.StartAsync(database, script);
        var task = await second.TaskEndedAsync(id, database);

        Assert.Equal((ReproductionState.Completed, 20, 20), (task.Row.State, task.Row.Last.Bad, task.Row.Last.Graded));
        Assert.Equal(13, script.Asked.Count);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Worker_ThreeOnTheSameTaskAtOnce_StoresEachGenerationOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await BadMessageAsync(database);
        var target = await database.TargetVersionAsync("bot");
        await using var host = RunHost.Idle(database, new Script((_, _, _) => Task.FromResult(Script.Reply(BadAnswer))));
        var id = (await host.Get<StartReproduction>().ExecuteAsync(Ask(message, target, 30, Criterion.SimilarToRecorded()), database.Admin, default)).Value;

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => host.Get<ReproductionWorker>().ExecuteAsync(id, default))));

        var task = await DetailAsync(host, id, database);
        Assert.Equal((ReproductionState.Completed, 30, 30), (task.Row.State, task.Row.Last.Bad, task.Row.Last.Graded));
        Assert.Equal(Enumerable.Range(0, 30), task.Arms[0].Generations.Select(g => g.Index));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Reproduction_TargetThatFails_EndsFailedWithoutARate(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await BadMessageAsync(database);
        var target = await database.TargetVersionAsync("bot");
        await using var host = await RunHost.StartAsync(database, new Script((_, _, _) => Task.FromResult(Script.Refusal())));

        var id = (await host.Get<StartReproduction>().ExecuteAsync(Ask(message, target, 4, Criterion.Contains("x")), database.Admin, default)).Value;
        var task = await host.TaskEndedAsync(id, database);

        Assert.Equal((ReproductionState.Failed, "ReproductionAllFailed", 4, 0, null), (task.Row.State, task.Row.FailureCode, task.Row.Done, task.Row.Last.Graded, task.Row.Last.Rate));
        Assert.All(task.Arms[0].Generations, g => Assert.Equal("http_500", g.ErrorType));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Cancel_RunningTask_KeepsWhatWasAnswered(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await BadMessageAsync(database);
        var target = await database.TargetVersionAsync("bot", maxParallel: 1);
        var asked = 0;
        await using var host = await RunHost.StartAsync(database, new Script(async (_, _, token) =>
        {
            await Task.Delay(Interlocked.Increment(ref asked) == 1 ? 0 : 60_000, token);
            return Script.Reply(BadAnswer);
        }));
        var id = (await host.Get<StartReproduction>().ExecuteAsync(Ask(message, target, 5, Criterion.SimilarToRecorded()), database.Admin, default)).Value;
        await host.TaskIsAsync(id, task => task.Done == 1, database);

        Assert.True((await host.Get<CancelReproduction>().ExecuteAsync(id, database.Admin, default)).IsOk);

        var task = await DetailAsync(host, id, database);
        Assert.Equal((ReproductionState.Cancelled, 1, 1), (task.Row.State, task.Row.Last.Bad, task.Row.Last.Graded));
        Assert.Equal("ReproductionAlreadyEnded", (await host.Get<CancelReproduction>().ExecuteAsync(id, database.Admin, default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Start_WhatCannotBe_IsRefusedBesideItsField(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var message = await BadMessageAsync(database);
        var target = await database.TargetVersionAsync("bot");
        await using var host = RunHost.Idle(database, new Script());
        var start = host.Get<StartReproduction>();
        var good = Ask(message, target, 3, Criterion.Person);

        Assert.Equal("Forbidden", (await start.ExecuteAsync(good, database.Without(Permissions.ReproductionsStart), default)).Failure?.Code);
        Assert.Equal("Source", (await start.ExecuteAsync(good, database.Scoped("game"), default)).Failure?.Field);
        Assert.Equal("Times", (await start.ExecuteAsync(good with { Times = 501 }, database.Admin, default)).Failure?.Field);
        Assert.Equal("TargetVersionIds", (await start.ExecuteAsync(good with { TargetVersionIds = [99] }, database.Admin, default)).Failure?.Field);
        Assert.Equal("Any", (await start.ExecuteAsync(good with { Criterion = Criterion.Contains(" ") }, database.Admin, default)).Failure?.Field);
        Assert.Equal("Threshold", (await start.ExecuteAsync(good with { Criterion = Criterion.SimilarToRecorded(101) }, database.Admin, default)).Failure?.Field);
        Assert.Equal("Metric", (await start.ExecuteAsync(good with { Criterion = new Criterion(CriterionKind.SimilarToRecorded, "length") }, database.Admin, default)).Failure?.Field);
        Assert.Equal("Overrides", (await start.ExecuteAsync(good with { Overrides = JsonElement.Parse("""{"temperature":"hot"}""") }, database.Admin, default)).Failure?.Field);

        var id = (await start.ExecuteAsync(good, database.Admin, default)).Value;
        Assert.Null(await host.Get<ReproductionQueries>().DetailAsync(id, database.Scoped("game"), default));
        Assert.Empty((await host.Get<ReproductionQueries>().PageAsync(new ReproductionFilter(), new PageRequest(), database.Scoped("game"), default)).Items);
        Assert.Empty(await host.Get<ReproductionQueries>().DebugAsync(id, 0, null, database.Scoped("game"), default));
    }

    private static ReproductionRequest Ask(Message message, long target, int times, Criterion criterion) =>
        new(ReproductionSource.OfMessage(message.Id), [target], criterion) { Times = times, StopsEarly = false };

    private static async Task<Message> BadMessageAsync(TestDatabase database)
    {
        var (session, messages) = await database.SessionAsync(contents: ["talk to me", BadAnswer]);
        await database.MemoryAsync(session, "likes to talk", session.StartedAt.AddDays(-2));
        await database.MemoryAsync(session, "learned after", session.StartedAt.AddDays(1));
        await using var db = database.Open();
        db.Generations.Add(new Generation { MessageId = messages[1].Id, Model = "production-3", ParametersJson = """{"temperature":0.8,"top_p":0.9,"seed":7,"vendor_mode":"x"}""" });
        await db.SaveChangesAsync();
        return messages[1];
    }

    private static async Task<ReproductionDetail> DetailAsync(RunHost host, long id, TestDatabase database) =>
        (await host.Get<ReproductionQueries>().DetailAsync(id, database.Admin, default))!;
}

using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace LLMEval.Tests.Core.Runs;

public sealed class RunCrashTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Host_StoppedInTheMiddle_TheNextOneFinishesWithoutAskingAgain(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 60);
        var target = await database.TargetVersionAsync("bot", maxParallel: 4);
        var (places, isHeld) = (15, true);
        var script = new Script(async (t, _, token) =>
        {
            if (Volatile.Read(ref isHeld) && Interlocked.Decrement(ref places) < 0)
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            return Script.Reply("answer to " + t.Messages[^1].Text);
        });
        long runId;
        await using (var first = await RunHost.StartAsync(database, script, ("Runs:ShardSize", "20")))
        {
            runId = (await first.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], first.Specs("length"), MaxParallel: 4), database.Admin, default)).Value;
            await first.DoneAsync(runId, 12, database);
        }
        await using var db = database.Open();
        var pending = await db.Trials.CountAsync(t => t.RunId == runId && t.State == TrialState.Pending);
        Assert.Equal(45, pending);
        script.Asked.Clear();
        Volatile.Write(ref isHeld, false);

        await using var second = await RunHost.StartAsync(database, script, ("Runs:ShardSize", "20"));
        var run = await second.EndedAsync(runId, database);

        Assert.Equal((RunState.Completed, 60, 0), (run.State, run.Done, run.Failed));
        Assert.Equal(pending, script.Asked.Count);
        await RunTests.AssertScoredOnceAsync(database, runId);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Worker_FindsAnsweredTrials_ScoresThemWithoutAskingAgain(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 5);
        var target = await database.TargetVersionAsync("bot");
        await using var host = RunHost.Idle(database, new Script());
        var runId = (await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default)).Value;
        await using (var db = database.Open())
        {
            // As a process leaves them that died between a reply and its scores.
            await db.Trials.Where(t => t.RunId == runId && t.Position < 3).ExecuteUpdateAsync(u => u.SetProperty(t => t.State, TrialState.Answered).SetProperty(t => t.Answer, "stored"));
        }

        await host.Get<RunWorker>().ExecuteAsync(runId, 0, default);

        Assert.Equal(2, host.Script.Asked.Count);
        Assert.Equal(RunState.Completed, (await host.Get<RunQueries>().DetailAsync(runId, database.Admin, default))!.State);
        await RunTests.AssertScoredOnceAsync(database, runId);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Worker_ThreeOnTheSameShardAtOnce_EachTrialIsScoredOnceOnTheAnswerThatIsStored(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 40);
        var target = await database.TargetVersionAsync("bot", maxParallel: 8);
        var number = 0;
        var script = new Script(async (_, _, token) =>
        {
            var mine = Interlocked.Increment(ref number);
            await Task.Delay(mine % 7, token);
            // Answers of many lengths: a score that belongs to another worker's answer would show.
            return Script.Reply(new string('x', mine));
        });
        await using var one = RunHost.Idle(database, script);
        await using var two = RunHost.Idle(database, script);
        await using var three = RunHost.Idle(database, script);
        var runId = (await one.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], one.Specs("length")), database.Admin, default)).Value;

        await Task.WhenAll(new[] { one, two, three }.Select(host => Task.Run(() => host.Get<RunWorker>().ExecuteAsync(runId, 0, default))));

        var run = await one.Get<RunQueries>().DetailAsync(runId, database.Admin, default);
        Assert.Equal((RunState.Completed, 40), (run!.State, run.Done));
        await RunTests.AssertScoredOnceAsync(database, runId);
        await using var db = database.Open();
        var lengths = await db.Trials.Where(t => t.RunId == runId).Join(db.TrialScores.Where(s => s.Scorer == "length"), t => t.Id, s => s.TrialId, (t, s) => new { t.Answer, s.Metric, s.Value }).ToListAsync();
        var metric = lengths[0].Metric;
        Assert.All(lengths.Where(l => l.Metric == metric), l => Assert.Equal(l.Answer!.Length, l.Value));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Sweep_RunWithAllTrialsDoneButNoSummary_FinishesIt(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 3);
        var target = await database.TargetVersionAsync("bot");
        long runId;
        await using (var host = RunHost.Idle(database, new Script()))
        {
            runId = (await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default)).Value;
            await host.Get<RunWorker>().ExecuteAsync(runId, 0, default);
        }
        await using (var db = database.Open())
        {
            await db.MetricSummaries.ExecuteDeleteAsync();
            await db.Runs.ExecuteUpdateAsync(u => u.SetProperty(r => r.State, RunState.Running));
        }

        await using var next = await RunHost.StartAsync(database, new Script());
        var run = await next.EndedAsync(runId, database);

        Assert.Equal(RunState.Completed, run.State);
        Assert.NotEmpty(await next.Get<RunQueries>().SummaryAsync(runId, database.Admin, default));
        Assert.Empty(next.Script.Asked);
    }

    [Fact]
    public async Task Sweep_RunThatDiedWhilePlanning_IsRemoved()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SetAsync(items: 1);
        await using (var db = database.Open())
        {
            var run = new Run { Name = "dead", SetId = 1, State = RunState.Planning, CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(-5) };
            db.Runs.Add(run);
            await db.SaveChangesAsync();
            db.Trials.Add(new Trial { RunId = run.Id, SampleId = 1 });
            await db.SaveChangesAsync();
        }

        await using var host = RunHost.Idle(database, new Script());
        await host.Get<RunSweep>().ExecuteAsync(default);

        await using var after = database.Open();
        Assert.Equal((0, 0), (await after.Runs.CountAsync(), await after.Trials.CountAsync()));
    }

    [Theory]
    [InlineData("Runs:ShardSize", "0")]
    [InlineData("Runs:CommitMilliseconds", "soon")]
    [InlineData("Runs:MaxFailedShare", "1.5")]
    public void Options_ThatCannotBeUsed_NameTheirKey(string key, string value)
    {
        var error = Assert.Throws<ConfigurationException>(() => RunsOptions.From(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(key, (string?)value)]).Build()));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }
}

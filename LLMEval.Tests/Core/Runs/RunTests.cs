using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Runs;

public sealed class RunTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Run_TwoVersionsAndRepeats_ScoresEachTrialOnceAndSummarises(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 7);
        var (one, two) = (await database.TargetVersionAsync("bot"), await database.TargetVersionAsync("bot"));
        await using var host = await RunHost.StartAsync(database, new Script(), ("Runs:ShardSize", "8"));

        var started = await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [one, two], host.Specs("length", "chrf"), Epochs: 2, Seed: 11), database.Admin, default);

        Assert.Null(started.Failure);
        var run = await host.EndedAsync(started.Value, database);
        Assert.Equal((RunState.Completed, 28, 28, 1), (run.State, run.TrialCount, run.Done, run.SetVersion));
        Assert.Equal(28, host.Script.Asked.Count);
        Assert.Equal(28, host.Script.Asked.Select(a => a.Transcript.Seed).Distinct().Count());
        var summary = await host.Get<RunQueries>().SummaryAsync(run.Id, database.Admin, default);
        var chrf = summary.Where(s => s.Scorer == "chrf").ToList();
        Assert.All(chrf, s => Assert.Equal((0, 14), (s.Scored, s.Unscored)));
        Assert.All(chrf, s => Assert.Null(s.Mean));
        var length = summary.Where(s => s.Scorer == "length").ToList();
        Assert.All(length, s => Assert.Equal((14, 0, 7), (s.Scored, s.Unscored, s.Clusters)));
        Assert.All(length, s => Assert.True(s.Low <= s.Mean && s.Mean <= s.High));
        Assert.Equal(["bot@1", "bot@2"], length.Select(s => s.Target).Distinct());
        await AssertScoredOnceAsync(database, run.Id);

        var items = await host.Get<RunItemQueries>().PageAsync(run.Id, new PageRequest(Take: 3), database.Admin, default);
        Assert.Equal([0, 1, 2], items.Items.Select(i => i.Position));
        Assert.Equal(4, items.Items[0].Trials.Count);
        Assert.Equal([3, 4, 5], (await host.Get<RunItemQueries>().PageAsync(run.Id, new PageRequest(After: items.Next, Take: 3), database.Admin, default)).Items.Select(i => i.Position));
        var detail = await host.Get<RunItemQueries>().DetailAsync(run.Id, 2, database.Admin, default);
        Assert.Equal("recorded 2", detail!.Sample.RecordedAnswer);
        Assert.All(detail.Trials, t => Assert.Contains("question 2", t.RequestJson, StringComparison.Ordinal));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Run_SameSeedTwice_AsksTheSameQuestions(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 3);
        var target = await database.TargetVersionAsync("bot");
        await using var host = await RunHost.StartAsync(database, new Script());
        var request = new RunRequest(setId, null, [target], host.Specs("length"), Seed: 3);

        var first = await host.EndedAsync((await host.Get<StartRun>().ExecuteAsync(request, database.Admin, default)).Value, database);
        var second = await host.EndedAsync((await host.Get<StartRun>().ExecuteAsync(request, database.Admin, default)).Value, database);

        Assert.Equal(first.PlanFingerprint, second.PlanFingerprint);
        await using var db = database.Open();
        var answers = await db.Trials.OrderBy(t => t.Position).Select(t => new { t.RunId, t.Answer }).ToListAsync();
        Assert.Equal(answers.Where(a => a.RunId == first.Id).Select(a => a.Answer), answers.Where(a => a.RunId == second.Id).Select(a => a.Answer));
        Assert.Equal(2, (await host.Get<RunQueries>().PageAsync(new RunFilter(SetId: setId), new PageRequest(), database.Admin, default)).Items.Count);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Run_TargetThatFails_EndsFailedWithItsCodeAndIsRetried(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 4);
        var target = await database.TargetVersionAsync("bot");
        var isBroken = true;
        await using var host = await RunHost.StartAsync(database, new Script((t, _, _) => Task.FromResult(isBroken && t.Messages[^1].Text != "question 0" ? Script.Refusal() : Script.Reply("fine"))));

        var runId = (await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default)).Value;
        var run = await host.EndedAsync(runId, database);

        Assert.Equal((RunState.Failed, "RunTooManyFailed", 3), (run.State, run.FailureCode, run.Failed));
        Assert.All(await host.Get<RunQueries>().SummaryAsync(runId, database.Admin, default), s => Assert.Equal((1, 3), (s.Scored, s.Unscored)));
        var items = await host.Get<RunItemQueries>().PageAsync(runId, new PageRequest(), database.Admin, default);
        Assert.Equal("http_500", items.Items[1].Trials[0].ErrorType);
        var scored = await host.Get<RunItemQueries>().PageAsync(runId, TrialState.Scored, new PageRequest(Take: 1), database.Admin, default);
        Assert.Equal((0, 1, (Cursor?)null), (Assert.Single(scored.Items).Position, scored.Total, scored.Next));

        isBroken = false;
        Assert.Equal(3, (await host.Get<RetryFailed>().ExecuteAsync(runId, database.Admin, default)).Value);
        var again = await host.EndedAsync(runId, database);

        Assert.Equal((RunState.Completed, 0), (again.State, again.Failed));
        Assert.Equal(7, host.Script.Asked.Count);
        await AssertScoredOnceAsync(database, runId);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Run_TargetThatThrows_IsAFailedTrialNotAFailedWorker(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 3);
        var target = await database.TargetVersionAsync("bot");
        await using var host = await RunHost.StartAsync(database, new Script((t, _, _) => t.Messages[^1].Text == "question 1" ? throw new InvalidOperationException("defect") : Task.FromResult(Script.Reply("fine"))));

        var run = await host.EndedAsync((await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default)).Value, database);

        Assert.Equal((RunState.Completed, 1), (run.State, run.Failed));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Cancel_RunningRun_StopsItAndKeepsWhatWasScored(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 6);
        var target = await database.TargetVersionAsync("bot", maxParallel: 1);
        await using var host = await RunHost.StartAsync(database, new Script(async (t, _, token) =>
        {
            await Task.Delay(t.Messages[^1].Text == "question 0" ? 1 : 60_000, token);
            return Script.Reply("fine");
        }));
        var runId = (await host.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target], host.Specs("length")), database.Admin, default)).Value;
        await host.DoneAsync(runId, 1, database);

        Assert.Equal("RunNotFound", (await host.Get<CancelRun>().ExecuteAsync(runId, database.Scoped("game"), default)).Failure?.Code);
        Assert.True((await host.Get<CancelRun>().ExecuteAsync(runId, database.Admin, default)).IsOk);
        Assert.Equal("RunAlreadyEnded", (await host.Get<CancelRun>().ExecuteAsync(runId, database.Admin, default)).Failure?.Code);

        var run = await host.Get<RunQueries>().DetailAsync(runId, database.Admin, default);
        Assert.Equal((RunState.Cancelled, 1), (run!.State, run.Done));
        await AssertScoredOnceAsync(database, runId);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Start_OutOfScopeOrWithoutPermission_IsRefusedAndInvisible(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var setId = await database.SetAsync(items: 1);
        var target = await database.TargetVersionAsync("bot");
        await using var host = await RunHost.StartAsync(database, new Script());
        var request = new RunRequest(setId, null, [target], host.Specs("length"));

        Assert.Equal("Forbidden", (await host.Get<StartRun>().ExecuteAsync(request, database.Without(Permissions.RunsStart), default)).Failure?.Code);
        Assert.Equal("SetNotFound", (await host.Get<StartRun>().ExecuteAsync(request, database.Scoped("game"), default)).Failure?.Code);
        Assert.Equal("TargetVersionIds", (await host.Get<StartRun>().ExecuteAsync(request with { TargetVersionIds = [] }, database.Admin, default)).Failure?.Field);
        Assert.Equal("Scorers", (await host.Get<StartRun>().ExecuteAsync(request with { Scorers = [] }, database.Admin, default)).Failure?.Field);
        Assert.Equal("Epochs", (await host.Get<StartRun>().ExecuteAsync(request with { Epochs = 0 }, database.Admin, default)).Failure?.Field);
        Assert.Equal("SetVersion", (await host.Get<StartRun>().ExecuteAsync(request with { SetVersion = 9 }, database.Admin, default)).Failure?.Field);

        var run = await host.EndedAsync((await host.Get<StartRun>().ExecuteAsync(request, database.Admin, default)).Value, database);

        var queries = host.Get<RunQueries>();
        Assert.Null(await queries.DetailAsync(run.Id, database.Scoped("game"), default));
        Assert.Empty((await queries.PageAsync(new RunFilter(), new PageRequest(), database.Scoped("game"), default)).Items);
        Assert.Empty(await queries.SummaryAsync(run.Id, database.Scoped("game"), default));
        Assert.Empty((await host.Get<RunItemQueries>().PageAsync(run.Id, new PageRequest(), database.Scoped("game"), default)).Items);
        Assert.NotNull(await queries.DetailAsync(run.Id, database.Scoped("companion"), default));
    }

    internal static async Task AssertScoredOnceAsync(TestDatabase database, long runId)
    {
        await using var db = database.Open();
        var scored = await db.Trials.Where(t => t.RunId == runId && t.State == TrialState.Scored).Select(t => t.Id).ToListAsync();
        var scores = (await db.TrialScores.Where(s => scored.Contains(s.TrialId)).ToListAsync()).ToLookup(s => s.TrialId, s => (s.Scorer, s.Metric));
        Assert.All(scored, id => Assert.NotEmpty(scores[id]));
        Assert.All(scored, id => Assert.Equal(scores[scored[0]].Order(), scores[id].Order()));
        Assert.Equal(scores[scored[0]].Distinct().Count(), scores[scored[0]].Count());
        Assert.Equal(0, await db.TrialScores.CountAsync(s => db.Trials.Any(t => t.Id == s.TrialId && t.RunId == runId && t.State != TrialState.Scored)));
    }
}

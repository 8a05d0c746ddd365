using System.Collections.Concurrent;
using System.Diagnostics;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Integration;

/// <summary>The app as a process of its own, ended as a power cut ends it.</summary>
public sealed class KillTests
{
    private const int Items = 120;
    private const int Parallel = 4;
    private static readonly TimeSpan AnswersAfter = TimeSpan.FromMilliseconds(150);

    /// <summary>How long an answer may wait for its group's commit (40 ms and the commit itself, on a busy machine).</summary>
    private static readonly TimeSpan StoredAfter = TimeSpan.FromMilliseconds(600);

    /// <summary>What a kill may cost: the questions in flight, and the answers that wait to be stored while their places ask on.</summary>
    private static readonly int MostLost = Parallel + (Parallel * (int)Math.Ceiling(StoredAfter / AnswersAfter));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly string[] Scorers = ["length", "chrf"];

    [Theory, OnSqlite, OnMySql]
    public async Task App_KilledInTheMiddleOfARun_TheNextOneFinishesItWithoutAskingOrScoringTwice(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var model = await FakeOpenAI.StartAsync([.. Enumerable.Repeat<Func<HttpContext, Task>>(AnswerAsync, Items * 3)]);
        var (runId, metrics) = await StartRunAsync(database, model.Url);

        await using (var first = new App(database.Options))
        {
            await first.UntilAsync(database, runId, done => done >= Items / 4);
        }
        // What the killed process had already sent may still lie in a socket.
        await Task.Delay(AnswersAfter * 2);
        var (askedBefore, stored, pending) = (model.Bodies.Count, await CountAsync(database, runId, TrialState.Answered, TrialState.Scored), await CountAsync(database, runId, TrialState.Pending));
        Assert.Equal(Items, stored + pending);
        Assert.InRange(pending, 1, Items - (Items / 4));
        Assert.InRange(askedBefore, stored, stored + MostLost);

        await using (var second = new App(database.Options))
        {
            await second.UntilEndedAsync(database, runId);
        }

        await using var db = database.Open();
        Assert.Equal(RunState.Completed, (await db.Runs.SingleAsync(r => r.Id == runId)).State);
        Assert.Equal(Items, await CountAsync(database, runId, TrialState.Scored));
        // Each open trial needs a question, so as many questions as open trials means that no other trial was asked.
        Assert.Equal(pending, model.Bodies.Count - askedBefore);
        Assert.InRange(model.Bodies.Count, Items, Items + MostLost);
        var scores = await db.TrialScores.Where(s => db.Trials.Any(t => t.Id == s.TrialId && t.RunId == runId)).Select(s => new { s.TrialId, s.Scorer, s.Metric }).ToListAsync();
        Assert.Equal(Items * metrics, scores.Count);
        Assert.Equal(scores.Count, scores.Distinct().Count());
        await RunTests.AssertScoredOnceAsync(database, runId);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        await Task.Delay(AnswersAfter, context.RequestAborted);
        await FakeOpenAI.Answer("ok")(context);
    }

    /// <summary>The run as the web app would leave it, by a node whose scheduler never starts.</summary>
    private static async Task<(long RunId, int Metrics)> StartRunAsync(TestDatabase database, Uri model)
    {
        var setId = await database.SetAsync(Items);
        await using var targets = TargetServices.Over(database);
        var target = await targets.GetRequiredService<AddTarget>().ExecuteAsync(
            new TargetRequest("bot", null, Connector.OpenAI, new TargetVersionRequest(new Uri(model, "v1").ToString(), "m-1", MaxParallel: Parallel)), database.Admin, default);
        Assert.Null(target.Failure);
        await using var idle = RunHost.Idle(database, new Script(), ("Runs:ShardSize", "50"));
        var specs = idle.Specs(Scorers);
        var run = await idle.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, [target.Value], specs, MaxParallel: Parallel), database.Admin, default);
        Assert.Null(run.Failure);
        return (run.Value, specs.Sum(s => idle.Get<ScorerCatalog>().Create(s).Value!.Descriptor.Metrics.Count));
    }

    private static async Task<int> CountAsync(TestDatabase database, long runId, params TrialState[] states)
    {
        await using var db = database.Open();
        return await db.Trials.CountAsync(t => t.RunId == runId && states.Contains(t.State));
    }

    /// <summary>Killed, never stopped, when it is left.</summary>
    private sealed class App : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _said = new();
        private readonly Process _process;

        public App(DatabaseOptions options)
        {
            var start = new ProcessStartInfo("dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "LLMEval.Blazor.dll"),
                "--urls", "http://127.0.0.1:0",
                $"--Database:Provider={options.Provider}",
                $"--ConnectionStrings:LLMEval={options.ConnectionString}",
                $"--DataDirectory={options.DataDirectory}",
            ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = options.DataDirectory,
            };
            _process = new Process { StartInfo = start };
            _process.OutputDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
            _process.ErrorDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public Task UntilAsync(TestDatabase database, long runId, Func<int, bool> isEnough) =>
            UntilAsync(async () => isEnough(await CountAsync(database, runId, TrialState.Scored)));

        public Task UntilEndedAsync(TestDatabase database, long runId) => UntilAsync(async () =>
        {
            await using var db = database.Open();
            return await db.Runs.AnyAsync(r => r.Id == runId && r.State != RunState.Pending && r.State != RunState.Running);
        });

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private async Task UntilAsync(Func<Task<bool>> isSo)
        {
            var waited = Stopwatch.StartNew();
            while (!await isSo())
            {
                Assert.False(_process.HasExited, $"The app ended by itself:\n{string.Join('\n', _said)}");
                Assert.True(waited.Elapsed < Patience, $"The app did not get there in {Patience}:\n{string.Join('\n', _said)}");
                await Task.Delay(25);
            }
        }
    }
}

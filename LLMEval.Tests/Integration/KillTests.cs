using System.Text.Json;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Integration;

/// <summary>The real app, killed with SIGKILL while it asks a real endpoint over HTTP.</summary>
public sealed class KillTests
{
    private const int Items = 100;
    private const int Targets = 2;
    private const int Trials = Items * Targets;
    private const int ParallelPerTarget = 4;
    private const int CommitRows = 4;

    /// <summary>Steps of one shard that a kill can lose: its questions in flight, and the replies in the writer's group and its queue of four groups.</summary>
    private const int LostPerShard = (Targets * ParallelPerTarget) + (5 * CommitRows);
    private static readonly string[] Scorers = ["length", "chrf"];

    [Theory, OnSqlite, OnMySql]
    public async Task App_KilledInTheMiddleOfARun_TheNextStartScoresEveryTrialOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var endpoint = await SlowEndpoint.StartAsync();
        var plan = await PlanAsync(database, endpoint, shardSize: Trials);

        List<Question> stored;
        await using (var first = await StartAsync(database))
        {
            await ScoredAsync(database, plan.RunId, Trials / 4, first);
            await first.KillAsync();
            stored = await StoredAsync(database, plan.RunId);
        }
        endpoint.Release();
        await using var second = await StartAsync(database);

        await AssertScoredOnceAsync(database, plan, second);
        AssertAskedAgainOnlyWhatWasLost(endpoint, stored, LostPerShard);
    }

    [Theory, OnMySql]
    public async Task OneOfTwoNodes_KilledInTheMiddleOfARun_TheOtherScoresTheRest(DatabaseProvider provider)
    {
        const int shardSize = 50;
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var endpoint = await SlowEndpoint.StartAsync();
        var plan = await PlanAsync(database, endpoint, shardSize);

        await using var first = await StartAsync(database);
        await using var second = await StartAsync(database);
        await ScoredAsync(database, plan.RunId, Trials / 4, first);
        await first.KillAsync();
        var stored = await StoredAsync(database, plan.RunId);
        endpoint.Release();

        await AssertScoredOnceAsync(database, plan, second);
        AssertAskedAgainOnlyWhatWasLost(endpoint, stored, Trials / shardSize * LostPerShard);
    }

    private static Task<AppProcess> StartAsync(TestDatabase database) =>
        AppProcess.StartAsync(database, ("Runs:CommitRows", $"{CommitRows}"), ("Scheduler:CheckinSeconds", "1"));

    private static async Task<Plan> PlanAsync(TestDatabase database, SlowEndpoint endpoint, int shardSize)
    {
        var setId = await database.SetAsync(Items);
        var add = new AddTarget(database.Contexts, new SecretBox(new EphemeralDataProtectionProvider()), database.Clock);
        var versions = new List<long>();
        for (var i = 0; i < Targets; i++)
        {
            var version = new TargetVersionRequest(endpoint.Url, $"model-{i}", MaxParallel: ParallelPerTarget);
            versions.Add((await add.ExecuteAsync(new TargetRequest($"bot-{i}", null, Connector.OpenAI, version), database.Admin, default)).Value);
        }
        await using var planner = RunHost.Idle(database, new Script(), ("Runs:ShardSize", $"{shardSize}"));
        var run = await planner.Get<StartRun>().ExecuteAsync(new RunRequest(setId, null, versions, planner.Specs(Scorers), MaxParallel: Targets * ParallelPerTarget), database.Admin, default);
        Assert.True(run.IsOk, run.Failure?.Code);
        return new Plan(run.Value, [.. Scorers.SelectMany(kind => planner.Get<ScorerCatalog>().Find(kind)!.Metrics.Select(m => (kind, m.Name))).Order()]);
    }

    /// <summary>Waits until so many trials are scored, and not all.</summary>
    private static async Task ScoredAsync(TestDatabase database, long runId, int count, AppProcess app)
    {
        var scored = 0;
        await UntilAsync(async () =>
        {
            await using var db = database.Open();
            scored = await db.Trials.CountAsync(t => t.RunId == runId && t.State == TrialState.Scored);
            return scored >= count;
        }, app, () => $"{scored} of {count} trials were scored");
        Assert.InRange(scored, count, Trials - 1);
    }

    private static async Task<List<Question>> StoredAsync(TestDatabase database, long runId)
    {
        await using var db = database.Open();
        var stored = await db.Trials.Where(t => t.RunId == runId && (t.State == TrialState.Answered || t.State == TrialState.Scored)).Select(t => new Question(t.TargetIndex, t.Position)).ToListAsync();
        Assert.InRange(stored.Count, 1, Trials - 1);
        return stored;
    }

    private static async Task AssertScoredOnceAsync(TestDatabase database, Plan plan, AppProcess app)
    {
        var (runId, metrics) = plan;
        var state = RunState.Pending;
        await UntilAsync(async () =>
        {
            await using var db = database.Open();
            state = await db.Runs.Where(r => r.Id == runId).Select(r => r.State).SingleAsync();
            return state is RunState.Completed or RunState.Failed or RunState.Cancelled;
        }, app, () => $"the run was {state}");
        Assert.Equal(RunState.Completed, state);
        await using var after = database.Open();
        Assert.Equal(Trials, await after.Trials.CountAsync(t => t.RunId == runId && t.State == TrialState.Scored && t.Answer == SlowEndpoint.Text));
        Assert.Equal(Trials, await after.Trials.CountAsync(t => t.RunId == runId));
        var scores = await after.TrialScores.Where(s => after.Trials.Any(t => t.Id == s.TrialId && t.RunId == runId)).Select(s => new { s.TrialId, s.Scorer, s.Metric }).ToListAsync();
        Assert.Equal(Trials * metrics.Count, scores.Count);
        Assert.All(scores.GroupBy(s => s.TrialId), trial => Assert.Equal(metrics, trial.Select(s => (s.Scorer, s.Metric)).Order()));
        Assert.Equal(Targets * metrics.Count, await after.MetricSummaries.CountAsync(m => m.RunId == runId));
    }

    private static void AssertAskedAgainOnlyWhatWasLost(SlowEndpoint endpoint, IReadOnlyList<Question> stored, int lostAtMost)
    {
        var asked = endpoint.Asked();
        Assert.Equal(Trials, asked.Count);
        Assert.All(stored, question => Assert.True(asked[question] == 1, $"{question} was stored before the kill, and asked {asked[question]} times."));
        Assert.All(asked, question => Assert.InRange(question.Value, 1, 2));
        Assert.InRange(asked.Values.Sum(), Trials, Trials + lostAtMost);
    }

    private static Task UntilAsync(Func<Task<bool>> isSo, AppProcess app, Func<string> otherwise) =>
        Eventually.IsSoAsync(async () =>
        {
            var isDone = await isSo();
            Assert.False(app.HasEnded && !isDone, $"The app ended by itself when {otherwise()}. It said:\n{app.Said}");
            return isDone;
        }, () => $"{otherwise()}; the app said:\n{app.Said}");

    /// <param name="Metrics">What each trial must be scored by.</param>
    private sealed record Plan(long RunId, IReadOnlyList<(string Scorer, string Metric)> Metrics);

    private readonly record struct Question(int Target, int Position);

    /// <summary>Answers after 50 ms, but does not finish the run: three quarters in it holds its answers back until the kill is over, however slow the test is to kill.</summary>
    private sealed class SlowEndpoint(FakeOpenAI server) : IAsyncDisposable
    {
        public const string Text = "an answer";
        private readonly TaskCompletionSource _isReleased = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _places = Trials * 3 / 4;

        public string Url => new Uri(server.Url, "v1").ToString();

        public static async Task<SlowEndpoint> StartAsync()
        {
            var server = await FakeOpenAI.StartAsync();
            var endpoint = new SlowEndpoint(server);
            server.Otherwise = endpoint.AnswerAsync;
            return endpoint;
        }

        public void Release() => _isReleased.SetResult();

        /// <summary>How often each question came. A set's item i asks "question i".</summary>
        public Dictionary<Question, int> Asked() => server.Bodies.Select(Read).GroupBy(q => q).ToDictionary(q => q.Key, q => q.Count());

        public ValueTask DisposeAsync() => server.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            await Task.Delay(50, context.RequestAborted);
            if (Interlocked.Decrement(ref _places) < 0)
            {
                await _isReleased.Task.WaitAsync(context.RequestAborted);
            }
            await FakeOpenAI.Answer(Text)(context);
        }

        private static Question Read(string body)
        {
            var json = JsonElement.Parse(body);
            var text = json.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
            return new Question(Number(json.GetProperty("model").GetString()!, "model-"), Number(text, "question "));
        }

        private static int Number(string text, string prefix) => int.Parse(text.AsSpan(prefix.Length), System.Globalization.CultureInfo.InvariantCulture);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LLMEval.Tests.Core.Runs;

/// <summary>An app node without its web part: the real slices and scheduler over a test's database; only what answers is a script.</summary>
public sealed class RunHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly List<IHostedService> _started = [];
    private readonly Warnings _said = new();

    private RunHost(TestDatabase database, Script script, IReadOnlyDictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(_said));
        services.AddSingleton<IHostApplicationLifetime>(new Lifetime());
        services.AddData(database.Options);
        services.AddScheduling(database.Options, SchedulerOptions.From(configuration));
        services.AddScoring();
        services.AddSamples();
        services.AddSingleton<TargetQueries>();
        services.AddSingleton<SelfAddress>();
        services.AddSingleton<ActorQueries>();
        services.AddLabels();
        services.AddRuns(configuration);
        services.AddReproduction();
        services.AddSingleton<TargetMaker>(snapshot => new ScriptedTarget(snapshot, script));
        _services = services.BuildServiceProvider(validateScopes: true);
        Script = script;
    }

    public Script Script { get; }

    /// <summary>Warnings and errors, line by line.</summary>
    public string Said => string.Join('\n', _said.Lines);

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A host whose background work is not running: workers are called by the test.</summary>
    public static RunHost Idle(TestDatabase database, Script script, params (string Key, string Value)[] settings) =>
        new(database, script, new Dictionary<string, string?>(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)))
        {
            ["Runs:CommitMilliseconds"] = "5",
            ["Scheduler:CheckinSeconds"] = "1",
        });

    public static async Task<RunHost> StartAsync(TestDatabase database, Script script, params (string Key, string Value)[] settings)
    {
        var host = Idle(database, script, settings);
        foreach (var service in host._services.GetServices<IHostedService>())
        {
            await service.StartAsync(default);
            host._started.Add(service);
        }
        return host;
    }

    /// <summary>As a host stops: running jobs get their token and are waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var service in _started)
        {
            await service.StopAsync(default).WaitAsync(TimeSpan.FromMinutes(2));
        }
        await _services.DisposeAsync();
    }

    private sealed class Warnings : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted { get; } = new(canceled: true);
        public CancellationToken ApplicationStopping => default;
        public CancellationToken ApplicationStopped => default;

        public void StopApplication()
        {
        }
    }
}

/// <summary>What scripted targets answer, and what they were asked.</summary>
public sealed class Script(Func<Transcript, TargetSnapshot, CancellationToken, Task<TargetReply>>? answer = null)
{
    public ConcurrentQueue<(string Target, Transcript Transcript)> Asked { get; } = new();

    public Task<TargetReply> AnswerAsync(TargetSnapshot target, Transcript transcript, CancellationToken cancellationToken)
    {
        Asked.Enqueue((target.Label, transcript));
        return answer is null
            ? Task.FromResult(Reply(string.Create(CultureInfo.InvariantCulture, $"answer {transcript.Seed}")))
            : answer(transcript, target, cancellationToken);
    }

    public static TargetReply Reply(string text) => new(ReplyStatus.Answered, text, "scripted", null, TimeSpan.FromMilliseconds(3), 1, ResponseJson: """{"ok":true}""");

    public static TargetReply Refusal() => new(ReplyStatus.Failed, null, null, null, TimeSpan.FromMilliseconds(3), 1, "http_500", "the endpoint is broken");
}

public sealed class ScriptedTarget(TargetSnapshot snapshot, Script script) : IChatTarget
{
    public TargetSnapshot Snapshot => snapshot;

    public async Task<TargetReply> AskAsync(Transcript transcript, CancellationToken cancellationToken)
    {
        var reply = await script.AnswerAsync(snapshot, transcript, cancellationToken);
        return reply with { RequestJson = reply.RequestJson ?? RequestOf(transcript) };
    }

    /// <summary>As an endpoint would have been sent it.</summary>
    private string RequestOf(Transcript transcript)
    {
        var body = ChatParameters.Effective(snapshot.Parameters, transcript.Seed).EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value);
        body["messages"] = transcript.Messages.Select(m => new { role = m.Role.Value, content = m.Text }).ToList();
        if (snapshot.RequestModel is { } model)
        {
            body["model"] = model;
        }
        return JsonSerializer.Serialize(body);
    }
}

public static class GivenRuns
{
    public static async Task<long> TargetVersionAsync(this TestDatabase database, string name, int maxParallel = 4, string parameters = "{}")
    {
        await using var db = database.Open();
        var target = db.Targets.FirstOrDefault(t => t.Name == name);
        if (target is null)
        {
            target = new Target { Name = name, Connector = Connector.Retrieval, CreatedAt = database.Clock.GetUtcNow().UtcDateTime };
            db.Targets.Add(target);
            await db.SaveChangesAsync();
        }
        var version = new TargetVersion { TargetId = target.Id, Number = db.TargetVersions.Count(v => v.TargetId == target.Id) + 1, MaxParallel = maxParallel, ParametersJson = parameters };
        db.TargetVersions.Add(version);
        await db.SaveChangesAsync();
        return version.Id;
    }

    /// <summary>A set of so many sessions' single answers.</summary>
    public static async Task<long> SetAsync(this TestDatabase database, int items, string biz = "companion", string name = "set")
    {
        var answers = new List<long>();
        for (var i = 0; i < items; i++)
        {
            var (_, messages) = await database.SessionAsync(string.Create(CultureInfo.InvariantCulture, $"{biz}-{i}"), biz, contents: [$"question {i}", $"recorded {i}"]);
            answers.Add(messages[1].Id);
        }
        var set = await new CreateSet(database.Contexts, database.Clock).ExecuteAsync(new CreateSetRequest(name), database.Admin, default);
        await new AddToSet(database.Contexts, database.Clock).ExecuteAsync(new AddToSetRequest(set.Value, answers), database.Admin, default);
        return set.Value;
    }

    public static IReadOnlyList<ScorerSpec> Specs(this RunHost host, params string[] kinds) =>
        [.. kinds.Select(kind => host.Get<ScorerCatalog>().Specify(kind, (JsonElement?)null).Value!)];

    public static Task<RunDetail> EndedAsync(this RunHost host, long runId, TestDatabase database) => host.UntilAsync(runId, run => run.IsEnded, database);

    /// <summary>Waits until so many trials are done.</summary>
    public static Task<RunDetail> DoneAsync(this RunHost host, long runId, int count, TestDatabase database) => host.UntilAsync(runId, run => run.Done >= count, database);

    private static Task<RunDetail> UntilAsync(this RunHost host, long runId, Func<RunDetail, bool> isWanted, TestDatabase database) =>
        Eventually.IsSoAsync(
            async () => (await host.Get<RunQueries>().DetailAsync(runId, database.Admin, default))!, isWanted, run => $"run {runId} is {run.State}, {run.Done} of {run.TrialCount}; the host said:\n{host.Said}");
}

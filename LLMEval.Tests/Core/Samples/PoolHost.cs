using LLMEval.Core;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Search;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LLMEval.Tests.Core.Samples;

/// <summary>The pool's verbs and queries over a test's database; nothing runs in the background.</summary>
internal sealed class PoolHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private PoolHost(TestDatabase database)
    {
        Database = database;
        var configuration = new ConfigurationBuilder().Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton<TimeProvider>(database.Clock).AddLogging().AddLLMEvalCore(configuration, database.Options);
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        _services = services.BuildServiceProvider();
    }

    public TestDatabase Database { get; }

    public Actor Admin => Database.Admin;

    public static async Task<PoolHost> CreateAsync(DatabaseProvider provider) => new(await TestDatabase.CreateAsync(provider));

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public static SampleDraft Draft(string question, params string[] tags) => new([new SampleMessage("user", question)]) { Tags = tags };

    /// <summary>Ids in the order given.</summary>
    public async Task<IReadOnlyList<long>> AddAsync(IEnumerable<SampleDraft> drafts, SampleOrigin origin = SampleOrigin.Typed, Actor? actor = null)
    {
        await using var db = Database.Open();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var samples = drafts.Select(d => SampleStore.FromDraft(d, origin, null, 10, actor ?? Admin, Database.Clock.GetUtcNow().UtcDateTime)).ToList();
        var stored = await SampleStore.AddAsync(db, samples, default);
        await transaction.CommitAsync();
        return [.. stored.Select(s => s.Id)];
    }

    public Task<IReadOnlyList<long>> AddAsync(params string[] questions) => AddAsync(questions.Select(q => Draft(q)));

    public async Task<long> SetAsync(string name, params long[] samples)
    {
        var created = await Get<CreateSet>().ExecuteAsync(new CreateSetRequest(name), Admin, default);
        Assert.Null(created.Failure);
        if (samples.Length > 0)
        {
            Assert.Null((await Get<AddSamplesToSet>().ExecuteAsync(new AddSamplesRequest(created.Value, samples), Admin, default)).Failure);
        }
        return created.Value;
    }

    public async Task<long> RuleSetAsync(string name, SampleFilter rule)
    {
        var created = await Get<CreateSet>().ExecuteAsync(new CreateSetRequest(name) { Rule = rule }, Admin, default);
        Assert.Null(created.Failure);
        return created.Value;
    }

    /// <summary>The set's samples in its order.</summary>
    public async Task<IReadOnlyList<long>> HeldAsync(long setId) => [.. (await ItemsAsync(setId)).Select(i => i.SampleId)];

    public async Task<List<SetItem>> ItemsAsync(long setId)
    {
        await using var db = Database.Open();
        return await db.SetItems.AsNoTracking().Where(i => i.SetId == setId).OrderBy(i => i.Position).ThenBy(i => i.Id).ToListAsync();
    }

    public async Task<IReadOnlyList<long>> FrozenAsync(long setId, int number)
    {
        await using var db = Database.Open();
        return await db.SetVersionItems.Where(i => db.SetVersions.Any(v => v.Id == i.SetVersionId && v.SetId == setId && v.Number == number)).OrderBy(i => i.Position).Select(i => i.SampleId).ToListAsync();
    }

    public async Task<IReadOnlyList<string>> TagsAsync(long sampleId)
    {
        await using var db = Database.Open();
        return (await db.SampleTags.Where(t => t.SampleId == sampleId).Select(t => t.Name).ToListAsync()).Order(StringComparer.Ordinal).ToList();
    }

    public async Task<Sample> SampleAsync(long id)
    {
        await using var db = Database.Open();
        return await db.Samples.AsNoTracking().SingleAsync(s => s.Id == id);
    }

    public async Task<IReadOnlyList<long>> FoundAsync(SampleFilter filter, Actor? actor = null)
    {
        await using var db = Database.Open();
        var found = db.Filtered(filter, actor ?? Admin, Database.Clock.GetUtcNow().UtcDateTime);
        Assert.Null(found.Failure);
        return await found.Value!.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync();
    }

    /// <summary>Starts it and lets the worker finish it.</summary>
    public async Task<PoolOperationRow> OperateAsync(PoolOperationRequest request, Actor? actor = null)
    {
        var started = await Get<StartPoolOperation>().ExecuteAsync(request, actor ?? Admin, default);
        Assert.Null(started.Failure);
        await Get<PoolWorker>().RunAsync(started.Value, default);
        return await OperationAsync(started.Value);
    }

    /// <summary>A worker to which something happens before it opens the database for the nth time: what happens in the middle is then no matter of luck.</summary>
    public PoolWorker WorkerInterrupted(int nth, Func<Task> interruption) =>
        new(new InterruptedContexts(Database.Contexts, nth, interruption), Get<MessagePool>(), Database.Clock, NullLogger<PoolWorker>.Instance);

    public async Task<PoolOperationRow> OperationAsync(long id) => (await Get<PoolOperationQueries>().OneAsync(id, Admin, default))!;

    public async Task<PoolOperationRow> UndoAsync(long operationId)
    {
        Assert.Null((await Get<StopPoolOperation>().UndoAsync(operationId, Admin, default)).Failure);
        await Get<PoolWorker>().RunAsync(operationId, default);
        return await OperationAsync(operationId);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Database.DisposeAsync();
    }

    private sealed class InterruptedContexts(IDbContextFactory<LLMEvalDbContext> inner, int nth, Func<Task> interruption) : IDbContextFactory<LLMEvalDbContext>
    {
        private int _opened;

        public LLMEvalDbContext CreateDbContext() => inner.CreateDbContext();

        public async Task<LLMEvalDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            if (++_opened == nth)
            {
                await interruption();
            }
            return inner.CreateDbContext();
        }
    }
}

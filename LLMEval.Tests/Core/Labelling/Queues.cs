using LLMEval.Core;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Core.Labelling;

/// <summary>The labelling verbs over a test's database, and people to use them.</summary>
internal sealed class Queues : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly TestDatabase _database;

    public Queues(TestDatabase database)
    {
        _database = database;
        var configuration = new ConfigurationBuilder().Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton<TimeProvider>(database.Clock).AddLogging().AddLLMEvalCore(configuration, database.Options);
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        _services = services.BuildServiceProvider();
    }

    public static Actor Person(long id) => new(id, $"person {id}", new HashSet<string> { Permissions.LabelsWrite }, null);

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>An account that may label; queues are only assigned to those.</summary>
    public async Task<Actor> AccountAsync(string name)
    {
        var added = await Get<AddUser>().ExecuteAsync(new AddUserRequest(name + "@example.com", RoleNames.Annotator, name, null), _database.Admin, CancellationToken.None);
        return Person(added.Value!.UserId) with { Name = name };
    }

    public async Task<QueueCreated> CreateAsync(PoolSource source, Func<CreateQueueRequest, CreateQueueRequest>? change = null)
    {
        var request = new CreateQueueRequest("queue", "look", source, QueueRule.NewestFirst, 100, 1, [], IsBlind: false, QueueConsensus.Majority, 1, null);
        var created = await Get<CreateQueue>().ExecuteAsync(change?.Invoke(request) ?? request, _database.Admin, null, CancellationToken.None);
        Assert.Null(created.Failure);
        return created.Value!;
    }

    public async Task<QueueClaim?> ClaimAsync(long queueId, Actor person, params long[] held)
    {
        var claim = await Get<ClaimNext>().ExecuteAsync(queueId, held, person, CancellationToken.None);
        Assert.Null(claim.Failure);
        return claim.Value;
    }

    public async Task<AnsweredSlot> AnswerAsync(QueueClaim claim, Verdict verdict, Actor person)
    {
        var answered = await Get<AnswerSlot>().ExecuteAsync(new SlotAnswer(claim.SlotId, new LabelRequest(claim.MessageId, verdict), TimeSpan.FromSeconds(9)), person, CancellationToken.None);
        Assert.Null(answered.Failure);
        return answered.Value!;
    }

    public async Task<QueueRow> RowAsync(long queueId) => (await Get<QueueQueries>().RowAsync(queueId, _database.Admin, CancellationToken.None))!;

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();
}

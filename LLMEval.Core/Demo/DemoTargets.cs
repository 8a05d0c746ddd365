using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Core.Targets.Replay;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Demo;

/// <summary>The targets of the demo: the recorded answers, and two versions of the built-in bot asked over HTTP like any other endpoint.</summary>
public sealed class DemoTargets(
    AddTarget addTarget, AddTargetVersion addVersion, TargetQueries targets, CreateApiKey createKey, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const string Recorded = "recorded";
    public const string Bot = "demo-bot";
    private const string KeyName = "demo-bot";

    /// <summary>Snapshots of recorded@1, demo-bot@1 and demo-bot@2; made where they are missing.</summary>
    public async Task<Result<IReadOnlyList<TargetSnapshot>>> EnsureAsync(Actor actor, CancellationToken cancellationToken)
    {
        var found = new List<TargetSnapshot>();
        foreach (var (reference, make) in new (string, Func<Task<Result<long>>>)[]
        {
            (Recorded + "@1", () => addTarget.ExecuteAsync(new TargetRequest(Recorded, null, Connector.Recorded, new TargetVersionRequest()), actor, cancellationToken)),
            (Bot + "@1", () => AddBotAsync(actor, cancellationToken)),
            (Bot + "@2", () => addVersion.ExecuteAsync(Bot, Version(RetrievalBot.Second, 0.2, apiKey: null), actor, cancellationToken)),
        })
        {
            var existing = await targets.FindVersionAsync(reference, actor, cancellationToken);
            if (existing.Failure is { Kind: FailureKind.NotFound })
            {
                var made = await make();
                // Somebody else's demo may have been a moment earlier: then it is there now.
                if (made.Failure is { Kind: not FailureKind.Conflict } failure)
                {
                    return failure;
                }
                existing = await targets.FindVersionAsync(reference, actor, cancellationToken);
            }
            if (existing.Failure is { } problem)
            {
                return problem;
            }
            found.Add(existing.Value!);
        }
        return found;
    }

    private async Task<Result<long>> AddBotAsync(Actor actor, CancellationToken cancellationToken)
    {
        // A key whose version was never stored (the process died in between) is of no use to anyone.
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            var now = clock.GetUtcNow().UtcDateTime;
            await db.ApiKeys.Where(k => k.Name == KeyName).ExecuteUpdateAsync(
                set => set.SetProperty(k => k.RevokedAt, now).SetProperty(k => k.Name, k => k.Name + " " + k.Prefix), cancellationToken);
        }
        // The key belongs to the installation, not to whoever loads the demo: it can do one harmless thing.
        var key = await createKey.ExecuteAsync(new CreateApiKeyRequest(KeyName, [Permissions.DemoLoad], []), Actor.Operator(Permissions.All), cancellationToken);
        return key.Failure is { } failure
            ? failure
            : await addTarget.ExecuteAsync(new TargetRequest(Bot, null, Connector.OpenAI, Version(RetrievalBot.First, 0.8, key.Value!.Secret)), actor, cancellationToken);
    }

    private static TargetVersionRequest Version(string model, double temperature, string? apiKey) => new(
        Endpoint: "/demo/v1", Model: model, ApiKey: apiKey,
        Parameters: JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["temperature"] = temperature, ["max_tokens"] = 256 }), MaxParallel: 8);
}

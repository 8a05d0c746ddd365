using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Access;

/// <summary>Who a presented API key acts for.</summary>
public sealed class ApiKeyQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const string SecretPrefix = "llme_";

    /// <summary>Null when the key is unknown, revoked or expired. Its actor is named after the key and acts under the account that made it.</summary>
    public async Task<Actor?> ActorOfAsync(string secret, CancellationToken cancellationToken)
    {
        if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal) || secret.Length > 100)
        {
            return null;
        }
        var hash = CreateApiKey.HashOf(secret);
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var key = await db.ApiKeys.AsNoTracking()
            .Where(k => k.SecretHash == hash && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now))
            .Select(k => new { k.Id, k.Name, k.Scopes, k.BizCodes, k.CreatedById, k.LastUsedAt })
            .FirstOrDefaultAsync(cancellationToken);
        if (key is null)
        {
            return null;
        }
        // Written at most once a minute: a busy key must not cost a write per request.
        if (key.LastUsedAt is null || now - key.LastUsedAt > TimeSpan.FromMinutes(1))
        {
            await db.ApiKeys.Where(k => k.Id == key.Id).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), cancellationToken);
        }
        var bizCodes = key.BizCodes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new Actor(key.CreatedById, key.Name, key.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal), bizCodes.Length == 0 ? null : bizCodes);
    }
}

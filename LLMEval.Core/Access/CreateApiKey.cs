using System.Security.Cryptography;
using System.Text;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Access;

/// <param name="Scopes">Permissions; the single word <c>all</c> means every permission the maker has.</param>
/// <param name="BizCodes">Business lines; empty means those of the maker.</param>
public sealed record CreateApiKeyRequest(string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string> BizCodes, TimeSpan? Lifetime = null);

/// <summary>The only time the secret is seen.</summary>
public sealed record NewApiKey(long Id, string Name, string Secret, IReadOnlyList<string> Scopes);

/// <summary>Makes a key for the HTTP API that can do no more than its maker.</summary>
public sealed class CreateApiKey(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public async Task<Result<NewApiKey>> ExecuteAsync(CreateApiKeyRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.UsersManage) is { } refusal)
        {
            return refusal;
        }
        var name = request.Name.Trim();
        if (name.Length is 0 or > 100)
        {
            return Failure.Invalid("KeyNameInvalid", "Name");
        }
        var scopes = request.Scopes is ["all"] ? [.. Permissions.All.Where(actor.May)] : request.Scopes.Distinct(StringComparer.Ordinal).ToList();
        if (scopes.FirstOrDefault(s => !Permissions.All.Contains(s)) is { } unknown)
        {
            return Failure.Invalid("ScopeUnknown", "Scopes", unknown, string.Join(", ", Permissions.All));
        }
        if (scopes.Count == 0)
        {
            return Failure.Invalid("ScopeMissing", "Scopes");
        }
        if (scopes.FirstOrDefault(s => !actor.May(s)) is { } beyond)
        {
            return Failure.Forbidden(beyond);
        }
        var bizCodes = request.BizCodes.Count > 0 ? request.BizCodes : actor.BizCodes ?? [];
        if (actor.BizCodes is not null && (bizCodes.Count == 0 || !bizCodes.All(actor.Sees)))
        {
            return Failure.Invalid("KeyBizCodesInvalid", "BizCodes");
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.ApiKeys.AnyAsync(k => k.Name == name, cancellationToken))
        {
            return new Failure(FailureKind.Conflict, "KeyNameTaken", name) { Field = "Name" };
        }
        var secret = NewSecret();
        var now = clock.GetUtcNow().UtcDateTime;
        var key = new ApiKey
        {
            Name = name,
            Prefix = secret[..12],
            SecretHash = HashOf(secret),
            Scopes = string.Join(' ', scopes),
            BizCodes = string.Join(' ', bizCodes),
            CreatedAt = now,
            ExpiresAt = now + request.Lifetime,
            CreatedById = actor.UserId,
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "key.create", name, key.Id, new { scopes }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new NewApiKey(key.Id, name, secret, scopes);
    }

    internal static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    // 43 characters of 62 carry as much as 32 random bytes.
    private static string NewSecret() => ApiKeyQueries.SecretPrefix + RandomNumberGenerator.GetString(Base62, 43);
}

using System.Collections.Concurrent;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Access;

/// <summary>Who an account is to Core: the permissions of its roles and the business lines it may see.</summary>
public sealed class ActorQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>A page asks several times while it loads; a change of roles shows after this long at the latest.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<long, (Actor Actor, DateTimeOffset Until)> _kept = new();

    /// <summary><see cref="Actor.Nobody"/> when the account is gone or disabled.</summary>
    public async Task<Actor> OfUserAsync(long userId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_kept.TryGetValue(userId, out var kept) && kept.Until > now)
        {
            return kept.Actor;
        }
        var actor = await ReadAsync(userId, cancellationToken);
        _kept[userId] = (actor, now + KeptFor);
        return actor;
    }

    public async Task<bool> AnyAccountAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Users.AnyAsync(cancellationToken);
    }

    private async Task<Actor> ReadAsync(long userId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().Where(u => u.Id == userId && !u.IsDisabled)
            .Select(u => new { u.Email, u.DisplayName, u.IsScoped })
            .FirstOrDefaultAsync(cancellationToken);
        if (user is null)
        {
            return Actor.Nobody;
        }
        var permissions = await db.UserRoles.Where(r => r.UserId == userId)
            .Join(db.RolePermissions, r => r.RoleId, p => p.RoleId, (_, p) => p.Permission)
            .Distinct().ToListAsync(cancellationToken);
        var bizCodes = user.IsScoped
            ? await db.UserScopes.Where(s => s.UserId == userId).Select(s => s.BizCode).Order().ToListAsync(cancellationToken)
            : null;
        var name = user.DisplayName.Length > 0 ? user.DisplayName : user.Email ?? "";
        return new Actor(userId, name, permissions.ToHashSet(StringComparer.Ordinal), bizCodes);
    }
}

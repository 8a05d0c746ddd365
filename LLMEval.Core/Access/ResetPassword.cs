using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Access;

/// <summary>Ends an account's sign-ins, removes its password and lock, and gives a one-time token with which its owner sets a new password.</summary>
public sealed class ResetPassword(IServiceScopeFactory scopes, OneTimeTokens tokens, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    internal const string Purpose = "set-password";

    public async Task<Result<PasswordToken>> ExecuteAsync(string email, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.UsersManage) is { } refusal)
        {
            return refusal;
        }
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LLMEvalDbContext>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var user = await users.FindByEmailAsync(email.Trim());
        if (user is null)
        {
            return Failure.NotFound("UserNotFound", email.Trim());
        }
        user.PasswordHash = null;
        user.LockoutEnd = null;
        user.AccessFailedCount = 0;
        // The new stamp ends open circuits and cookies, and any earlier link.
        await users.UpdateSecurityStampAsync(user);
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "user.reset", user.Email ?? "", user.Id));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TokenFor(user);
    }

    // The stamp is part of the token: setting a password changes it, and so the link works once.
    internal PasswordToken TokenFor(User user) =>
        new(user.Id, user.Email ?? "", tokens.Create(Purpose, $"{user.SecurityStamp}|{user.Id}", Lifetime));
}

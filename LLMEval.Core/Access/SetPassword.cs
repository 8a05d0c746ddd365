using System.Globalization;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LLMEval.Core.Access;

/// <summary>Sets an account's password by a token of <see cref="ResetPassword"/> or <see cref="AddUser"/>. The token is the permission.</summary>
public sealed class SetPassword(IServiceScopeFactory scopes, OneTimeTokens tokens, IOptions<IdentityOptions> identity, TimeProvider clock)
{
    /// <summary>The e-mail address the link was made for; null when it cannot be used (any more).</summary>
    public async Task<string?> EmailOfAsync(string? token)
    {
        await using var scope = scopes.CreateAsyncScope();
        return (await FindAsync(scope.ServiceProvider.GetRequiredService<UserManager<User>>(), token))?.Email;
    }

    public async Task<Result<long>> ExecuteAsync(string? token, string password, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LLMEvalDbContext>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(users, token) is not { } user)
        {
            return Failure.Invalid("LinkExpired");
        }
        var set = await users.AddPasswordAsync(user, password);
        if (!set.Succeeded)
        {
            return set.ToFailure(user.Email ?? "", identity.Value.Password.RequiredLength);
        }
        var self = new Actor(user.Id, user.Email ?? "", new HashSet<string>(), null);
        db.AuditEntries.Add(AuditEntry.Of(self, clock.GetUtcNow().UtcDateTime, "user.set_password", self.Name, user.Id));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return user.Id;
    }

    private async Task<User?> FindAsync(UserManager<User> users, string? token)
    {
        var parts = tokens.Read(ResetPassword.Purpose, token)?.Split('|', 2);
        var user = parts is null ? null : await users.FindByIdAsync(long.Parse(parts[1], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
        return user is { IsDisabled: false, PasswordHash: null } && user.SecurityStamp == parts![0] ? user : null;
    }
}

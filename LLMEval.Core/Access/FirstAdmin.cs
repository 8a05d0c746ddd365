using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LLMEval.Core.Access;

public sealed record FirstAdminRequest(string? Token, string Email, string Password);

/// <summary>Makes the first administrator from a one-time link. There is no default password; who can read the server's output may become administrator, once.</summary>
public sealed class FirstAdmin(ActorQueries actors, OneTimeTokens tokens, IServiceScopeFactory scopes, IOptions<IdentityOptions> identity, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    private const string Purpose = "first-admin";

    /// <summary>Null when an account exists.</summary>
    public async Task<string?> NewTokenAsync(CancellationToken cancellationToken) =>
        await actors.AnyAccountAsync(cancellationToken) ? null : tokens.Create(Purpose, "admin", Lifetime);

    /// <summary>True while the link may be used: the token is ours and fresh, and nobody has an account.</summary>
    public async Task<bool> IsOpenAsync(string? token, CancellationToken cancellationToken) =>
        tokens.Read(Purpose, token) is not null && !await actors.AnyAccountAsync(cancellationToken);

    /// <summary>The new account's id. Of several at once only one succeeds.</summary>
    public async Task<Result<long>> CreateAsync(FirstAdminRequest request, CancellationToken cancellationToken)
    {
        if (tokens.Read(Purpose, request.Token) is null)
        {
            return Failure.Invalid("LinkExpired");
        }
        var email = request.Email.Trim();
        if (!AccountFailures.IsEmail(email))
        {
            return Failure.Invalid("EmailInvalid", "Email", email);
        }
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LLMEvalDbContext>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.ClaimAdminRoleAsync(cancellationToken);
        if (await db.Users.AnyAsync(cancellationToken))
        {
            return Failure.Conflict("FirstAdminExists");
        }
        var now = clock.GetUtcNow().UtcDateTime;
        var user = new User { UserName = email, Email = email, EmailConfirmed = true, CreatedAt = now };
        var created = await users.CreateAsync(user, request.Password);
        if (!created.Succeeded)
        {
            return created.ToFailure(email, identity.Value.Password.RequiredLength);
        }
        await users.AddToRoleAsync(user, RoleNames.Admin);
        db.AuditEntries.Add(AuditEntry.Of(new Actor(user.Id, email, new HashSet<string>(), null), now, "user.first_admin", email, user.Id));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return user.Id;
    }
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LLMEval.Core.Access;

/// <param name="BizCodes">Business lines the account may see; null means all.</param>
public sealed record AddUserRequest(string Email, string Role, string? DisplayName = null, IReadOnlyList<string>? BizCodes = null);

/// <summary>An account and the token with which its owner chooses the password.</summary>
public sealed record PasswordToken(long UserId, string Email, string Token);

/// <summary>Makes an account without a password; its owner sets one through a one-time link.</summary>
public sealed class AddUser(IServiceScopeFactory scopes, ResetPassword reset, IOptions<IdentityOptions> identity, TimeProvider clock)
{
    public async Task<Result<PasswordToken>> ExecuteAsync(AddUserRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.UsersManage) is { } refusal)
        {
            return refusal;
        }
        var email = request.Email.Trim();
        if (!AccountFailures.IsEmail(email))
        {
            return Failure.Invalid("EmailInvalid", "Email", email);
        }
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LLMEvalDbContext>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        var role = (await db.Roles.AsNoTracking().Select(r => r.Name!).ToListAsync(cancellationToken))
            .FirstOrDefault(name => name.Equals(request.Role, StringComparison.OrdinalIgnoreCase));
        if (role is null)
        {
            return Failure.Invalid("RoleUnknown", "Role", request.Role, string.Join(", ", RoleNames.Defaults.Keys));
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        var user = new User
        {
            UserName = email,
            Email = email,
            EmailConfirmed = true,
            DisplayName = request.DisplayName?.Trim() ?? "",
            CreatedAt = now,
            IsScoped = request.BizCodes is not null,
        };
        user.Scopes.AddRange((request.BizCodes ?? []).Distinct(StringComparer.Ordinal).Select(code => new UserScope { BizCode = code }));
        var created = await users.CreateAsync(user);
        if (!created.Succeeded)
        {
            return created.ToFailure(email, identity.Value.Password.RequiredLength);
        }
        await users.AddToRoleAsync(user, role);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "user.add", email, user.Id, new { role, biz_codes = request.BizCodes }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return reset.TokenFor(user);
    }
}

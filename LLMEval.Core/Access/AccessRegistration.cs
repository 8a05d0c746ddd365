using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Core.Access;

public static class AccessRegistration
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddIdentityCore<User>(options =>
            {
                options.User.RequireUniqueEmail = true;
                // Length is what protects; rules about kinds of characters only make people write passwords down.
                options.Password.RequiredLength = 10;
                options.Password.RequireDigit = false;
                options.Password.RequireLowercase = false;
                options.Password.RequireUppercase = false;
                options.Password.RequireNonAlphanumeric = false;
                options.Password.RequiredUniqueChars = 4;
                options.Lockout.AllowedForNewUsers = true;
                options.Lockout.MaxFailedAccessAttempts = 5;
                options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(10);
            })
            .AddRoles<Role>()
            .AddEntityFrameworkStores<LLMEvalDbContext>();
        services.AddSingleton<ActorQueries>();
        services.AddSingleton<ApiKeyQueries>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<OneTimeTokens>();
        services.AddSingleton<FirstAdmin>();
        services.AddSingleton<AddUser>();
        services.AddSingleton<ResetPassword>();
        services.AddSingleton<SetPassword>();
        services.AddSingleton<CreateApiKey>();
        return services;
    }

    /// <summary>Takes the one row that all makers of a first account must write, so that the second waits for the first to commit and then sees its account.</summary>
    internal static Task ClaimAdminRoleAsync(this LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        var stamp = Guid.NewGuid().ToString();
        return db.Roles.Where(r => r.Name == RoleNames.Admin).ExecuteUpdateAsync(set => set.SetProperty(r => r.ConcurrencyStamp, stamp), cancellationToken);
    }
}

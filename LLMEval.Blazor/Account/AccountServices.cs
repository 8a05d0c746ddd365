using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace LLMEval.Blazor.Account;

internal static class AccountServices
{
    private const string Chooser = "cookie-or-key";

    public static void AddAccountAccess(this IServiceCollection services, IConfiguration configuration)
    {
        var access = configuration.GetSection(AccessOptions.Section).Get<AccessOptions>() ?? new AccessOptions();
        services.AddHttpContextAccessor();
        var authentication = services.AddAuthentication(Chooser);
        authentication.AddPolicyScheme(Chooser, null, options => options.ForwardDefaultSelector = context =>
            ApiPaths.Covers(context) || ApiKeyHandler.HasKey(context.Request) ? ApiKeyHandler.Scheme : IdentityConstants.ApplicationScheme);
        authentication.AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null);
        authentication.AddIdentityCookies();
        new IdentityBuilder(typeof(User), typeof(Role), services).AddSignInManager();
        services.ConfigureApplicationCookie(options =>
        {
            options.Cookie.Name = "llmeval.account";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.ExpireTimeSpan = TimeSpan.FromHours(access.SessionHours);
            options.SlidingExpiration = true;
            options.LoginPath = Urls.Login;
            options.AccessDeniedPath = Urls.AccessDenied;
            options.ReturnUrlParameter = "ReturnUrl";
        });
        services.Configure<SecurityStampValidatorOptions>(options => options.ValidationInterval = TimeSpan.FromSeconds(access.RevalidateSeconds));
        services.AddDataProtection().SetApplicationName("LLMEval");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(options => options.XmlRepository = new KeyRingRepository(provider.GetRequiredService<KeyRing>())));
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, AccountRevalidation>();
        services.AddScoped<CurrentActor>();
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
        var authorization = services.AddAuthorizationBuilder();
        authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        foreach (var permission in Permissions.All)
        {
            authorization.AddPolicy(permission, policy => policy.RequireAuthenticatedUser().AddRequirements(new PermissionRequirement(permission)));
        }
    }
}

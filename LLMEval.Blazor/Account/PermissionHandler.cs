using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using Microsoft.AspNetCore.Authorization;

namespace LLMEval.Blazor.Account;

/// <summary>Asks for one of <see cref="Permissions"/>.</summary>
internal sealed record PermissionRequirement(string Permission) : IAuthorizationRequirement;

/// <summary>Looks the permission up rather than trusting the cookie: a role that lost it loses it within seconds.</summary>
internal sealed class PermissionHandler(ActorQueries actors) : AuthorizationHandler<PermissionRequirement>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionRequirement requirement)
    {
        var actor = ApiKeyHandler.ActorOf(context.User)
            ?? (context.User.AccountId() is { } id ? await actors.OfUserAsync(id, CancellationToken.None) : null);
        if (actor?.May(requirement.Permission) == true)
        {
            context.Succeed(requirement);
        }
    }
}

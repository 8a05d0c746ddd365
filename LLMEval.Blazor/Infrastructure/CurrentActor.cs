using System.Globalization;
using System.Security.Claims;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using Microsoft.AspNetCore.Components.Authorization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>The actor of the person in front of this circuit. Ask anew for each operation: a role may change while a page is open.</summary>
public sealed class CurrentActor(AuthenticationStateProvider authentication, ActorQueries actors)
{
    /// <summary><see cref="Actor.Nobody"/> when nobody is signed in.</summary>
    public async Task<Actor> GetAsync(CancellationToken cancellationToken) =>
        (await authentication.GetAuthenticationStateAsync()).User.AccountId() is { } id ? await actors.OfUserAsync(id, cancellationToken) : Actor.Nobody;
}

internal static class Accounts
{
    /// <summary>The account of a signed-in person; null for keys and strangers.</summary>
    public static long? AccountId(this ClaimsPrincipal user) =>
        user.Identity is { IsAuthenticated: true } && long.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}

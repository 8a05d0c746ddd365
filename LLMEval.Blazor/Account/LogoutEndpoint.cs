using LLMEval.Core.Access;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;

namespace LLMEval.Blazor.Account;

/// <summary>Sign-out is a POST with the form's token, so that no stranger's picture or link can do it.</summary>
internal static class LogoutEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost(Urls.Logout, async (SignInManager<User> signIn, [FromForm] string? returnUrl) =>
        {
            await signIn.SignOutAsync();
            return Results.LocalRedirect(returnUrl is null ? Urls.Login : Urls.LocalOrHome(returnUrl));
        }).AllowAnonymous().ExcludeFromDescription();
}

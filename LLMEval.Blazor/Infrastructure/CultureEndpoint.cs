using Microsoft.AspNetCore.Localization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Keeps the chosen language in a cookie. Reached by a full load, because a circuit keeps its first culture.</summary>
internal static class CultureEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Urls.CulturePath, (string? culture, string? returnUrl, HttpContext context) =>
        {
            if (Cultures.Names.Contains(culture, StringComparer.Ordinal))
            {
                context.Response.Cookies.Append(
                    CookieRequestCultureProvider.DefaultCookieName,
                    CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(culture!)),
                    new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, IsEssential = true, Path = "/" });
            }
            return Results.LocalRedirect(Urls.LocalOrHome(returnUrl));
        }).AllowAnonymous().ExcludeFromDescription();
}

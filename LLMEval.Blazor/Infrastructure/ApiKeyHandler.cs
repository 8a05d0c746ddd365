using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace LLMEval.Blazor.Infrastructure;

/// <summary><c>Authorization: Bearer llme_…</c>.</summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyQueries keys, IProblemDetailsService problems)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "ApiKey";
    private const string Bearer = "Bearer ";

    public static bool HasKey(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    /// <summary>The actor behind a principal that a key made; null for a person's.</summary>
    public static Actor? ActorOf(ClaimsPrincipal user) => (user.Identity as KeyIdentity)?.Owner;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!HasKey(Request))
        {
            return AuthenticateResult.NoResult();
        }
        var secret = Request.Headers.Authorization.ToString()[Bearer.Length..].Trim();
        return await keys.ActorOfAsync(secret, Context.RequestAborted) is { } actor
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new KeyIdentity(actor)), Scheme))
            : AuthenticateResult.Fail("The key is unknown, revoked or expired.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return WriteAsync(StatusCodes.Status401Unauthorized, "A valid API key is needed: Authorization: Bearer llme_…");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        WriteAsync(StatusCodes.Status403Forbidden, "The key's scopes do not allow this.");

    private async Task WriteAsync(int status, string detail)
    {
        Response.StatusCode = status;
        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = Context, ProblemDetails = new ProblemDetails { Status = status, Detail = detail } });
    }

    private sealed class KeyIdentity(Actor actor) : ClaimsIdentity(
        [new Claim(ClaimTypes.NameIdentifier, actor.UserId.ToString(CultureInfo.InvariantCulture)), new Claim(ClaimTypes.Name, actor.Name)], Scheme)
    {
        public Actor Owner { get; } = actor;
    }
}

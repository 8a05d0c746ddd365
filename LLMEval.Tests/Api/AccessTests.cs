using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Api;

/// <summary>Nothing is open that is not listed here.</summary>
public sealed class AccessTests
{
    private static readonly string[] OpenPaths = ["/health/live", "/health/ready", "/culture", "/account/logout", "/docs/scalar.js", "/docs/scalar.aspnetcore.js", "/docs/favicon.svg"];

    [Fact]
    public void Pages_AreDeniedUnlessTheyBelongToSignIn()
    {
        var pages = typeof(Program).Assembly.GetTypes().Where(t => t.GetCustomAttributes(typeof(RouteAttribute), inherit: false).Length > 0).ToList();
        var open = pages.Where(t => t.IsDefined(typeof(AllowAnonymousAttribute), inherit: true) || !t.IsDefined(typeof(AuthorizeAttribute), inherit: true));

        Assert.NotEmpty(pages);
        Assert.All(open, page => Assert.Equal("LLMEval.Blazor.Account", page.Namespace));
    }

    [Fact]
    public async Task Endpoints_AreDeniedUnlessListed()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        var fallback = await app.Get<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        var open = app.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null && e.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            .Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/'))
            .Where(path => !OpenPaths.Contains(path) && !path.StartsWith("/account/", StringComparison.Ordinal));

        Assert.NotNull(fallback);
        Assert.Empty(open);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sessions")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/no-such-page")]
    [InlineData("/_blazor")]
    public async Task Pages_ForStrangers_LeadToSignIn(string address)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);

        var response = await app.Client.GetAsync(address);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/account/login", response.Headers.Location!.AbsolutePath);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("llme_0000000000000000000000000000000000000000000")]
    [InlineData("secret")]
    public async Task Api_WithoutAValidKey_AnswersAProblem(string? key)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        // A cookie is not enough: what a browser sends by itself must not move the API.
        await app.AddAccountAsync("a@example.com", RoleNames.Admin);
        await app.SignInAsync("a@example.com");
        app.Client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);

        var response = await app.Client.GetAsync("/api/v1/nothing");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Api_WithAKey_PassesAndAnswersProblemsForWhatIsNotThere()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        app.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await app.AddKeyAsync(Permissions.SessionsView));

        var response = await app.Client.GetAsync("/api/v1/nothing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(404, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/openapi/v1.json")).StatusCode);
    }

    [Fact]
    public async Task Health_IsOpenAndTellsOfTheDatabase()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);

        Assert.Equal("Healthy", await app.Client.GetStringAsync("/health/live"));
        Assert.Equal("Healthy", await app.Client.GetStringAsync("/health/ready"));
    }
}

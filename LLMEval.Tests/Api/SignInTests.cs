using System.Net;
using LLMEval.Blazor;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

/// <summary>Sign-in over HTTP, as a browser without scripts does it.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task FirstVisit_LeadsThroughTheLinkToASignedInAdministrator_Once()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        var link = Urls.Setup((await app.Get<FirstAdmin>().NewTokenAsync(default))!);

        var differing = await app.PostFormAsync(link, ("Input.Email", "a@example.com"), ("Input.Password", TestApp.Password), ("Input.Repeated", "something else"));
        Assert.Contains("The two passwords differ.", await differing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var made = await app.PostFormAsync(link, ("Input.Email", "a@example.com"), ("Input.Password", TestApp.Password), ("Input.Repeated", TestApp.Password));
        Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(Urls.Home)).StatusCode);

        Assert.Contains("This link cannot be used", await app.Client.GetStringAsync(link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_LeadsBackToWhereOneWanted_AndOutAgain()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("a@example.com", RoleNames.Viewer);
        var refused = await app.Client.GetAsync("/sessions?q=x");
        Assert.Equal("/account/login?ReturnUrl=%2Fsessions%3Fq%3Dx", refused.Headers.Location!.PathAndQuery);

        var signedIn = await app.SignInAsync(" A@example.com", address: refused.Headers.Location.PathAndQuery);

        Assert.Equal("/sessions?q=x", new Uri(new Uri(app.Url), signedIn.Headers.Location!).PathAndQuery);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(Urls.Home)).StatusCode);
        var forged = await app.Client.PostAsync(Urls.Logout, null);
        Assert.NotEqual(HttpStatusCode.Redirect, forged.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(Urls.Home)).StatusCode);
    }

    [Fact]
    public async Task SignIn_WithAStrangersAddressToReturnTo_LeadsHome()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("a@example.com", RoleNames.Viewer);

        var signedIn = await app.SignInAsync("a@example.com", address: Urls.LoginThen("//evil.example/"));

        Assert.Equal("/", new Uri(new Uri(app.Url), signedIn.Headers.Location!).PathAndQuery);
    }

    [Fact]
    public async Task SignIn_WithWrongPasswords_TellsNothingAndLocksAfterFive()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("a@example.com", RoleNames.Viewer);

        var stranger = await (await app.SignInAsync("nobody@example.com")).Content.ReadAsStringAsync();
        Assert.Contains("The e-mail address or the password is wrong.", stranger, StringComparison.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            await app.SignInAsync("a@example.com", "wrong password");
        }
        var locked = await app.SignInAsync("a@example.com");

        Assert.Contains("Too many wrong attempts", await locked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WithoutThePermission_IsDenied()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync("v@example.com", RoleNames.Viewer);
        await app.SignInAsync("v@example.com");

        var response = await app.Client.GetAsync(Urls.Import);

        Assert.Equal(Urls.AccessDenied, response.Headers.Location!.AbsolutePath);
    }

    [Theory]
    [InlineData("zh-TW,en;q=0.5", null, "登录")]
    [InlineData("fr,en;q=0.5", null, "Sign in")]
    [InlineData("en", "zh-CN", "登录")]
    public async Task Language_ComesFromTheBrowserUntilOneIsChosen(string accepted, string? chosen, string heading)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        app.Client.DefaultRequestHeaders.Remove("Accept-Language");
        app.Client.DefaultRequestHeaders.Add("Accept-Language", accepted);
        if (chosen is not null)
        {
            Assert.Equal("/account/login", (await app.Client.GetAsync(Urls.Culture(chosen, Urls.Login))).Headers.Location!.OriginalString);
        }

        Assert.Contains($"<h1>{heading}</h1>", WebUtility.HtmlDecode(await app.Client.GetStringAsync(Urls.Login)), StringComparison.Ordinal);
    }
}

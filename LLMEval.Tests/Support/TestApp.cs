using System.Net;
using System.Text.RegularExpressions;
using LLMEval.Blazor;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Support;

/// <summary>The real app over a test's database, either only built (its services) or serving on a free port.</summary>
public sealed partial class TestApp : IAsyncDisposable
{
    public const string Password = "a long enough password";
    private readonly WebApplication _app;
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, UseCookies = true };
    private HttpClient? _client;

    private TestApp(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    /// <summary>Where it listens; only while serving.</summary>
    public string Url => Services.GetRequiredService<ServerAddress>().Url;

    /// <summary>A browser of its own: keeps cookies, follows no redirects, prefers English.</summary>
    public HttpClient Client => _client ??= new HttpClient(_handler) { BaseAddress = new Uri(Url), DefaultRequestHeaders = { { "Accept-Language", "en" } } };

    /// <summary>Built, not serving; its clock is the database's.</summary>
    public static TestApp Build(TestDatabase database, params string[] settings) => Make(database, settings, builder => builder.Services.AddSingleton<TimeProvider>(database.Clock));

    /// <summary>Serving on a free port, with the real clock.</summary>
    public static async Task<TestApp> StartAsync(TestDatabase database, params string[] settings)
    {
        var app = Make(database, settings, null);
        await app._app.StartAsync();
        return app;
    }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>An account with <see cref="Password"/>.</summary>
    public async Task<long> AddAccountAsync(string email, string role, params string[] bizCodes)
    {
        var added = await Get<AddUser>().ExecuteAsync(new AddUserRequest(email, role, null, bizCodes.Length == 0 ? null : bizCodes), Actor.Operator(Permissions.All), CancellationToken.None);
        var set = await Get<SetPassword>().ExecuteAsync(added.Value!.Token, Password, CancellationToken.None);
        return set.IsOk ? set.Value : throw new InvalidOperationException(set.Failure!.Code);
    }

    public async Task<string> AddKeyAsync(params string[] scopes)
    {
        var key = await Get<CreateApiKey>().ExecuteAsync(new CreateApiKeyRequest(Guid.NewGuid().ToString("N"), scopes, []), Actor.Operator(Permissions.All), CancellationToken.None);
        return key.Value!.Secret;
    }

    /// <summary>Signs <see cref="Client"/> in through the sign-in page.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string email, string password = Password, string address = Urls.Login) =>
        await PostFormAsync(address, ("Input.Email", email), ("Input.Password", password));

    /// <summary>Opens a page with a form, fills it and sends it.</summary>
    public async Task<HttpResponseMessage> PostFormAsync(string address, params (string Name, string Value)[] fields)
    {
        var page = await Client.GetStringAsync(address);
        var hidden = HiddenInput().Matches(page).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        foreach (var (name, value) in fields)
        {
            hidden[name] = value;
        }
        using var content = new FormUrlEncodedContent(hidden);
        return await Client.PostAsync(address, content);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _handler.Dispose();
        // Disposing alone leaves the scheduler running, which goes on asking the container that is gone for its jobs.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private static TestApp Make(TestDatabase database, string[] settings, Action<WebApplicationBuilder>? adjust)
    {
        var app = LLMEvalApp.Build(settings, builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["urls"] = "http://127.0.0.1:0",
                ["Database:Provider"] = database.Options.Provider.ToString(),
                ["ConnectionStrings:LLMEval"] = database.Options.ConnectionString,
                ["DataDirectory"] = database.Options.DataDirectory,
                ["Logging:LogLevel:Default"] = "Warning",
                ["Scheduler:Clustered"] = "false",
            });
            adjust?.Invoke(builder);
        });
        return new TestApp(app);
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenInput();
}

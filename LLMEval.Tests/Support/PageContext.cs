using System.Globalization;
using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using LLMEval.Blazor;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core;
using LLMEval.Core.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace LLMEval.Tests.Support;

/// <summary>Pages over the real Core and a test's database, in bunit. Construct it in the test itself: the culture it sets belongs to the method that does.</summary>
public sealed class PageContext : IAsyncDisposable
{
    private readonly TestDatabase _database;

    public PageContext(TestDatabase database, string culture = "en", Action<IServiceCollection>? adjust = null)
    {
        _database = database;
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Display:TimeZone", "Asia/Shanghai")]).Build();
        var services = Bunit.Services;
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<TimeProvider>(database.Clock);
        services.AddLogging();
        services.AddLLMEvalCore(configuration, database.Options);
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddTexts(null);
        services.AddMudServices(options => options.PopoverOptions.CheckForPopoverProvider = false);
        services.AddTransient<MudLocalizer, MudTexts>();
        services.AddScoped<CurrentActor>();
        adjust?.Invoke(services);
        Bunit.JSInterop.Mode = JSRuntimeMode.Loose;
        Authorization = Bunit.AddAuthorization();
    }

    public BunitContext Bunit { get; } = new();

    public BunitAuthorizationContext Authorization { get; }

    /// <summary>The address shown, as path and query.</summary>
    public string Address => new Uri(Bunit.Services.GetRequiredService<NavigationManager>().Uri).PathAndQuery;

    public T Get<T>() where T : notnull => Bunit.Services.GetRequiredService<T>();

    /// <summary>Makes an account in the role and signs it in.</summary>
    public async Task<long> SignInAsync(string role = RoleNames.Admin, params string[] bizCodes)
    {
        var email = Guid.NewGuid().ToString("N") + "@example.com";
        var added = await Get<AddUser>().ExecuteAsync(new AddUserRequest(email, role, role, bizCodes.Length == 0 ? null : bizCodes), _database.Admin, CancellationToken.None);
        var id = added.Value!.UserId;
        Authorization.SetAuthorized(email);
        Authorization.SetClaims(new Claim(ClaimTypes.NameIdentifier, id.ToString(CultureInfo.InvariantCulture)));
        Authorization.SetPolicies([.. RoleNames.Defaults[role]]);
        return id;
    }

    /// <summary>Opens an address as the browser would: router, rights, layout and page.</summary>
    public IRenderedComponent<Routes> Open(string address)
    {
        Get<NavigationManager>().NavigateTo(address);
        return Bunit.Render<Routes>();
    }

    /// <summary>Goes on to another address in the page that <see cref="Open"/> opened: a link, a bookmark.</summary>
    public void Go(string address) => Get<NavigationManager>().NavigateTo(address);

    public async ValueTask DisposeAsync() => await Bunit.DisposeAsync();
}

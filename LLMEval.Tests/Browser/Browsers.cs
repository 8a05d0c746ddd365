using LLMEval.Tests.Support;
using Microsoft.Playwright;

namespace LLMEval.Tests.Browser;

/// <summary>One Chromium for all tests that drive a browser; they run one after another.</summary>
public sealed class Browsers : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    /// <summary>A fresh profile that speaks the language, 1280 × 900.</summary>
    public async Task<Person> PersonAsync(TestApp app, string culture)
    {
        if (_chromium is null)
        {
            _playwright = await Playwright.CreateAsync();
            _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Tools.Chromium,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            });
        }
        var context = await _chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = app.Url,
            Locale = culture,
            ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
        });
        context.SetDefaultTimeout(20_000);
        return new Person(app, context, await context.NewPageAsync(), culture);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }
        _playwright?.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<Browsers>
{
    public const string Name = "browser";
}

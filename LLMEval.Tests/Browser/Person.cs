using System.Collections.Concurrent;
using System.Globalization;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using LLMEval.Tests.Support;
using Microsoft.Extensions.Localization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LLMEval.Tests.Browser;

/// <summary>Somebody at a browser: reads the app's own words in one language, and keeps pictures and what the console complained about.</summary>
public sealed class Person : IAsyncDisposable
{
    public const string Email = "lin@example.com";
    private readonly TestApp _app;
    private readonly IBrowserContext _context;
    private readonly CultureInfo _culture;
    private readonly ConcurrentQueue<string> _complaints = new();
    private int _pictures;

    internal Person(TestApp app, IBrowserContext context, IPage page, string culture)
    {
        (_app, _context, Page, _culture) = (app, context, page, CultureInfo.GetCultureInfo(culture));
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Enqueue($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue($"{page.Url}: {error}");
    }

    public IPage Page { get; }

    /// <summary>Errors on the browser's console and scripts that threw.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>The text that the app shows under the key, in this person's language.</summary>
    public string Text<TTexts>(string key, params object[] arguments)
    {
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = _culture;
            var text = _app.Get<IStringLocalizer<TTexts>>()[key, arguments];
            Assert.False(text.ResourceNotFound, key);
            return text.Value;
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    /// <summary>Goes to an address and waits until its page is interactive.</summary>
    public async Task OpenAsync(string address)
    {
        await Page.GotoAsync(address);
        await ReadyAsync();
    }

    /// <summary>Waits until the circuit answers and nothing is on its way any more.</summary>
    public async Task ReadyAsync()
    {
        await Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await Expect(Page.Locator("h1, [role=dialog] h2").First).ToBeVisibleAsync();
        await Expect(Page.Locator(".mud-progress-linear-indeterminate, .mud-progress-linear.indeterminate")).ToHaveCountAsync(0);
    }

    public async Task SignInAsync(string email, string password)
    {
        await Page.GotoAsync(Blazor.Urls.Login);
        await Page.FillAsync("input[name='Input.Email']", email);
        await Page.FillAsync("input[name='Input.Password']", password);
        await Page.ClickAsync("form button[type=submit]");
        await Page.WaitForURLAsync(url => !url.Contains("/account/", StringComparison.Ordinal));
        await ReadyAsync();
    }

    public Task SetThemeAsync(bool isDark) =>
        _context.AddCookiesAsync([new Cookie { Name = "llmeval.theme", Value = isDark ? "dark" : "light", Url = _app.Url }]);

    /// <summary>Keeps a picture in <c>artifacts/screenshots/{language}</c>, numbered in the order taken. What is worth a picture must be accessible too.</summary>
    public async Task PictureAsync(string name)
    {
        var violations = await ViolationsAsync();
        Assert.True(violations.Count == 0, $"{name}:\n{string.Join('\n', violations)}");
        var number = ++_pictures;
        await Page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(Tools.ProjectRoot, "artifacts", "screenshots", _culture.Name, string.Create(CultureInfo.InvariantCulture, $"{number:00}-{name}.png")),
        });
    }

    /// <summary>What axe holds against the page as it stands: rule, element, summary. Empty when nothing.</summary>
    /// <param name="rules">Only these rules; none means all.</param>
    public async Task<IReadOnlyList<string>> ViolationsAsync(params string[] rules)
    {
        // Dialogs and buttons fade in.
        await Page.WaitForTimeoutAsync(350);
        var result = await Page.RunAxe(rules is [] ? null : new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "rule", Values = [.. rules] } });
        return [.. result.Violations.SelectMany(v => v.Nodes.Select(n => $"{new Uri(Page.Url).PathAndQuery} {v.Id} {n.Target} {Summary(n)}"))];
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private static string Summary(AxeResultNode node) => string.Join("; ", node.Any.Concat(node.All).Concat(node.None).Select(c => c.Message)) + " " + node.Html[..Math.Min(160, node.Html.Length)];
}

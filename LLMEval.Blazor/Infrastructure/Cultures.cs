using Microsoft.AspNetCore.Localization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>The languages of the interface: a cookie decides, else <c>Display:Culture</c>, else the browser, else English.</summary>
public static class Cultures
{
    public const string English = "en";
    public const string Chinese = "zh-CN";

    public static IReadOnlyList<string> Names { get; } = [English, Chinese];

    public static void Configure(RequestLocalizationOptions options, string? fixedCulture)
    {
        options.SetDefaultCulture(string.IsNullOrWhiteSpace(fixedCulture) ? English : fixedCulture);
        options.AddSupportedCultures([.. Names]).AddSupportedUICultures([.. Names]);
        options.RequestCultureProviders = [new CookieRequestCultureProvider()];
        if (string.IsNullOrWhiteSpace(fixedCulture))
        {
            options.RequestCultureProviders.Add(new CustomRequestCultureProvider(OfBrowserAsync));
        }
    }

    /// <summary>Any Chinese the browser names is ours, be it zh, zh-Hans or zh-TW; the framework would only take zh-CN itself.</summary>
    internal static Task<ProviderCultureResult?> OfBrowserAsync(HttpContext context)
    {
        var wanted = context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString());
        foreach (var language in wanted)
        {
            if (language.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
            {
                return Task.FromResult<ProviderCultureResult?>(new(Chinese));
            }
            if (language.StartsWith("en", StringComparison.OrdinalIgnoreCase))
            {
                return Task.FromResult<ProviderCultureResult?>(new(English));
            }
        }
        return Task.FromResult<ProviderCultureResult?>(null);
    }
}

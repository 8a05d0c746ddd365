using LLMEval.Blazor.Infrastructure;

namespace LLMEval.Blazor;

/// <summary>Builds the web app from settings; commands and tests build the same one.</summary>
public static class LLMEvalApp
{
    public const string DefaultUrl = "http://localhost:5080";

    /// <param name="settings">Settings of the command line, <c>--Key:Sub=value</c>.</param>
    /// <param name="adjust">Runs after the configuration was loaded and before it is checked.</param>
    public static WebApplication Build(IReadOnlyList<string> settings, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // The binary's folder holds appsettings.json and, once published, wwwroot; the current folder may be anywhere.
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(LLMEvalApp).Assembly.GetName().Name,
            // Watching files costs one inotify instance a host, and a changed setting needs a new start anyhow.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. settings.Where(s => s.StartsWith("--environment=", StringComparison.OrdinalIgnoreCase))],
        });
        Settings.AddSources(builder, settings);
        // Outside Development the framework looks for assets only where a published app has them; this finds those of a build, too.
        builder.WebHost.UseStaticWebAssets();
        if (!HasAddress(builder))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }
        adjust?.Invoke(builder);
        Settings.Check(builder.Configuration);
        builder.Host.UseDefaultServiceProvider(provider => (provider.ValidateOnBuild, provider.ValidateScopes) = (true, true));
        builder.AddLLMEval();
        var app = builder.Build();
        app.UseLLMEval();
        return app;
    }

    private static readonly string[] AddressKeys = ["urls", "http_ports", "https_ports"];

    private static bool HasAddress(WebApplicationBuilder builder) =>
        AddressKeys.Any(key => !string.IsNullOrEmpty(builder.Configuration[key]))
        || builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}

using System.Text.Json.Serialization;
using LLMEval.Blazor.Account;
using LLMEval.Blazor.Api;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Localization;
using MudBlazor;
using MudBlazor.Services;
using Scalar.AspNetCore;

namespace LLMEval.Blazor;

/// <summary>The web app's composition and its pipeline, one line a part.</summary>
internal static class BlazorServices
{
    public static void AddLLMEval(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddLLMEvalCore(builder.Configuration, DatabaseOptions.From(builder.Configuration));
        services.AddAccountAccess(builder.Configuration);
        services.AddTexts(builder.Configuration["Display:Culture"]);
        services.AddApi();
        // A thousand pairs in an address, and what somebody pastes, must get through.
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(options => options.MaximumReceiveMessageSize = 256 * 1024);
        services.Configure<KestrelServerOptions>(options => options.Limits.MaxRequestLineSize = 64 * 1024);
        services.AddMudServices(options =>
        {
            options.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            // Notices hold buttons, such as undo: there at once, and long enough to be read and reached.
            options.SnackbarConfiguration.ShowTransitionDuration = 150;
            options.SnackbarConfiguration.HideTransitionDuration = 300;
            options.SnackbarConfiguration.VisibleStateDuration = 7000;
        });
        services.AddTransient<MudLocalizer, MudTexts>();
        services.AddSingleton<ServerAddress>();
        services.AddHostedService<SelfAddressSetter>();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: ["ready"]);
    }

    public static void UseLLMEval(this WebApplication app)
    {
        app.UseRequestLocalization();
        app.UseExceptionHandler(Urls.Fault);
        app.UseWhen(ApiPaths.Covers, api => api.UseStatusCodePages());
        app.UseWhen(context => !ApiPaths.Covers(context), pages => pages.UseStatusCodePagesWithReExecute(Urls.NotFound));
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }).AllowAnonymous();
        app.MapOpenApi();
        // Its script is served by the app; its fonts and its request proxy would be a stranger's servers.
        app.MapScalarApiReference("/docs", options => options.WithTitle("LLMEval API").DisableDefaultFonts().DisableTelemetry().DisableAgent().HideDeveloperTools().HideClientButton());
        app.MapDemo();
        IngestEndpoints.Map(app);
        SessionEndpoints.Map(app);
        SearchEndpoints.Map(app);
        LabelEndpoints.Map(app);
        SetEndpoints.Map(app);
        ReproductionEndpoints.Map(app);
        ExportEndpoints.Map(app);
        LabelExportEndpoints.Map(app);
        CultureEndpoint.Map(app);
        LogoutEndpoint.Map(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    }

    internal static void AddTexts(this IServiceCollection services, string? fixedCulture)
    {
        services.AddLocalization();
        services.AddSingleton<IStringLocalizerFactory, TextsFactory>();
        services.AddSingleton<FailureTexts>();
        services.AddSingleton<CodeTexts>();
        services.AddSingleton<LastSet>();
        services.AddSingleton<ZoneClock>();
        services.Configure<RequestLocalizationOptions>(options => Cultures.Configure(options, fixedCulture));
    }

    private static void AddApi(this IServiceCollection services)
    {
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "LLMEval API";
            return Task.CompletedTask;
        }));
        services.AddProblemDetails();
        services.AddExceptionHandler<ApiExceptions>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            var json = options.SerializerOptions;
            json.PropertyNamingPolicy = Json.Stored.PropertyNamingPolicy;
            json.DictionaryKeyPolicy = null;
            json.Encoder = Json.Stored.Encoder;
            json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            // A misspelt field must be told, not dropped.
            json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.Converters.Add(new JsonStringEnumConverter(System.Text.Json.JsonNamingPolicy.SnakeCaseLower));
        });
    }
}

using System.CommandLine;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Data;

namespace LLMEval.Blazor.Commands;

/// <summary>Serves the web app: migrates, starts, prints where it is and, while nobody has an account, the one-time link to make the first.</summary>
internal sealed class ServeCommand(CommandHost host)
{
    public static Option<string> Addresses { get; } = new("--urls") { Description = $"Addresses to listen on, separated by semicolons (default {LLMEvalApp.DefaultUrl})." };

    public Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken) => CommandHost.GuardAsync(parsed, async () =>
    {
        await using var app = host.Build(builder =>
        {
            if (parsed.GetValue(Addresses) is { Length: > 0 } urls)
            {
                builder.WebHost.UseUrls(urls);
            }
        });
        await StartAsync(app, cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    });

    public static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await StartQuietlyAsync(app, cancellationToken);
        await TellWhereAsync(app, cancellationToken);
    }

    public static async Task StartQuietlyAsync(WebApplication app, CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<DatabaseStartup>().MigrateAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
    }

    /// <summary>Prints the address and, while nobody has an account, the one-time link to make the first.</summary>
    public static async Task TellWhereAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var url = app.Services.GetRequiredService<ServerAddress>().Url;
        Console.WriteLine($"LLMEval is at {url}");
        if (await app.Services.GetRequiredService<FirstAdmin>().NewTokenAsync(cancellationToken) is { } token)
        {
            Console.WriteLine($"No account exists yet. Make the first administrator here (works once, for 24 hours):");
            Console.WriteLine($"  {url}{Urls.Setup(token)}");
        }
    }
}

using System.CommandLine;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.Extensions.Logging.Console;

namespace LLMEval.Blazor.Commands;

/// <summary>What all commands share: one way to build the app, to migrate first, and to tell an error in one line on stderr.</summary>
internal sealed class CommandHost(IReadOnlyList<string> settings)
{
    public const int Failed = 1;
    public const int BadUsage = 2;

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Show stack traces and more of the log.", Recursive = true };

    /// <summary>Who may start a command on the server may do everything there.</summary>
    public static Actor Operator { get; } = Actor.Operator(Permissions.All);

    /// <summary>Builds the app without starting it, brings the database up to date, and runs <paramref name="work"/> on its services.</summary>
    public Task<int> RunAsync(ParseResult parsed, Func<IServiceProvider, CancellationToken, Task<int>> work, CancellationToken cancellationToken) =>
        GuardAsync(parsed, async () =>
        {
            await using var app = LLMEvalApp.Build(settings, builder => LogToStderr(builder, parsed));
            await app.Services.GetRequiredService<DatabaseStartup>().MigrateAsync(cancellationToken);
            return await work(app.Services, cancellationToken);
        });

    /// <summary>Builds the app, for commands that start it themselves.</summary>
    public WebApplication Build(Action<WebApplicationBuilder>? adjust = null) => LLMEvalApp.Build(settings, adjust);

    /// <summary>Runs and turns whatever goes wrong into one clear line and an exit code.</summary>
    public static async Task<int> GuardAsync(ParseResult parsed, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("error: cancelled");
            return Failed;
        }
        catch (ConfigurationException e)
        {
            return Tell(parsed, e, BadUsage);
        }
        // The last place before the process ends: nothing above could show it better.
        catch (Exception e)
        {
            return Tell(parsed, e, Failed);
        }
    }

    /// <summary>Prints a refusal of Core in words.</summary>
    public static int Refuse(IServiceProvider services, Failure failure)
    {
        Console.Error.WriteLine($"error: {services.GetRequiredService<FailureTexts>().Of(failure)}");
        return failure.Kind == FailureKind.Invalid ? BadUsage : Failed;
    }

    /// <summary>Keeps stdout for the command's own output.</summary>
    public static void LogToStderr(WebApplicationBuilder builder, ParseResult parsed)
    {
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (!parsed.GetValue(Verbose))
        {
            // Rules for one provider win over those of the configuration.
            builder.Logging.AddFilter<ConsoleLoggerProvider>(null, LogLevel.Warning).AddFilter<ConsoleLoggerProvider>("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        }
    }

    private static int Tell(ParseResult parsed, Exception e, int code)
    {
        var root = e is AggregateException { InnerException: { } inner } ? inner : e;
        Console.Error.WriteLine(parsed.GetValue(Verbose) ? root.ToString() : $"error: {root.Message.ReplaceLineEndings(" ")}");
        return code;
    }
}

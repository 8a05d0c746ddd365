using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LLMEval.Blazor.Api;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Statistics;
using LLMEval.Core.Targets;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace LLMEval.Blazor.Commands;

/// <summary>Asks target versions for a recorded answer again, waits, and prints what came out.</summary>
internal static class ReproduceCommand
{
    // The built-in bot is asked over HTTP; nobody else needs to know the address.
    private const string AnyLoopbackPort = "http://127.0.0.1:0";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    public static Command Create(CommandHost host)
    {
        var session = new Option<string>("--session") { Description = "The session_id.", Required = true };
        var message = new Option<string>("--message") { Description = "The msg_id of the bad bot message.", Required = true };
        var biz = new Option<string?>("--biz") { Description = "The biz_code, where several have these ids." };
        var target = new Option<string[]>("--target") { Description = "NAME[@V]; several times to compare versions, the candidate last.", Required = true, AllowMultipleArgumentsPerToken = true };
        var times = new Option<int?>("--times") { Description = "Generations of each version at most (default: what the severity needs). Stops early once it is clear." };
        var param = new Option<string[]>("--param") { Description = "key=value in place of what was recorded; value is JSON or text, null takes the parameter away.", AllowMultipleArgumentsPerToken = true };
        var severity = new Option<Severity?>("--severity") { Description = "critical, major or minor (default)." };
        var contains = new Option<string[]>("--contains") { Description = "Bad where the answer contains this text; several times for several.", AllowMultipleArgumentsPerToken = true };
        var regex = new Option<string?>("--regex") { Description = "Bad where the answer matches this pattern." };
        var similar = new Option<double?>("--similar") { Description = "Bad from this chrF similarity to the recorded answer on (default 60)." };
        var judge = new Option<string?>("--judge") { Description = "NAME[@V] of the target that judges; with --rubric." };
        var rubric = new Option<string?>("--rubric") { Description = "What makes an answer bad, for --judge." };
        var json = new Option<string?>("--json") { Description = "Write the whole answer, as the API gives it, to this file." };
        var command = new Command("reproduce", "Ask target versions for a recorded bad answer again, count, and tell whether it still happens.")
        {
            session, message, biz, target, times, param, severity, contains, regex, similar, judge, rubric, json,
        };
        command.SetAction((parsed, cancellationToken) => CommandHost.GuardAsync(parsed, async () =>
        {
            var parameters = Parameters(parsed.GetValue(param) ?? []);
            if (parameters.Problem is { } problem)
            {
                Console.Error.WriteLine($"error: --param is '{problem}'; expected key=value");
                return CommandHost.BadUsage;
            }
            var texts = parsed.GetValue(contains) is { Length: > 0 } given ? given : null;
            var similarity = parsed.GetValue(similar);
            var isAny = texts is not null || parsed.GetValue(regex) is not null || parsed.GetValue(judge) is not null || similarity is not null;
            var body = new ReproductionBody(
                new ReproducedMessage(parsed.GetValue(session), parsed.GetValue(message), parsed.GetValue(biz)), parsed.GetValue(target), parsed.GetValue(times), parameters.Json,
                Criterion: !isAny ? null : new CriterionBody(
                    Contains: texts, Regex: parsed.GetValue(regex), Judge: parsed.GetValue(judge), Rubric: parsed.GetValue(rubric), SimilarToRecorded: similarity is { } s ? JsonSerializer.SerializeToElement(s) : null),
                Severity: parsed.GetValue(severity));
            await using var app = host.Build(builder =>
            {
                CommandHost.LogToStderr(builder, parsed);
                builder.WebHost.UseUrls(AnyLoopbackPort);
            });
            await ServeCommand.StartQuietlyAsync(app, cancellationToken);
            var code = await RunAsync(app.Services, body, parsed.GetValue(json), cancellationToken);
            await app.StopAsync(CancellationToken.None);
            return code;
        }));
        return command;
    }

    private static async Task<int> RunAsync(IServiceProvider services, ReproductionBody body, string? file, CancellationToken cancellationToken)
    {
        var request = await body.ToRequestAsync(services.GetRequiredService<ReproductionDrafts>(), services.GetRequiredService<TargetQueries>(), CommandHost.Operator, cancellationToken);
        var started = request.Failure is { } unreadable ? unreadable : await services.GetRequiredService<StartReproduction>().ExecuteAsync(request.Value!, CommandHost.Operator, cancellationToken);
        if (started.Failure is { } failure)
        {
            return CommandHost.Refuse(services, failure);
        }
        var queries = services.GetRequiredService<ReproductionQueries>();
        ReproductionRow row;
        while (!(row = (await queries.RowAsync(started.Value, CommandHost.Operator, cancellationToken))!).IsEnded)
        {
            Tell(row);
            await Task.Delay(PollInterval, cancellationToken);
        }
        Tell(row);
        await Console.Error.WriteLineAsync();
        if (file is not null)
        {
            var answer = await ReproductionAnswer.OfAsync(started.Value, queries, services.GetRequiredService<IStringLocalizer<ReproductionTexts>>(), CommandHost.Operator, cancellationToken);
            await using var stream = new FileStream(file, FileMode.Create, FileAccess.Write);
            await JsonSerializer.SerializeAsync(stream, answer, services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions, cancellationToken);
        }
        foreach (var arm in row.Arms)
        {
            var interval = arm is { Rate: { } rate, Low: { } low, High: { } high } ? string.Create(CultureInfo.InvariantCulture, $" = {rate * 100:0} % [{low * 100:0} %, {high * 100:0} %]") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{arm.Label}: {Word(arm.Verdict)}, bad in {arm.Bad} of {arm.Graded}{interval}{(arm.EndedEarly ? ", stopped early" : "")}"));
        }
        Console.WriteLine($"{Urls.Reproduction(row.Id)}");
        return row.State == ReproductionState.Completed ? 0 : CommandHost.Failed;
    }

    private static void Tell(ReproductionRow row)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{row.Done} of at most {row.Times} generations "));
        }
    }

    private static string Word(ReproductionVerdict verdict) => JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.ToString()).Replace('_', ' ');

    private static (JsonElement? Json, string? Problem) Parameters(IReadOnlyList<string> given)
    {
        var all = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } key, var value])
            {
                return (null, text);
            }
            try
            {
                all[key] = JsonElement.Parse(value);
            }
            catch (JsonException)
            {
                all[key] = JsonSerializer.SerializeToElement(value);
            }
        }
        return (all.Count == 0 ? null : JsonSerializer.SerializeToElement(all), null);
    }
}

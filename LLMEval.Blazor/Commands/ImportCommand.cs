using System.CommandLine;
using System.Globalization;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using Spectre.Console;

namespace LLMEval.Blazor.Commands;

internal static class ImportCommand
{
    private const string Auto = "auto";
    private const string SessionsJsonl = "sessions-jsonl";
    private static readonly string[] OtherEndings = [".csv", ".tsv", ".xlsx", ".xls", ".parquet", ".sql", ".zip"];

    public static Command Create(CommandHost host)
    {
        var files = new Argument<string[]>("FILE") { Description = "Files in the shape sessions-jsonl (one session a line), plain or gzip.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format") { Description = $"{Auto} or {SessionsJsonl}; others are not there yet.", DefaultValueFactory = _ => Auto };
        var map = new Option<string?>("--map") { Description = "A mapping of columns; not there yet." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what would be stored, store nothing." };
        var assumeStart = new Option<string?>("--assume-start") { Description = "When sessions began whose source gives no time, such as 2026-01-31T20:00; without it: now." };
        var spread = new Option<int?>("--spread") { Description = "Spread sessions whose source gives no time evenly over this many days, from --assume-start or up to now." };
        var command = new Command("import", "Import sessions. Importing again updates, never doubles; rejected lines go to FILE.rejected.jsonl.") { files, format, map, dryRun, assumeStart, spread };
        command.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            var names = parsed.GetRequiredValue(files);
            var zone = services.GetRequiredService<ImportOptions>().TimeZone;
            var start = parsed.GetValue(assumeStart) is { } text ? TimeText.ToUtc(text, zone) : null;
            var problem = Problem(names, parsed.GetValue(format)!, parsed.GetValue(map))
                ?? (parsed.GetValue(assumeStart) is { } given && start is not { Year: >= 1970 and <= 9998 } ? $"--assume-start is '{given}'; expected a time such as 2026-01-31T20:00 or a date" : null)
                ?? (parsed.GetValue(spread) is { } days and (< 1 or > 36500) ? $"--spread is {days}; expected a number of days from 1 to 36500" : null);
            if (problem is not null)
            {
                Console.Error.WriteLine($"error: {problem}");
                return CommandHost.BadUsage;
            }
            var worst = 0;
            foreach (var name in names)
            {
                var mode = parsed.GetValue(dryRun) ? IngestMode.Compare : IngestMode.Store;
                worst = Math.Max(worst, await OneAsync(services, name, mode, new TimeChoice(start, parsed.GetValue(spread)), token));
            }
            if (!parsed.GetValue(dryRun))
            {
                // A server that runs would do it within seconds; where none does, the first search must not wait for it.
                await services.GetRequiredService<IndexMessages>().ExecuteAsync(IndexMessages.WorthASegment, token);
            }
            return worst;
        }, cancellationToken));
        return command;
    }

    private static string? Problem(string[] names, string format, string? map)
    {
        if (map is not null)
        {
            return "--map is not there yet: this version reads sessions-jsonl, whose fields need no mapping";
        }
        if (format is not (Auto or SessionsJsonl))
        {
            return $"--format is '{format}'; this version reads {SessionsJsonl} only";
        }
        foreach (var name in names)
        {
            if (!File.Exists(name))
            {
                return Directory.Exists(name) ? $"'{name}' is a folder; expected a file" : $"the file '{name}' does not exist";
            }
            if (format == Auto && OtherEndings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))
            {
                return $"'{name}' looks like {Path.GetExtension(name)[1..].ToLowerInvariant()}; this version reads {SessionsJsonl} only";
            }
        }
        return null;
    }

    private static async Task<int> OneAsync(IServiceProvider services, string name, IngestMode mode, TimeChoice times, CancellationToken cancellationToken)
    {
        var rejectedName = name + ".rejected.jsonl";
        await using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        if (File.Exists(rejectedName))
        {
            // What an earlier import rejected would be taken for this one's.
            File.Delete(rejectedName);
        }
        var request = new ImportRequest(file, Path.GetFileName(name))
        {
            Times = times,
            Mode = mode,
            OpenRejected = () => new FileStream(rejectedName, FileMode.Create, FileAccess.Write, FileShare.Read),
        };
        var result = await WithBarAsync(Path.GetFileName(name), file.Length, progress =>
            services.GetRequiredService<ImportFile>().ExecuteAsync(request, CommandHost.Operator, progress, cancellationToken));
        if (result is not { Value: { } report })
        {
            return CommandHost.Refuse(services, result.Failure!);
        }
        var counts = report.Counts;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetFileName(name)}: read {counts.Read}, new {counts.New}, updated {counts.Updated}, unchanged {counts.Unchanged}, rejected {counts.Rejected}{(mode == IngestMode.Compare ? " (dry run: nothing stored)" : "")}"));
        foreach (var line in report.FirstRejected.Take(5))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  line {line.Line}: {line.Rejection.Reason}"));
        }
        if (counts.Rejected > 0)
        {
            Console.Error.WriteLine($"  rejected lines are in {rejectedName}");
        }
        return counts.Rejected > 0 && counts.Rejected == counts.Read ? CommandHost.Failed : 0;
    }

    private static async Task<Result<ImportReport>> WithBarAsync(string name, long length, Func<IProgress<ImportProgress>?, Task<Result<ImportReport>>> work)
    {
        if (Console.IsErrorRedirected || length == 0)
        {
            return await work(null);
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(name), maxValue: length);
                return await work(new Report(p => bar.Value = p.BytesRead));
            });
    }

    private sealed class Report(Action<ImportProgress> show) : IProgress<ImportProgress>
    {
        void IProgress<ImportProgress>.Report(ImportProgress value) => show(value);
    }
}

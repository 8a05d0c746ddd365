using System.CommandLine;
using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Exports;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Commands;

internal static class ExportCommand
{
    private static readonly Dictionary<string, LabelFormat> LabelFormats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["csv"] = LabelFormat.Csv,
        ["jsonl"] = LabelFormat.Jsonl,
        ["label-studio"] = LabelFormat.LabelStudio,
        ["argilla"] = LabelFormat.Argilla,
    };

    public static Command Create(CommandHost host) => new("export", "Write what is stored into a file.") { Sessions(host), Labels(host), Set(host) };

    private static Command Sessions(CommandHost host)
    {
        var format = new Option<string>("--format") { Description = "csv, xlsx (the grid's columns) or jsonl (whole sessions, to be imported again).", Required = true };
        var output = Output();
        var sessions = new Command("sessions", "Every session with its messages and memory, streamed.") { format, output };
        sessions.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            var wanted = parsed.GetRequiredValue(format);
            if (!Enum.TryParse<ExportFormat>(wanted, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsDigit(wanted[0]))
            {
                return BadUsage($"--format is '{wanted}'; expected csv, xlsx or jsonl");
            }
            var file = new ExportedFile(parsed.GetRequiredValue(output));
            if (file.Problem is { } problem)
            {
                return BadUsage(problem);
            }
            var export = new SessionExport(new SessionFilter(), SessionSort.Started, true, kind, services.GetRequiredService<ZoneClock>().Zone);
            var exports = services.GetRequiredService<ExportSessions>();
            if (await exports.PrepareAsync(export, CommandHost.Operator, token) is { } failure)
            {
                return CommandHost.Refuse(services, failure);
            }
            var written = await file.WriteAsync(stream => exports.WriteAsync(export, stream, CommandHost.Operator, token));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written} sessions written to {file.FullPath}"));
            return 0;
        }, cancellationToken));
        return sessions;
    }

    private static Command Labels(CommandHost host)
    {
        var format = new Option<string>("--format") { Description = $"{string.Join(", ", LabelFormats.Keys)}; each can be imported again.", Required = true };
        var queue = new Option<string?>("--queue") { Description = "Only labels of this queue's messages." };
        var output = Output();
        var labels = new Command("labels", "Every label with whose it is, streamed.") { format, queue, output };
        labels.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            if (!LabelFormats.TryGetValue(parsed.GetRequiredValue(format), out var kind))
            {
                return BadUsage($"--format is '{parsed.GetRequiredValue(format)}'; expected {string.Join(", ", LabelFormats.Keys)}");
            }
            var file = new ExportedFile(parsed.GetRequiredValue(output));
            if (file.Problem is { } problem)
            {
                return BadUsage(problem);
            }
            var exports = services.GetRequiredService<ExportLabels>();
            long? queueId = null;
            if (parsed.GetValue(queue) is { } name)
            {
                var found = await exports.FindQueueAsync(name, CommandHost.Operator, token);
                if (!found.IsOk)
                {
                    return BadUsage($"--queue is '{name}'; there is no such queue");
                }
                queueId = found.Value;
            }
            var export = new LabelExport(queueId, kind, services.GetRequiredService<ZoneClock>().Zone);
            if (await exports.PrepareAsync(export, CommandHost.Operator, token) is { } failure)
            {
                return CommandHost.Refuse(services, failure);
            }
            var written = await file.WriteAsync(stream => exports.WriteAsync(export, stream, CommandHost.Operator, token));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written} labels written to {file.FullPath}"));
            return 0;
        }, cancellationToken));
        return labels;
    }

    private static Command Set(CommandHost host)
    {
        var name = new Argument<string>("NAME") { Description = "The evaluation set's name." };
        var format = new Option<string>("--format") { Description = $"{SetFormats.Words}.", Required = true };
        var version = new Option<int?>("--version") { Description = "A frozen version; without it, the set as it is now." };
        var output = Output();
        var set = new Command("set", "An evaluation set in our format or another tool's, streamed.") { name, format, version, output };
        set.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            var wanted = parsed.GetRequiredValue(format);
            if (!SetFormats.All.TryGetValue(wanted, out var kind))
            {
                return BadUsage($"--format is '{wanted}'; expected {SetFormats.Words}");
            }
            var file = new ExportedFile(parsed.GetRequiredValue(output));
            if (file.Problem is { } problem)
            {
                return BadUsage(problem);
            }
            if (await services.GetRequiredService<SetOutlineQueries>().FindAsync(parsed.GetRequiredValue(name), CommandHost.Operator, token) is not { } id)
            {
                return BadUsage($"there is no evaluation set '{parsed.GetRequiredValue(name)}'");
            }
            var exports = services.GetRequiredService<ExportSet>();
            var export = new SetExport(id, parsed.GetValue(version), kind.Format);
            var prepared = await exports.PrepareAsync(export, CommandHost.Operator, token);
            if (prepared.Failure is { } failure)
            {
                return CommandHost.Refuse(services, failure);
            }
            var skipped = 0L;
            var written = await file.WriteAsync(async stream =>
            {
                var result = await exports.WriteAsync(export, prepared.Value!, stream, CommandHost.Operator, token);
                skipped = result.Skipped;
                return result.Written;
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written} items written to {file.FullPath}{(skipped > 0 ? $", {skipped} skipped that the format cannot say" : "")}"));
            return 0;
        }, cancellationToken));
        return set;
    }

    private static Option<string> Output() => new("--out") { Description = "The file to write; an existing one is replaced once the new one is whole.", Required = true };

    private static int BadUsage(string problem)
    {
        Console.Error.WriteLine($"error: {problem}");
        return CommandHost.BadUsage;
    }
}

using System.CommandLine;
using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Exports;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Commands;

internal static class ExportCommand
{
    public static Command Create(CommandHost host)
    {
        var format = new Option<string>("--format") { Description = "csv, xlsx (the grid's columns) or jsonl (whole sessions, to be imported again).", Required = true };
        var output = new Option<string>("--out") { Description = "The file to write; an existing one is replaced once the new one is whole.", Required = true };
        var sessions = new Command("sessions", "Every session with its messages and memory, streamed.") { format, output };
        sessions.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            var wanted = parsed.GetRequiredValue(format);
            if (!Enum.TryParse<ExportFormat>(wanted, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsDigit(wanted[0]))
            {
                Console.Error.WriteLine($"error: --format is '{wanted}'; expected csv, xlsx or jsonl");
                return CommandHost.BadUsage;
            }
            var path = Path.GetFullPath(parsed.GetRequiredValue(output));
            if (Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(path)))
            {
                Console.Error.WriteLine($"error: --out is '{path}'; expected a file in a folder that exists");
                return CommandHost.BadUsage;
            }
            var export = new SessionExport(new SessionFilter(), SessionSort.Started, true, kind, services.GetRequiredService<ZoneClock>().Zone);
            var exports = services.GetRequiredService<ExportSessions>();
            if (await exports.PrepareAsync(export, CommandHost.Operator, token) is { } failure)
            {
                return CommandHost.Refuse(services, failure);
            }
            // Beside it and then in its place: a stopped export leaves the old file as it was.
            var unfinished = path + ".part";
            try
            {
                long written;
                await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024, FileOptions.Asynchronous))
                {
                    written = await exports.WriteAsync(export, file, CommandHost.Operator, token);
                }
                File.Move(unfinished, path, overwrite: true);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{written} sessions written to {path}"));
                return 0;
            }
            finally
            {
                File.Delete(unfinished);
            }
        }, cancellationToken));
        return new Command("export", "Write what is stored into a file.") { sessions };
    }
}

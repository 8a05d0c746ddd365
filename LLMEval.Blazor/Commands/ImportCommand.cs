using System.CommandLine;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Commands;

internal static class ImportCommand
{
    private const string Auto = "auto";
    private const string SessionsJsonl = "sessions-jsonl";
    private static readonly string[] OtherEndings = [".csv", ".tsv", ".xlsx", ".xls", ".parquet", ".sql", ".zip"];

    private static readonly Dictionary<string, LabelFormat> LabelFormats = new()
    {
        ["labels-csv"] = LabelFormat.Csv,
        ["labels-jsonl"] = LabelFormat.Jsonl,
        ["labels-label-studio"] = LabelFormat.LabelStudio,
        ["labels-argilla"] = LabelFormat.Argilla,
    };

    public static Command Create(CommandHost host)
    {
        var files = new Argument<string[]>("FILE") { Description = "Files of sessions (one a line, in the shape sessions-jsonl) or of labels, plain or gzip.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--format") { Description = $"{Auto} (each file by its content), {SessionsJsonl}, {string.Join(", ", LabelFormats.Keys)}.", DefaultValueFactory = _ => Auto };
        var map = new Option<string?>("--map") { Description = "A mapping of columns; not there yet." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what would be stored, store nothing." };
        var assumeStart = new Option<string?>("--assume-start") { Description = "When sessions began whose source gives no time, such as 2026-01-31T20:00; without it: now." };
        var spread = new Option<int?>("--spread") { Description = "Spread sessions whose source gives no time evenly over this many days, from --assume-start or up to now." };
        var set = new Option<string?>("--set") { Description = $"Import evaluation items into the set of this name, which is made where there is none. --format is then {Auto}, {SetFormats.Words}." };
        var goodLines = new Option<bool>("--good-lines") { Description = "With --set: import the good lines though others are not; without it, one bad line keeps all out." };
        var command = new Command("import", "Import sessions, labels or evaluation items. Importing again updates, never doubles; rejected lines go to FILE.rejected.jsonl.") { files, format, map, dryRun, assumeStart, spread, set, goodLines };
        command.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            var names = parsed.GetRequiredValue(files);
            var wanted = parsed.GetValue(format)!;
            if (parsed.GetValue(set) is { } setName)
            {
                return await ImportSetCommand.RunAsync(services, setName, names, wanted == Auto ? null : wanted, parsed.GetValue(goodLines), parsed.GetValue(dryRun), token);
            }
            var zone = services.GetRequiredService<ImportOptions>().TimeZone;
            var start = parsed.GetValue(assumeStart) is { } text ? TimeText.ToUtc(text, zone) : null;
            var (problem, shapes) = await ShapesAsync(names, wanted, parsed.GetValue(map), token);
            problem ??= (parsed.GetValue(assumeStart) is { } given && start is not { Year: >= 1970 and <= 9998 } ? $"--assume-start is '{given}'; expected a time such as 2026-01-31T20:00 or a date" : null)
                ?? (parsed.GetValue(spread) is { } days and (< 1 or > 36500) ? $"--spread is {days}; expected a number of days from 1 to 36500" : null);
            if (problem is not null)
            {
                Console.Error.WriteLine($"error: {problem}");
                return CommandHost.BadUsage;
            }
            var worst = 0;
            var mode = parsed.GetValue(dryRun) ? IngestMode.Compare : IngestMode.Store;
            foreach (var (name, shape) in names.Zip(shapes))
            {
                var file = new ImportedFile(name);
                worst = Math.Max(worst, shape is { } labels
                    ? await LabelsAsync(services, file, labels, mode, token)
                    : await SessionsAsync(services, file, mode, new TimeChoice(start, parsed.GetValue(spread)), token));
            }
            if (mode == IngestMode.Store && shapes.Contains(null))
            {
                // A server that runs would do it within seconds; where none does, the first search must not wait for it.
                await services.GetRequiredService<IndexMessages>().ExecuteAsync(IndexMessages.WorthASegment, token);
            }
            return worst;
        }, cancellationToken));
        return command;
    }

    /// <summary>For each file the shape of its labels, null where it holds sessions; or why they cannot be imported.</summary>
    private static async Task<(string? Problem, List<LabelFormat?> Shapes)> ShapesAsync(string[] names, string format, string? map, CancellationToken cancellationToken)
    {
        var shapes = new List<LabelFormat?>();
        if (map is not null)
        {
            return ($"--map is not there yet: this version reads {SessionsJsonl}, whose fields need no mapping", shapes);
        }
        if (format is not (Auto or SessionsJsonl) && !LabelFormats.ContainsKey(format))
        {
            return ($"--format is '{format}'; this version reads {SessionsJsonl}, {string.Join(", ", LabelFormats.Keys)}", shapes);
        }
        foreach (var name in names)
        {
            if (!File.Exists(name))
            {
                return (Directory.Exists(name) ? $"'{name}' is a folder; expected a file" : $"the file '{name}' does not exist", shapes);
            }
            shapes.Add(format == Auto ? await DetectAsync(name, cancellationToken) : LabelFormats.TryGetValue(format, out var shape) ? shape : null);
            if (format == Auto && shapes[^1] is null && OtherEndings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))
            {
                return ($"'{name}' looks like {Path.GetExtension(name)[1..].ToLowerInvariant()}, but not of labels; this version reads sessions as {SessionsJsonl} only", shapes);
            }
        }
        return (null, shapes);
    }

    private static async Task<LabelFormat?> DetectAsync(string name, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(name);
        return await ImportLabels.DetectAsync(file, cancellationToken);
    }

    private static async Task<int> SessionsAsync(IServiceProvider services, ImportedFile file, IngestMode mode, TimeChoice times, CancellationToken cancellationToken)
    {
        await using var content = file.Open();
        var request = new ImportRequest(content, file.Name) { Times = times, Mode = mode, OpenRejected = file.OpenRejected };
        var result = await file.WithBarAsync(show => services.GetRequiredService<ImportFile>()
            .ExecuteAsync(request, CommandHost.Operator, new ShownProgress<ImportProgress>(p => show(p.BytesRead)), cancellationToken));
        return result is not { Value: { Counts: var counts } report } ? CommandHost.Refuse(services, result.Failure!)
            : file.Tell(new LabelImportCounts(counts.Read, counts.New, counts.Updated, counts.Unchanged, counts.Rejected), report.FirstRejected, mode == IngestMode.Compare);
    }

    private static async Task<int> LabelsAsync(IServiceProvider services, ImportedFile file, LabelFormat format, IngestMode mode, CancellationToken cancellationToken)
    {
        await using var content = file.Open();
        var request = new LabelImportRequest(content, file.Name) { Format = format, Mode = mode, OpenRejected = file.OpenRejected };
        var result = await file.WithBarAsync(show => services.GetRequiredService<ImportLabels>()
            .ExecuteAsync(request, CommandHost.Operator, new ShownProgress<LabelImportProgress>(p => show(p.BytesRead)), cancellationToken));
        return result is not { Value: { } report } ? CommandHost.Refuse(services, result.Failure!) : file.Tell(report.Counts, report.FirstRejected, mode == IngestMode.Compare);
    }
}

using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Collecting;
using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Commands;

/// <summary>The part of <c>import</c> that fills an evaluation set.</summary>
internal static class ImportSetCommand
{
    public static async Task<int> RunAsync(IServiceProvider services, string setName, string[] files, string? format, bool goodLines, bool isDryRun, CancellationToken cancellationToken)
    {
        SetFormat? kind = null;
        if (format is not null)
        {
            if (!SetFormats.All.TryGetValue(format, out var known))
            {
                return BadUsage($"--format is '{format}'; with --set, expected auto, {SetFormats.Words}");
            }
            kind = known.Format;
        }
        if (files.FirstOrDefault(name => !File.Exists(name)) is { } missing)
        {
            return BadUsage(Directory.Exists(missing) ? $"'{missing}' is a folder; expected a file" : $"the file '{missing}' does not exist");
        }
        var worst = 0;
        foreach (var name in files)
        {
            var file = new ImportedFile(name);
            await using var content = file.Open();
            var setId = await services.GetRequiredService<SetOutlineQueries>().FindAsync(setName, CommandHost.Operator, cancellationToken);
            var request = new ImportSetRequest(content, Path.GetFileName(name))
            {
                Format = kind,
                SetId = setId,
                NewSet = setId is null ? new CreateSetRequest(setName) : null,
                GoodLinesOnly = goodLines,
                IsDryRun = isDryRun,
                OpenRejected = file.OpenRejected,
            };
            var result = await services.GetRequiredService<ImportSet>().ExecuteAsync(request, CommandHost.Operator, null, cancellationToken);
            worst = Math.Max(worst, result is not { Value: { } report } ? CommandHost.Refuse(services, result.Failure!) : Tell(name, report, isDryRun));
        }
        return worst;
    }

    private static int Tell(string name, ImportSetReport report, bool isDryRun)
    {
        var outcome = isDryRun ? "nothing stored (--dry-run)"
            : report.SetId is null ? "nothing imported"
            : string.Create(CultureInfo.InvariantCulture, $"{report.Added} added, {report.AlreadyThere} in the set already");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} ({SetFormats.Word(report.Format)}): {report.Read} read, {report.Rejected} rejected, {outcome}"));
        foreach (var line in report.FirstRejected.Take(10))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  line {line.Line}: {line.Rejection.Reason}"));
        }
        return isDryRun || report.SetId is not null ? 0 : CommandHost.Failed;
    }

    private static int BadUsage(string problem)
    {
        Console.Error.WriteLine($"error: {problem}");
        return CommandHost.BadUsage;
    }
}

using System.Globalization;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using Spectre.Console;

namespace LLMEval.Blazor.Commands;

/// <summary>A file being imported: its bar, its counts in one line, and the file of its rejected lines.</summary>
internal sealed class ImportedFile(string path)
{
    private readonly string _rejectedPath = path + ".rejected.jsonl";

    public string Name => Path.GetFileName(path);

    public FileStream Open()
    {
        if (File.Exists(_rejectedPath))
        {
            // What an earlier import rejected would be taken for this one's.
            File.Delete(_rejectedPath);
        }
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
    }

    public FileStream OpenRejected() => new(_rejectedPath, FileMode.Create, FileAccess.Write, FileShare.Read);

    /// <param name="work">Gets what shows how many bytes are read.</param>
    public async Task<Result<T>> WithBarAsync<T>(Func<Action<long>, Task<Result<T>>> work)
    {
        var length = new FileInfo(path).Length;
        if (Console.IsErrorRedirected || length == 0)
        {
            return await work(_ => { });
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(Name), maxValue: length);
                return await work(bytes => bar.Value = bytes);
            });
    }

    /// <summary>Gives the exit code: failed when there was something and nothing of it could be taken.</summary>
    public int Tell(LabelImportCounts counts, IReadOnlyList<RejectedLine> firstRejected, bool isDryRun)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Name}: read {counts.Read}, new {counts.New}, updated {counts.Updated}, unchanged {counts.Unchanged}, rejected {counts.Rejected}{(isDryRun ? " (dry run: nothing stored)" : "")}"));
        foreach (var line in firstRejected.Take(5))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  line {line.Line}: {line.Rejection.Reason}"));
        }
        if (counts.Rejected > 0)
        {
            Console.Error.WriteLine($"  rejected lines are in {_rejectedPath}");
        }
        return counts.Rejected > 0 && counts.Rejected == counts.Read ? CommandHost.Failed : 0;
    }
}

internal sealed class ShownProgress<T>(Action<T> show) : IProgress<T>
{
    void IProgress<T>.Report(T value) => show(value);
}

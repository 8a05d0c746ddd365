using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class ImportCommandTests
{
    [Fact]
    public async Task Import_File_PrintsCountsAndWritesRejectedLines()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.jsonl");
        await File.WriteAllTextAsync(path, Importing.Session("s-1", Importing.Message("m", "x")) + "\n{\n");

        var first = await Cli.RunAsync(folder.Path, null, "import", path);
        await File.WriteAllTextAsync(path, Importing.Session("s-1", Importing.Message("m", "y")));
        var rejected = await File.ReadAllTextAsync(path + ".rejected.jsonl");
        var second = await Cli.RunAsync(folder.Path, null, "import", path);

        Assert.Equal((0, "a.jsonl: read 2, new 1, updated 0, unchanged 0, rejected 1"), (first.ExitCode, first.Out.Trim()));
        Assert.StartsWith("{\"line\":2,\"reason\":\"the line is not JSON", rejected, StringComparison.Ordinal);
        Assert.Equal((0, "a.jsonl: read 1, new 0, updated 1, unchanged 0, rejected 0"), (second.ExitCode, second.Out.Trim()));
        Assert.False(File.Exists(path + ".rejected.jsonl"));
    }

    [Fact]
    public async Task Labels_BesideSessions_AreToldByTheirContent_AndLeaveAgain()
    {
        using var folder = new TemporaryFolder();
        var (sessions, labels, output) = (Path.Combine(folder.Path, "a.jsonl"), Path.Combine(folder.Path, "labels.csv"), Path.Combine(folder.Path, "out.jsonl"));
        await File.WriteAllTextAsync(sessions, Importing.Session("s-1", Importing.Message("m", "x", "bot")));
        await File.WriteAllTextAsync(labels, "biz_code,session_id,msg_id,annotator,verdict\ncompanion,s-1,m,lin,good\ncompanion,s-1,m,wu,fine\n");

        var import = await Cli.RunAsync(folder.Path, null, "import", sessions, labels);
        var export = await Cli.RunAsync(folder.Path, null, "export", "labels", "--format", "jsonl", "--out", output);
        var again = await Cli.RunAsync(folder.Path, null, "import", output, "--format", "labels-jsonl", "--dry-run");
        var noQueue = await Cli.RunAsync(folder.Path, null, "export", "labels", "--format", "argilla", "--queue", "none", "--out", output);

        Assert.Equal((0, "a.jsonl: read 1, new 1, updated 0, unchanged 0, rejected 0\nlabels.csv: read 2, new 1, updated 0, unchanged 0, rejected 1"), (import.ExitCode, import.Out.Trim().ReplaceLineEndings("\n")));
        Assert.Contains("line 3: verdict is 'fine'; expected good or bad", import.Error, StringComparison.Ordinal);
        Assert.Contains("companion,s-1,m,wu,fine", await File.ReadAllTextAsync(labels + ".rejected.jsonl"), StringComparison.Ordinal);
        Assert.Equal((0, $"1 labels written to {output}"), (export.ExitCode, export.Out.Trim()));
        Assert.Equal("out.jsonl: read 1, new 0, updated 0, unchanged 1, rejected 0 (dry run: nothing stored)", again.Out.Trim());
        Assert.Equal((2, "error: --queue is 'none'; there is no such queue"), (noQueue.ExitCode, noQueue.Error.Trim()));
    }

    [Theory]
    [InlineData("error: the file 'none.jsonl' does not exist", "none.jsonl")]
    [InlineData("error: --format is 'csv'; this version reads sessions-jsonl, labels-csv, labels-jsonl, labels-label-studio, labels-argilla", "none.jsonl", "--format", "csv")]
    [InlineData("error: --map is not there yet: this version reads sessions-jsonl, whose fields need no mapping", "none.jsonl", "--map", "m.json")]
    [InlineData("error: --assume-start is 'noon'; expected a time such as 2026-01-31T20:00 or a date", "LLMEVAL", "--assume-start", "noon")]
    public async Task Import_BadUsage_IsOneClearLine(string error, params string[] words)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "LLMEVAL"), "");

        var outcome = await Cli.RunAsync(folder.Path, null, ["import", .. words]);

        Assert.Equal((2, error), (outcome.ExitCode, outcome.Error.Trim()));
    }
}

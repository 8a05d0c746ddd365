using System.Text.Json;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class ReproduceCommandTests
{
    [Fact]
    public async Task Reproduce_TheDemosBadCase_PrintsTheVerdictAndWritesTheAnswer()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "answer.json");
        Assert.Equal(0, (await Cli.RunAsync(folder.Path, null, "demo")).ExitCode);
        var session = await BadCaseAsync(folder.Path);

        var outcome = await Cli.RunAsync(
            folder.Path, null, "reproduce", "--session", session.SessionId, "--message", session.MsgId, "--target", "demo-bot", "--times", "3", "--param", "temperature=0.9", "--json", file);
        var unknown = await Cli.RunAsync(folder.Path, null, "reproduce", "--session", "none", "--message", "none", "--target", "demo-bot");
        var wrong = await Cli.RunAsync(folder.Path, null, "reproduce", "--session", session.SessionId, "--message", session.MsgId, "--target", "demo-bot", "--param", "temperature");

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Matches("^demo-bot@[0-9]+: (undecided|still happens|fixed), bad in [0-9] of [0-9]", outcome.Out);
        var answer = JsonElement.Parse(await File.ReadAllTextAsync(file));
        Assert.Equal(0.9, answer.GetProperty("parameters").GetProperty("temperature").GetDouble());
        Assert.InRange(answer.GetProperty("generations").GetArrayLength(), 2, 3);
        Assert.Equal(1, unknown.ExitCode);
        Assert.StartsWith("error: ", unknown.Error, StringComparison.Ordinal);
        Assert.Equal((2, "error: --param is 'temperature'; expected key=value"), (wrong.ExitCode, wrong.Error.Trim()));
    }

    private static async Task<(string SessionId, string MsgId)> BadCaseAsync(string folder)
    {
        var file = Path.Combine(folder, "labels.jsonl");
        await Cli.RunAsync(folder, null, "export", "labels", "--format", "jsonl", "--out", file);
        var bad = (await File.ReadAllLinesAsync(file)).Select(line => JsonElement.Parse(line)).First(l => l.GetProperty("verdict").GetString() == "bad");
        return (bad.GetProperty("session_id").GetString()!, bad.GetProperty("msg_id").GetString()!);
    }
}

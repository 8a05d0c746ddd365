using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

/// <summary>The commands as a person at a terminal meets them.</summary>
public sealed class CommandTests
{
    [Theory]
    [InlineData(2, "Unrecognized", "improt", "x.jsonl")]
    [InlineData(2, "--role", "user", "add", "a@example.com")]
    [InlineData(2, "Runs:MaxParallel", "migrate", "--Runs:MaxParalel=3")]
    [InlineData(2, "no role", "user", "add", "a@example.com", "--role", "Owner")]
    [InlineData(1, "no account", "user", "reset", "a@example.com")]
    public async Task Command_WithBadInput_SaysOneLineOnStderr(int exitCode, string words, params string[] args)
    {
        using var folder = new TemporaryFolder();

        var outcome = await Cli.RunAsync(folder.Path, null, args);

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.StartsWith("error: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
        Assert.Empty(outcome.Out);
    }

    [Fact]
    public async Task Serve_WithAnUnreachableMySql_SaysOneLineOnStderr()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>
        {
            ["LLMEVAL__Database__Provider"] = "MySql",
            ["LLMEVAL__ConnectionStrings__LLMEval"] = "Server=127.0.0.1;Port=1;Database=llmeval;User ID=u;Password=secret-word",
        };

        var outcome = await Cli.RunAsync(folder.Path, environment, "--urls", "http://127.0.0.1:0");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("ConnectionStrings:LLMEval", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task UserAndKey_PrintWhatIsNeededOnce()
    {
        using var folder = new TemporaryFolder();

        var user = await Cli.RunAsync(folder.Path, null, "user", "add", "a@example.com", "--role", "Manager");
        var key = await Cli.RunAsync(folder.Path, null, "key", "create", "--name", "ci", "--scope", "sessions.view", "sets.view");

        Assert.Equal("", user.Error);
        Assert.Contains("http://localhost:5080/account/password?token=", user.Out, StringComparison.Ordinal);
        Assert.Matches("^llme_[0-9A-Za-z]{43}$", key.Out.Trim());
        Assert.True(File.Exists(Path.Combine(folder.Path, "llmeval.db")));
    }
}

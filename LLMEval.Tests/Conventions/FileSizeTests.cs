namespace LLMEval.Tests.Conventions;

public sealed class FileSizeTests
{
    private const int MaxLines = 400;

    // Path → why it may be longer.
    private static readonly Dictionary<string, string> Excused = [];

    [Fact]
    public void SourceFiles_StayUnderFourHundredLines()
    {
        string[] projects = ["LLMEval.Core", "LLMEval.Blazor", "LLMEval.Tests", "LLMEval.Benchmarks"];
        var tooLong = projects.SelectMany(SourceFiles.Of).Where(f => f.Lines.Length > MaxLines && !Excused.ContainsKey(f.Path)).Select(f => $"{f.Path}: {f.Lines.Length} lines");

        Assert.Empty(tooLong);
    }
}

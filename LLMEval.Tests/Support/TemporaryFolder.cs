namespace LLMEval.Tests.Support;

public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("llmeval-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

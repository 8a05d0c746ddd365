namespace LLMEval.Blazor.Commands;

/// <summary>A file that an export writes: beside it and then in its place, so that a stopped export leaves the old one as it was.</summary>
internal sealed class ExportedFile(string path)
{
    public string FullPath { get; } = Path.GetFullPath(path);

    /// <summary>Why it cannot be written; null when it can.</summary>
    public string? Problem => Directory.Exists(FullPath) || !Directory.Exists(Path.GetDirectoryName(FullPath)) ? $"--out is '{FullPath}'; expected a file in a folder that exists" : null;

    public async Task<long> WriteAsync(Func<Stream, Task<long>> write)
    {
        var unfinished = FullPath + ".part";
        try
        {
            long written;
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024, FileOptions.Asynchronous))
            {
                written = await write(file);
            }
            File.Move(unfinished, FullPath, overwrite: true);
            return written;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}

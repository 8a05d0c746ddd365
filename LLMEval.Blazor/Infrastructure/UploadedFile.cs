using Microsoft.AspNetCore.Components.Forms;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>A file that a person sent, in a temporary folder of its own, which goes with it.</summary>
public sealed class UploadedFile : IDisposable
{
    public const long MostBytes = 8L << 30;
    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-upload-").FullName;

    private UploadedFile(string name) => Name = name;

    /// <summary>As the person called it.</summary>
    public string Name { get; }

    /// <summary>Beside it, for what is rejected of it.</summary>
    public string RejectedPath => System.IO.Path.Combine(_folder, "rejected.jsonl");

    private string Path => System.IO.Path.Combine(_folder, "upload");

    /// <param name="progress">Hears how many bytes have come.</param>
    public static async Task<UploadedFile> TakeAsync(IBrowserFile file, Action<long> progress, CancellationToken cancellationToken)
    {
        var uploaded = new UploadedFile(file.Name);
        try
        {
            await using var source = file.OpenReadStream(MostBytes, cancellationToken);
            await using var target = new FileStream(uploaded.Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 81920, FileOptions.Asynchronous);
            var buffer = new byte[81920];
            long sent = 0;
            int read;
            while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                sent += read;
                progress(sent);
            }
            return uploaded;
        }
        catch
        {
            uploaded.Dispose();
            throw;
        }
    }

    public FileStream Open() => new(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);

    public FileStream CreateRejected() => new(RejectedPath, FileMode.Create, FileAccess.Write, FileShare.Read);

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}

using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Common;

namespace LLMEval.Core.Exports;

/// <summary>Writes JSON values and what stands between them, and sends them on in large pieces.</summary>
internal sealed class JsonRecords(Stream output) : IAsyncDisposable
{
    private const int PieceBytes = 64 * 1024;
    private readonly PipeWriter _pipe = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
    private Utf8JsonWriter? _json;

    public async ValueTask WriteAsync<T>(T value, CancellationToken cancellationToken)
    {
        _json ??= new Utf8JsonWriter(_pipe, new JsonWriterOptions { Encoder = Json.Stored.Encoder, SkipValidation = true });
        JsonSerializer.Serialize(_json, value, Json.Stored);
        // Into the pipe; only its own flush reaches the stream.
        await _json.FlushAsync(cancellationToken);
        _json.Reset();
        if (_pipe.UnflushedBytes > PieceBytes)
        {
            await _pipe.FlushAsync(cancellationToken);
        }
    }

    public void Write(string text) => Encoding.UTF8.GetBytes(text, _pipe);

    /// <summary>Sends on the last piece.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken) => await _pipe.FlushAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_json is not null)
        {
            await _json.DisposeAsync();
        }
        await _pipe.CompleteAsync();
    }
}

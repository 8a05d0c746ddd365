using System.Text.Encodings.Web;
using System.Text.Json;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting;

/// <summary>Keeps the first rejected lines for show and writes all of them, one JSON object a line: <c>{"line":3,"reason":"…","raw":"…"}</c>.</summary>
internal sealed class RejectedLines(Func<Stream>? open) : IAsyncDisposable
{
    private readonly List<RejectedLine> _first = [];
    private Stream? _stream;
    private Utf8JsonWriter? _writer;

    public IReadOnlyList<RejectedLine> First => _first;

    public async Task AddAsync(long line, Rejection rejection, string raw, CancellationToken cancellationToken)
    {
        if (_first.Count < ImportFile.MostRejectedListed)
        {
            _first.Add(new RejectedLine(line, rejection));
        }
        if (open is null)
        {
            return;
        }
        _stream ??= open();
        _writer ??= new Utf8JsonWriter(_stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _writer.Reset(_stream);
        _writer.WriteStartObject();
        _writer.WriteNumber("line", line);
        _writer.WriteString("reason", rejection.Reason);
        _writer.WriteString("raw", raw);
        _writer.WriteEndObject();
        await _writer.FlushAsync(cancellationToken);
        await _stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }
    }
}

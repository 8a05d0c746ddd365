using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>The samples of one record of a file, or why it is none.</summary>
internal delegate List<DraftOrRejection> RecordReader(JsonElement record, SetFields fields);

/// <summary>
/// Reads JSON however it is laid out: one record a line, an array of them, or an object that holds the array. The first two hold one record at a time; an object that spreads over several lines is
/// read as a whole, up to <see cref="MaxWholeBytes"/>.
/// </summary>
internal static class SetRecords
{
    public const int MaxWholeBytes = 64 * 1024 * 1024;

    /// <param name="unwrap">The records that one JSON value holds; null where it is a record itself.</param>
    public static async IAsyncEnumerable<SetLine> ReadAsync(
        Stream stream, ImportOptions options, RecordReader read, Func<JsonElement, IEnumerable<JsonElement>?> unwrap, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var layout = Layout((await PeekAsync(pipe, SetShapes.BeginningBytes, cancellationToken)).Span);
        await using var content = pipe.AsStream();
        var lines = layout switch
        {
            JsonLayout.Array => OfArrayAsync(content, options, read, cancellationToken),
            JsonLayout.Document => OfDocumentAsync(content, options, read, unwrap, cancellationToken),
            _ => OfLinesAsync(content, options, read, unwrap, cancellationToken),
        };
        await foreach (var line in lines)
        {
            yield return line;
        }
    }

    /// <summary>Looks at the beginning and leaves it to be read.</summary>
    public static async Task<ReadOnlyMemory<byte>> PeekAsync(PipeReader pipe, int bytes, CancellationToken cancellationToken)
    {
        var read = await pipe.ReadAtLeastAsync(bytes, cancellationToken);
        var beginning = read.Buffer.ToArray();
        pipe.AdvanceTo(read.Buffer.Start);
        return beginning;
    }

    /// <summary>The whole file as bytes without its mark; a file over the limit is refused before it is held.</summary>
    public static async Task<byte[]> WholeAsync(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var length)
            {
                if (whole.Length + length > maxBytes)
                {
                    throw new SetUnreadableException("SetFileTooBig", maxBytes);
                }
                whole.Write(buffer, 0, length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        var bytes = whole.ToArray();
        return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
    }

    public static IEnumerable<SetLine> Lines(long number, JsonElement record, string raw, SetFields fields, RecordReader read)
    {
        var (drafts, rejection) = JsonLine.Read(record, root => Of(root, fields, read));
        return (rejection is null ? drafts! : [new DraftOrRejection(null, rejection)]).Select(draft => new SetLine(number, raw, draft.Draft, draft.Rejection, draft.Message));
    }

    public static SetUnreadableException Broken(JsonException e) => new(
        "SetFileUnreadable", string.Create(CultureInfo.InvariantCulture, $"line {(e.LineNumber ?? 0) + 1}, byte {e.BytePositionInLine ?? 0}: {JsonLine.Sentence(e.Message)}"));

    private static async IAsyncEnumerable<SetLine> OfLinesAsync(
        Stream stream, ImportOptions options, RecordReader read, Func<JsonElement, IEnumerable<JsonElement>?> unwrap, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new LineReader(stream, options.MaxLineBytes);
        var fields = new SetFields(options);
        while (await lines.ReadAsync(cancellationToken))
        {
            if (lines.Line.Span.IndexOfAnyExcept(" \t"u8) < 0)
            {
                continue;
            }
            var raw = Encoding.UTF8.GetString(lines.Line.Span);
            if (lines.IsTooLong)
            {
                yield return new SetLine(lines.Number, raw, null, new Rejection(Rejection.LineTooLong, options.MaxLineBytes));
                continue;
            }
            var (found, rejection) = JsonLine.Parse(lines.Line, root => ((unwrap(root) ?? [root]).SelectMany(record => Of(record, fields, read).Drafts!).ToList(), (Rejection?)null));
            foreach (var draft in rejection is null ? found! : [new DraftOrRejection(null, rejection)])
            {
                yield return new SetLine(lines.Number, raw, draft.Draft, draft.Rejection, draft.Message);
            }
        }
    }

    private static async IAsyncEnumerable<SetLine> OfArrayAsync(Stream stream, ImportOptions options, RecordReader read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fields = new SetFields(options);
        long number = 0;
        await using var records = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(stream, JsonSerializerOptions.Default, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(records))
        {
            number++;
            foreach (var line in Lines(number, records.Current, records.Current.GetRawText(), fields, read))
            {
                yield return line;
            }
        }
    }

    private static async IAsyncEnumerable<SetLine> OfDocumentAsync(
        Stream stream, ImportOptions options, RecordReader read, Func<JsonElement, IEnumerable<JsonElement>?> unwrap, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fields = new SetFields(options);
        long number = 0;
        using var document = Document(await WholeAsync(stream, MaxWholeBytes, cancellationToken));
        foreach (var record in unwrap(document.RootElement) ?? [document.RootElement])
        {
            number++;
            foreach (var line in Lines(number, record, record.GetRawText(), fields, read))
            {
                yield return line;
            }
        }
    }

    private static (List<DraftOrRejection>? Drafts, Rejection?) Of(JsonElement record, SetFields fields, RecordReader read)
    {
        fields.Begin();
        return record.ValueKind == JsonValueKind.Object
            ? (read(record, fields), null)
            : ([new DraftOrRejection(null, new Rejection(Rejection.WrongType, "the record", JsonFields.Kind(record.ValueKind), "object"))], null);
    }

    private static JsonDocument Document(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw Broken(e);
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<JsonElement> records)
    {
        try
        {
            return await records.MoveNextAsync();
        }
        catch (JsonException e)
        {
            // An array that breaks has no next record to go on from.
            throw Broken(e);
        }
    }

    private static JsonLayout Layout(ReadOnlySpan<byte> beginning)
    {
        var text = beginning.StartsWith(Encoding.UTF8.Preamble) ? beginning[Encoding.UTF8.Preamble.Length..] : beginning;
        text = text[Math.Max(0, text.IndexOfAnyExcept(" \t\r\n"u8))..];
        if (text is [(byte)'[', ..])
        {
            return JsonLayout.Array;
        }
        var line = text[..(text.IndexOf((byte)'\n') is >= 0 and var end ? end : text.Length)];
        return text is [(byte)'{', ..] && line.Length < text.Length && IsUnfinished(line) ? JsonLayout.Document : JsonLayout.Lines;
    }

    /// <summary>Whether the line is the beginning of an object that goes on in the next. A line that is broken otherwise is not.</summary>
    private static bool IsUnfinished(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0 && reader.TokenType == JsonTokenType.EndObject)
                {
                    return false;
                }
            }
            // A text that the line end cuts is no layout but a mistake.
            return line[(int)reader.BytesConsumed..].IndexOf((byte)'"') < 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private enum JsonLayout { Lines, Array, Document }
}

using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>
/// Reads samples out of files of every <see cref="SetFormat"/>. Lines and arrays hold one record at a time; workbooks, YAML and JSON objects that spread over lines are held as a whole, up to a limit.
/// What cannot be read any further ends with a <see cref="SetUnreadableException"/>.
/// </summary>
public sealed class SetFileReader(ImportOptions options)
{
    private const int MaxYamlBytes = 32 * 1024 * 1024;

    /// <param name="columns">Of tables whose columns are nobody's standard; null guesses.</param>
    public async IAsyncEnumerable<SetLine> ReadAsync(Stream stream, SetFormat format, SetColumns? columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var beginning = await SetRecords.PeekAsync(pipe, SetShapes.BeginningBytes, cancellationToken);
        await using var content = pipe.AsStream();
        var lines = SetShapes.IsJson(beginning.Span) ? Json(content, format, cancellationToken)
            : format == SetFormat.PromptfooYaml ? YamlAsync(content, cancellationToken)
            : format is SetFormat.Csv or SetFormat.Xlsx or SetFormat.PromptfooCsv or SetFormat.Langfuse or SetFormat.Phoenix or SetFormat.Inspect
                ? RowsAsync(content, format, beginning.Span.StartsWith("PK\u0003\u0004"u8), columns, cancellationToken)
            : Json(content, format, cancellationToken);
        await foreach (var line in lines)
        {
            yield return line;
        }
    }

    /// <summary>What the file's beginning would become. The stream is read from its place.</summary>
    public async Task<SetPreview> PreviewAsync(Stream stream, SetFormat format, SetColumns? columns, CancellationToken cancellationToken)
    {
        if (format is not (SetFormat.Csv or SetFormat.Xlsx))
        {
            return new SetPreview([], [], null, await ReadAsync(stream, format, null, cancellationToken).Take(SetPreview.MaxRows).ToListAsync(cancellationToken));
        }
        var table = await TableAsync(stream, format == SetFormat.Xlsx, cancellationToken);
        var chosen = columns ?? SetColumns.Guess(table.Headers);
        var fields = new SetFields(options);
        var rows = new List<TableRow>();
        await foreach (var row in table.Rows.WithCancellation(cancellationToken))
        {
            rows.Add(row);
            if (rows.Count == SetPreview.MaxRows)
            {
                break;
            }
        }
        var lines = chosen.Question is null || chosen.Missing(table.Headers).Any() ? [] : rows.ConvertAll(row => Line(row, table.Headers, chosen, fields));
        return new SetPreview(table.Headers, rows.ConvertAll(r => r.Cells), chosen, lines);
    }

    private IAsyncEnumerable<SetLine> Json(Stream content, SetFormat format, CancellationToken cancellationToken)
    {
        if (format == SetFormat.Jsonl)
        {
            return OursAsync(content, cancellationToken);
        }
        (RecordReader Read, Func<JsonElement, IEnumerable<JsonElement>?> Unwrap) known = format switch
        {
            SetFormat.PromptfooYaml or SetFormat.PromptfooCsv => (PromptfooTests.Case, PromptfooTests.Of),
            SetFormat.OpenAiEvals => (OpenAiLines.Evals, Alone),
            SetFormat.OpenAiChat => (OpenAiLines.Chat, Alone),
            SetFormat.OpenAiPreference => (OpenAiLines.Preference, Alone),
            SetFormat.ShareGpt => (FactoryRecords.ShareGpt, Alone),
            SetFormat.Alpaca => (FactoryRecords.Alpaca, Alone),
            SetFormat.Langfuse => (DatasetItems.Langfuse, DatasetItems.Page),
            SetFormat.Phoenix => (DatasetItems.Phoenix, DatasetItems.Page),
            SetFormat.Inspect => (DatasetItems.Inspect, Alone),
            _ => throw new SetUnreadableException("SetFileShapeWrong", format, "a table, not JSON"),
        };
        return SetRecords.ReadAsync(content, options, known.Read, known.Unwrap, cancellationToken);
    }

    /// <summary>Our own items, and records of question sets, whose questions have names that we can guess.</summary>
    private async IAsyncEnumerable<SetLine> OursAsync(Stream content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var parser = new SetItemParser(options.TimeZone);
        var lines = SetRecords.ReadAsync(content, options, Read, root => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : null, cancellationToken);
        await foreach (var line in lines)
        {
            yield return line;
        }

        List<DraftOrRejection> Read(JsonElement record, SetFields fields)
        {
            if (!record.TryGetProperty("message", out _) && !(record.TryGetProperty("input", out var input) && input.ValueKind == JsonValueKind.Array))
            {
                return ColumnRecords.Read(record, fields);
            }
            var (item, rejection) = parser.Read(record);
            return [item?.Draft is { } draft ? fields.Checked(draft) : new DraftOrRejection(null, rejection, item?.Message)];
        }
    }

    private async IAsyncEnumerable<SetLine> YamlAsync(Stream content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fields = new SetFields(options);
        using var document = YamlJson.Parse(await SetRecords.WholeAsync(content, MaxYamlBytes, cancellationToken));
        var tests = PromptfooTests.Of(document.RootElement)
            ?? throw new SetUnreadableException("SetFileShapeWrong", SetFormat.PromptfooYaml, "a list of test cases, or a configuration whose tests are one");
        long number = 0;
        foreach (var test in tests)
        {
            number++;
            foreach (var line in SetRecords.Lines(number, test, test.GetRawText(), fields, PromptfooTests.Case))
            {
                yield return line;
            }
        }
    }

    private async IAsyncEnumerable<SetLine> RowsAsync(Stream content, SetFormat format, bool isWorkbook, SetColumns? columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var table = await TableAsync(content, isWorkbook, cancellationToken);
        var chosen = columns ?? SetColumns.Guess(table.Headers);
        if (format is SetFormat.Csv or SetFormat.Xlsx)
        {
            if (chosen.Missing(table.Headers).FirstOrDefault() is { } missing)
            {
                throw new SetUnreadableException("SetFileColumnMissing", missing, string.Join(", ", table.Headers));
            }
            if (chosen.Question is null)
            {
                throw new SetUnreadableException("SetFileQuestionMissing", string.Join(", ", table.Headers));
            }
        }
        var fields = new SetFields(options);
        await foreach (var row in table.Rows.WithCancellation(cancellationToken))
        {
            if (row.Rejection is not null || format is SetFormat.Csv or SetFormat.Xlsx)
            {
                yield return Line(row, table.Headers, chosen, fields);
                continue;
            }
            var drafts = format == SetFormat.PromptfooCsv ? PromptfooTests.Row(table.Headers, row.Cells, fields) : Record(row, table.Headers, format, fields);
            foreach (var draft in drafts)
            {
                yield return new SetLine(row.Number, row.Raw, draft.Draft, draft.Rejection);
            }
        }
    }

    private async Task<Table> TableAsync(Stream content, bool isWorkbook, CancellationToken cancellationToken)
    {
        try
        {
            return isWorkbook ? await SetTables.XlsxAsync(content, cancellationToken) : await SetTables.CsvAsync(content, options, cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw new SetUnreadableException("SetFileUnreadable", JsonLine.Sentence(e.Message));
        }
    }

    private static SetLine Line(TableRow row, IReadOnlyList<string> headers, SetColumns columns, SetFields fields)
    {
        var draft = row.Rejection is null ? ColumnRecords.Read(headers, row.Cells, columns, fields) : new DraftOrRejection(null, row.Rejection);
        return new SetLine(row.Number, row.Raw, draft.Draft, draft.Rejection);
    }

    /// <summary>A row of a tool's own table, whose cells hold JSON.</summary>
    private static List<DraftOrRejection> Record(TableRow row, IReadOnlyList<string> headers, SetFormat format, SetFields fields)
    {
        fields.Begin();
        var record = new JsonObject();
        foreach (var (header, text) in headers.Zip(row.Cells).Where(cell => cell.Second.Length > 0))
        {
            record[header] = Node(text);
        }
        var element = JsonSerializer.SerializeToElement(record);
        return format switch
        {
            SetFormat.Langfuse => DatasetItems.Langfuse(element, fields),
            SetFormat.Phoenix => DatasetItems.Phoenix(element, fields),
            _ => DatasetItems.Inspect(element, fields),
        };
    }

    private static JsonNode? Node(string text)
    {
        try
        {
            return text.AsSpan().Trim() is ['{' or '[' or '"', ..] ? JsonNode.Parse(text) : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static IEnumerable<JsonElement>? Alone(JsonElement root) => null;
}

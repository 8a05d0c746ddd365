using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Sessions;
using MiniExcelLibs;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>A table's row with where it stands, or why it cannot be read.</summary>
internal sealed record TableRow(long Number, string Raw, IReadOnlyList<string> Cells, Rejection? Rejection);

/// <summary>A table: its heading, then its rows one after the other.</summary>
internal sealed record Table(IReadOnlyList<string> Headers, IAsyncEnumerable<TableRow> Rows);

/// <summary>Reads CSV and the first sheet of a workbook.</summary>
internal static class SetTables
{
    private const int MaxWorkbookBytes = 256 * 1024 * 1024;

    public static async Task<Table> CsvAsync(Stream stream, ImportOptions options, CancellationToken cancellationToken)
    {
        // The reader looks ahead: what it reports may be about a later record.
        var broken = new HashSet<long>();
        var csv = CsvReader.Create(stream, Options(options, broken), leaveOpen: true);
        await csv.ReadHeaderAsync(cancellationToken);
        if (csv.Headers.Any(h => h.Contains('\ufffd', StringComparison.Ordinal)))
        {
            throw new SetUnreadableException("SetFileUnreadable", "its first line is no UTF-8; save it as CSV UTF-8");
        }
        return new Table([.. csv.Headers], RowsAsync(csv, broken, cancellationToken));
    }

    public static async Task<Table> XlsxAsync(Stream stream, CancellationToken cancellationToken)
    {
        // A workbook is an archive, which is read from its end.
        var bytes = new MemoryStream(await SetRecords.WholeAsync(stream, MaxWorkbookBytes, cancellationToken), writable: false);
        var rows = Rows(bytes).GetEnumerator();
        if (!rows.MoveNext())
        {
            return new Table([], Empty());
        }
        var headers = rows.Current.Values.Select(Text).ToList();
        while (headers.Count > 0 && headers[^1].Length == 0)
        {
            headers.RemoveAt(headers.Count - 1);
        }
        return new Table(headers, SheetAsync(rows, headers.Count));
    }

    private static IEnumerable<IDictionary<string, object>> Rows(MemoryStream workbook)
    {
        IEnumerator<dynamic>? rows = null;
        try
        {
            rows = MiniExcel.Query(workbook, useHeaderRow: false, excelType: ExcelType.XLSX).GetEnumerator();
        }
        catch (Exception e) when (e is InvalidDataException or System.Xml.XmlException or NotSupportedException or KeyNotFoundException)
        {
            throw new SetUnreadableException("SetFileUnreadable", "it is no XLSX workbook");
        }
        using (rows)
        {
            while (Next(rows))
            {
                yield return (IDictionary<string, object>)rows.Current;
            }
        }
    }

    private static bool Next(IEnumerator<dynamic> rows)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (Exception e) when (e is InvalidDataException or System.Xml.XmlException or NotSupportedException or KeyNotFoundException or NullReferenceException)
        {
            throw new SetUnreadableException("SetFileUnreadable", "it is no XLSX workbook");
        }
    }

    private static async IAsyncEnumerable<TableRow> RowsAsync(CsvReader csv, HashSet<long> broken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using (csv)
        {
            while (await csv.ReadAsync(cancellationToken))
            {
                var number = csv.RowNumber + 1;
                var raw = Encoding.UTF8.GetString(csv.RawRecord);
                var rejection = broken.Remove(number) ? new Rejection(Rejection.BadQuotes)
                    : csv.FieldCount != csv.Headers.Count ? new Rejection(Rejection.WrongCells, csv.FieldCount, csv.Headers.Count)
                    : !Utf8.IsValid(csv.RawRecord) ? JsonLine.NotUtf8(csv.RawRecord)
                    : null;
                yield return new TableRow(csv.LineNumber, raw, rejection is null ? [.. Enumerable.Range(0, csv.FieldCount).Select(i => SpreadsheetText.Unguard(csv.GetString(i)))] : [], rejection);
            }
        }
    }

    private static async IAsyncEnumerable<TableRow> SheetAsync(IEnumerator<IDictionary<string, object>> rows, int columns)
    {
        using (rows)
        {
            for (long number = 2; rows.MoveNext(); number++)
            {
                var cells = rows.Current.Values.Take(columns).Select(Text).ToList();
                cells.AddRange(Enumerable.Repeat("", columns - cells.Count));
                if (cells.Exists(c => c.Length > 0))
                {
                    yield return new TableRow(number, string.Join('\t', cells), cells, null);
                }
            }
        }
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<TableRow> Empty()
    {
        await Task.CompletedTask;
        yield break;
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        string text => SpreadsheetText.Unguard(text),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static CsvReaderOptions Options(ImportOptions options, HashSet<long> broken) => new()
    {
        TrackLineNumbers = true,
        MaxRecordSize = options.MaxLineBytes,
        OnMalformedRecord = record =>
        {
            // A lone quote inside a cell is what people type; the others swallow what follows.
            if (record.Reason is CsvMalformedReason.TextAfterClosingQuote or CsvMalformedReason.UnterminatedQuote)
            {
                broken.Add(record.RecordNumber);
            }
        },
    };
}

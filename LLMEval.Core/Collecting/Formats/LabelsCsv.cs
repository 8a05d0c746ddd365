using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using LLMEval.Core.Common;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Reads labels out of CSV with a heading, holding one record at a time: columns in any order, commas, semicolons or tabs between cells. Columns that a label does not have are passed over.</summary>
internal static class LabelsCsv
{
    /// <summary>Columns without which there is no label.</summary>
    public static readonly string[] Needed = ["biz_code", "session_id", "msg_id", "annotator", "verdict"];
    private static readonly string[] LabelColumns = ["verdict", "score", "scale", "ground_truth", "prediction", "comment"];

    public static async IAsyncEnumerable<LabelLine> ReadAsync(Stream stream, ImportOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fields = new LabelFields(options.TimeZone);
        // The reader looks ahead: what it reports may be about a later record.
        var broken = new HashSet<long>();
        await using var csv = CsvReader.Create(stream, Options(options, broken), leaveOpen: true);
        await csv.ReadHeaderAsync(cancellationToken);
        if (Needed.FirstOrDefault(column => !csv.TryGetFieldIndex(column, out _)) is { } missing)
        {
            throw new LabelsUnreadableException("LabelColumnMissing", missing, string.Join(", ", Needed));
        }
        while (await csv.ReadAsync(cancellationToken))
        {
            var number = csv.RowNumber + 1;
            var raw = Encoding.UTF8.GetString(csv.RawRecord);
            var rejection = broken.Remove(number) ? new Rejection(Rejection.BadQuotes)
                : csv.FieldCount != csv.Headers.Count ? new Rejection(Rejection.WrongCells, csv.FieldCount, csv.Headers.Count)
                : !Utf8.IsValid(csv.RawRecord) ? JsonLine.NotUtf8(csv.RawRecord)
                : null;
            var label = rejection is null ? Label(csv, fields) : new LabelOrRejection(null, rejection);
            yield return new LabelLine(csv.LineNumber, raw, label.Label, label.Rejection);
        }
    }

    private static LabelOrRejection Label(CsvReader csv, LabelFields fields)
    {
        fields.Begin();
        var place = fields.Place(Cell("biz_code"), Cell("session_id"), Cell("msg_id"));
        var draft = new LabelDraft { Annotator = Cell("annotator"), LabelledAt = Cell("labelled_at"), Tags = LabelTags.Split(Cell("tags") ?? "") };
        foreach (var column in LabelColumns)
        {
            draft.Set(column, Cell(column) is { } text ? [text] : []);
        }
        return fields.Label(place, draft);

        string? Cell(string column) => csv.TryGetFieldIndex(column, out var index) ? SpreadsheetText.Unguard(csv.GetString(index)) : null;
    }

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

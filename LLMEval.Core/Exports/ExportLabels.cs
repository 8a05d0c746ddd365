using System.Globalization;
using CsvHelper;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Exports;

/// <param name="QueueId">Only labels of the queue's messages; null: every label that the actor may see.</param>
/// <param name="Zone">In which times are written.</param>
public sealed record LabelExport(long? QueueId, LabelFormat Format, TimeZoneInfo Zone);

/// <summary>Writes labels with whose they are, in shapes that <see cref="Collecting.ImportLabels"/> reads again.</summary>
public sealed class ExportLabels(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz";
    private static readonly string[] Columns =
        ["biz_code", "session_id", "msg_id", "annotator", "verdict", "score", "scale", "ground_truth", "prediction", "tags", "comment", "labelled_at", "settled"];

    /// <summary>Refuses before anything is written; puts the export into the audit log.</summary>
    public async Task<Failure?> PrepareAsync(LabelExport export, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.LabelsAdjudicate) && actor.Lacks(Permissions.LabelsManage) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (export.QueueId is { } queueId && !await db.VisibleQueues(actor).AnyAsync(q => q.Id == queueId, cancellationToken))
        {
            return Failure.NotFound("QueueNotFound");
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "labels.export", export.Format.ToString(), export.QueueId));
        await db.SaveChangesAsync(cancellationToken);
        return null;
    }

    /// <summary>The id of a queue by its name.</summary>
    public async Task<Result<long>> FindQueueAsync(string name, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.VisibleQueues(actor).Where(q => q.Name == name).Select(q => (long?)q.Id).FirstOrDefaultAsync(cancellationToken) is { } id ? id : Failure.NotFound("QueueNotFound");
    }

    /// <summary>Gives the number of labels written. Call <see cref="PrepareAsync"/> before.</summary>
    public Task<long> WriteAsync(LabelExport export, Stream output, Actor actor, CancellationToken cancellationToken)
    {
        var labels = new ExportedLabels(contexts, export, actor);
        return export.Format switch
        {
            LabelFormat.Csv => WriteCsvAsync(labels, output, cancellationToken),
            LabelFormat.Jsonl => WriteJsonlAsync(labels, output, cancellationToken),
            LabelFormat.LabelStudio => new JudgedMessages(contexts, actor).WriteAsync(labels, LabelStudioTask.Of, output, (Before: "[\n", Between: ",\n", After: "\n]\n"), cancellationToken),
            _ => new JudgedMessages(contexts, actor).WriteAsync(labels, ArgillaRecord.Of, output, (Before: "", Between: "\n", After: "\n"), cancellationToken),
        };
    }

    private static async Task<long> WriteCsvAsync(ExportedLabels labels, Stream output, CancellationToken cancellationToken)
    {
        // With its mark: spreadsheets take UTF-8 without one for something else. What they would execute is escaped here and not by the writer, whose escape cannot be undone without doubt.
        await using var csv = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true }, leaveOpen: true);
        await csv.WriteRecordAsync(Columns, cancellationToken);
        long written = 0;
        await foreach (var l in labels.OneByOneAsync(cancellationToken))
        {
            string?[] cells =
            [
                l.BizCode, l.SessionId, l.MsgId, l.Annotator, l.Verdict, l.Score?.ToString(CultureInfo.InvariantCulture), l.Scale, l.GroundTruth, l.Prediction,
                LabelTags.Join(l.Tags), l.Comment, Text(l.LabelledAt), l.Settled,
            ];
            await csv.WriteRecordAsync([.. cells.Select(cell => SpreadsheetText.Guard(cell ?? ""))], cancellationToken);
            written++;
        }
        await csv.FlushAsync(cancellationToken);
        return written;
    }

    private static async Task<long> WriteJsonlAsync(ExportedLabels labels, Stream output, CancellationToken cancellationToken)
    {
        await using var records = new JsonRecords(output);
        long written = 0;
        await foreach (var label in labels.OneByOneAsync(cancellationToken))
        {
            await records.WriteAsync(label, cancellationToken);
            records.Write("\n");
            written++;
        }
        await records.CompleteAsync(cancellationToken);
        return written;
    }

    private static string Text(DateTimeOffset time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);
}

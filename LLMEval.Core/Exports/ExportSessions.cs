using System.Globalization;
using System.Runtime.CompilerServices;
using CsvHelper;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using MiniExcelLibs;

namespace LLMEval.Core.Exports;

/// <summary>Csv and Xlsx hold the grid's columns, Jsonl whole conversations in the shape <c>sessions-jsonl</c>, to be imported again.</summary>
public enum ExportFormat { Csv, Xlsx, Jsonl }

/// <param name="Zone">In which times are written.</param>
public sealed record SessionExport(SessionFilter Filter, string Sort, bool Descending, ExportFormat Format, TimeZoneInfo Zone);

/// <summary>Writes every session that a filter finds, page by page: what it holds does not grow with what it writes.</summary>
public sealed class ExportSessions(SessionQueries sessions, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>Rows of one sheet, without the heading.</summary>
    public const int MostInASheet = 1_048_575;

    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";
    private static readonly string[] Columns =
        ["session_id", "biz_code", "robot_id", "robot_name", "user_id", "messages", "memory_points", "good", "bad", "tags", "started_at", "last_message_at", "updated_at"];

    /// <summary>Refuses before anything is written: without the permission, and as a sheet what no sheet can hold. Puts the export into the audit log.</summary>
    public async Task<Failure?> PrepareAsync(SessionExport export, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SessionsView) is { } refusal)
        {
            return refusal;
        }
        if (export.Format == ExportFormat.Xlsx && await sessions.CountAsync(export.Filter, actor, cancellationToken, MostInASheet) > MostInASheet)
        {
            return Failure.Invalid("ExportTooLong", "format", MostInASheet);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "sessions.export", export.Format.ToString(), null, new { export.Filter }));
        await db.SaveChangesAsync(cancellationToken);
        return null;
    }

    /// <summary>Gives the number of sessions written. Call <see cref="PrepareAsync"/> before.</summary>
    public Task<long> WriteAsync(SessionExport export, Stream output, Actor actor, CancellationToken cancellationToken) => export.Format switch
    {
        ExportFormat.Csv => WriteCsvAsync(export, output, actor, cancellationToken),
        ExportFormat.Xlsx => WriteXlsxAsync(export, output, actor, cancellationToken),
        _ => WriteJsonlAsync(export, output, actor, cancellationToken),
    };

    private async Task<long> WriteCsvAsync(SessionExport export, Stream output, Actor actor, CancellationToken cancellationToken)
    {
        // With its mark: spreadsheets take UTF-8 without one for something else. What they would execute is escaped.
        await using var csv = CsvWriter.Create(output, new CsvWriterOptions { Injection = CsvInjection.Escape, WriteByteOrderMark = true }, leaveOpen: true);
        await csv.WriteRecordAsync(Columns, cancellationToken);
        long written = 0;
        await foreach (var row in RowsAsync(export, actor, cancellationToken))
        {
            await csv.WriteRecordAsync([.. Values(row, export.Zone).Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))], cancellationToken);
            written++;
        }
        await csv.FlushAsync(cancellationToken);
        return written;
    }

    private async Task<long> WriteXlsxAsync(SessionExport export, Stream output, Actor actor, CancellationToken cancellationToken)
    {
        // The writer wants to go back in its stream, and a server's response cannot.
        await using var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        long written = 0;
        await file.SaveAsAsync(Records(), sheetName: "sessions", cancellationToken: cancellationToken);
        file.Position = 0;
        await file.CopyToAsync(output, cancellationToken);
        return written;

        async IAsyncEnumerable<IDictionary<string, object?>> Records()
        {
            await foreach (var row in RowsAsync(export, actor, cancellationToken))
            {
                written++;
                yield return Columns.Zip(Values(row, export.Zone)).ToDictionary(p => p.First, p => p.Second);
            }
        }
    }

    private async Task<long> WriteJsonlAsync(SessionExport export, Stream output, Actor actor, CancellationToken cancellationToken)
    {
        await using var writer = new SessionsJsonlWriter(output, contexts, export.Zone);
        long written = 0;
        await foreach (var page in PagesAsync(export, 100, actor, cancellationToken))
        {
            await writer.WriteAsync(page, cancellationToken);
            written += page.Count;
        }
        return written;
    }

    private async IAsyncEnumerable<SessionRow> RowsAsync(SessionExport export, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(export, PageRequest.MaxTake, actor, cancellationToken))
        {
            foreach (var row in page)
            {
                yield return row;
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<SessionRow>> PagesAsync(SessionExport export, int take, Actor actor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new PageRequest(Take: take, SortBy: export.Sort, Descending: export.Descending);
        while (true)
        {
            var page = await sessions.PageAsync(export.Filter, request, actor, cancellationToken);
            if (page.Items.Count > 0)
            {
                yield return page.Items;
            }
            if (page.Next is null)
            {
                yield break;
            }
            request = request with { After = page.Next };
        }
    }

    private static object?[] Values(SessionRow row, TimeZoneInfo zone) =>
    [
        row.SessionId, row.BizCode, row.RobotId, row.RobotName, row.UserId, row.MessageCount, row.MemoryCount, row.GoodCount, row.BadCount, string.Join(", ", row.Tags),
        Text(row.StartedAt, zone), Text(row.LastMessageAt, zone), Text(row.UpdatedAt, zone),
    ];

    private static string Text(DateTime utc, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), zone).ToString(TimeFormat, CultureInfo.InvariantCulture);
}

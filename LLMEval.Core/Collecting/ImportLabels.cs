using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using CsvHelper;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Collecting;

/// <summary>
/// Imports labels that other people gave, in their names: those of accounts by their e-mail address, others as external annotators. A line is the whole label: what it leaves out is empty
/// afterwards. Stored in batches of one transaction each, with history; importing again changes nothing, so an import that was stopped is finished by beginning again.
/// What an adjudicator settled is not a label and not imported.
/// </summary>
public sealed class ImportLabels(ImportOptions options, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const int BatchLabels = 300;

    /// <summary>In which shape the source, plain or gzip, holds labels; null when it holds something else. Reads the source's beginning.</summary>
    public static async Task<LabelFormat?> DetectAsync(Stream content, CancellationToken cancellationToken)
    {
        await using var opened = await new SourceStream(content).OpenAsync(cancellationToken);
        var beginning = new byte[LabelShapes.BeginningBytes];
        try
        {
            var length = await opened.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellationToken);
            return LabelShapes.Of(beginning.AsMemory(0, length));
        }
        catch (InvalidDataException)
        {
            // Whoever reads it will say that it is damaged.
            return null;
        }
    }

    public async Task<Result<LabelImportReport>> ExecuteAsync(LabelImportRequest request, Actor actor, IProgress<LabelImportProgress>? progress, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsManage) is { } refusal)
        {
            return refusal;
        }
        var source = new SourceStream(request.Content);
        await using var rejected = new RejectedLines(request.OpenRejected);
        var batches = new LabelBatches(contexts, clock, actor, request.Mode);
        var counts = LabelImportCounts.None;
        var batch = new List<LabelLine>(BatchLabels);
        LabelFormat format;
        try
        {
            await using var content = await source.OpenAsync(cancellationToken);
            var pipe = PipeReader.Create(content);
            await using var labels = pipe.AsStream();
            if ((request.Format ?? await DetectAsync(pipe, cancellationToken)) is not { } known)
            {
                return Failure.Invalid("LabelShapeUnknown", "file", request.Name);
            }
            format = known;
            await foreach (var line in Read(format, labels, cancellationToken))
            {
                batch.Add(line);
                if (batch.Count == BatchLabels)
                {
                    await StoreAsync();
                }
            }
            await StoreAsync();
        }
        catch (InvalidDataException)
        {
            return Failure.Invalid("ImportDamaged", "file", request.Name);
        }
        catch (LabelsUnreadableException e)
        {
            return Failure.Invalid(e.Code, "file", [request.Name, .. e.Args]);
        }
        catch (Exception e) when (e is JsonException or CsvFormatException)
        {
            // An array that breaks has no next line to go on from. What was read before is worth keeping.
            await StoreAsync();
            var at = e is JsonException json ? string.Create(CultureInfo.InvariantCulture, $"line {json.LineNumber + 1}, byte {json.BytePositionInLine}: ") : "";
            return Failure.Invalid("LabelsUnreadable", "file", request.Name, at + JsonLine.Sentence(e.Message));
        }
        if (request.Mode == IngestMode.Store)
        {
            await AuditAsync(request, counts, actor, cancellationToken);
        }
        return new LabelImportReport(format, counts, rejected.First);

        async Task StoreAsync()
        {
            var outcome = await batches.StoreAsync(batch, cancellationToken);
            foreach (var (line, rejection) in batch.Zip(outcome.Rejections))
            {
                if (rejection is not null)
                {
                    await rejected.AddAsync(line.Number, rejection, line.Raw, cancellationToken);
                }
            }
            counts = new LabelImportCounts(
                counts.Read + batch.Count, counts.New + outcome.New, counts.Updated + outcome.Updated, counts.Unchanged + outcome.Unchanged, counts.Rejected + outcome.Rejections.Count(r => r is not null));
            batch.Clear();
            progress?.Report(new LabelImportProgress(source.BytesRead, counts));
        }
    }

    /// <summary>Looks at the beginning and leaves it to be read.</summary>
    private static async Task<LabelFormat?> DetectAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        var read = await pipe.ReadAtLeastAsync(LabelShapes.BeginningBytes, cancellationToken);
        var format = LabelShapes.Of(read.Buffer.ToArray());
        pipe.AdvanceTo(read.Buffer.Start);
        return format;
    }

    private IAsyncEnumerable<LabelLine> Read(LabelFormat format, Stream content, CancellationToken cancellationToken) => format switch
    {
        LabelFormat.Csv => LabelsCsv.ReadAsync(content, options, cancellationToken),
        LabelFormat.LabelStudio => LabelStudioTasks.ReadAsync(content, options, cancellationToken),
        LabelFormat.Argilla => LabelsJsonl.ReadAsync(content, options, ArgillaRecords.Labels, cancellationToken),
        _ => LabelsJsonl.ReadAsync(content, options, LabelsJsonl.Label, cancellationToken),
    };

    private async Task AuditAsync(LabelImportRequest request, LabelImportCounts counts, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "labels.import", Preview.Of(request.Name), null, counts));
        await db.SaveChangesAsync(cancellationToken);
    }
}

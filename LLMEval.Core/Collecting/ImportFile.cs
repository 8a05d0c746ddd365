using System.Threading.Channels;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Collecting;

/// <summary>
/// Imports a source of sessions of any length: reads and checks the next batch while the last one is stored. Batches are whole sessions and one transaction each, so stopping at any
/// point, even by a kill, leaves whole batches; importing again goes on where it stopped, since what is stored already is unchanged.
/// </summary>
public sealed class ImportFile(IngestSessions ingest, ImportOptions options, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>How many rejected lines a report lists; all of them go to the request's stream.</summary>
    public const int MostRejectedListed = 1_000;

    public async Task<Result<ImportReport>> ExecuteAsync(ImportRequest request, Actor actor, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SessionsImport) is { } refusal)
        {
            return refusal;
        }
        var source = new SourceStream(request.Content);
        await using var rejected = new RejectedLines(request.OpenRejected);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(2) { SingleReader = true, SingleWriter = true });
        var reading = ReadAsync(request, actor, source, rejected, batches.Writer, stop.Token);
        var counts = ImportCounts.None;
        // A dry run stores nothing, so it must remember what earlier lines of the same source said.
        var seen = request.Mode == IngestMode.Compare ? new Dictionary<(string, string), string>() : null;
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(stop.Token))
            {
                counts = counts with { Read = batch.LinesRead, Rejected = batch.LinesRejected };
                if (batch.Sessions.Count > 0)
                {
                    var result = await ingest.ExecuteAsync(new IngestRequest(batch.Sessions, request.Name) { Times = request.Times, Mode = request.Mode, Seen = seen }, actor, stop.Token);
                    if (result.Failure is { } failure)
                    {
                        return failure;
                    }
                    counts = counts.Plus(result.Value!);
                }
                progress?.Report(new ImportProgress(batch.BytesRead, counts));
            }
        }
        catch (InvalidDataException)
        {
            // What was stored stays: importing the repaired file goes on from there.
            return Failure.Invalid("ImportDamaged", "file", request.Name);
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
        if (request.Mode == IngestMode.Store)
        {
            await AuditAsync(request, counts, actor, cancellationToken);
        }
        return new ImportReport(counts, rejected.First);
    }

    private async Task ReadAsync(ImportRequest request, Actor actor, SourceStream source, RejectedLines rejected, ChannelWriter<Batch> batches, CancellationToken cancellationToken)
    {
        // Parsing is the processor's work: off the caller's thread, beside the storing.
        await Task.Yield();
        Exception? fault = null;
        try
        {
            await using var content = await source.OpenAsync(cancellationToken);
            var sessions = new List<SessionRecord>();
            var messages = 0;
            long linesRead = 0, linesRejected = 0;
            await foreach (var line in SessionsJsonl.ReadAsync(content, options.Limits, Judge, cancellationToken))
            {
                linesRead++;
                if (line.Rejection is { } rejection)
                {
                    linesRejected++;
                    await rejected.AddAsync(line.Number, rejection, line.Raw ?? "", cancellationToken);
                    continue;
                }
                sessions.Add(line.Session!.ShiftedBy(request.Shift));
                // An empty session weighs something too.
                messages += line.Session.Messages.Count + 1;
                if (messages >= options.BatchMessages)
                {
                    await batches.WriteAsync(new Batch(sessions, linesRead, linesRejected, source.BytesRead), cancellationToken);
                    sessions = [];
                    messages = 0;
                }
            }
            await batches.WriteAsync(new Batch(sessions, linesRead, linesRejected, source.BytesRead), cancellationToken);
        }
        catch (Exception e)
        {
            // Handed to the storing side, which is waiting for the next batch.
            fault = e;
        }
        batches.Complete(fault);

        Rejection? Judge(SessionRecord session) => actor.Sees(session.BizCode) ? null : new Rejection(Rejection.OutOfScope, session.BizCode);
    }

    private async Task AuditAsync(ImportRequest request, ImportCounts counts, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "sessions.import", Preview.Of(request.Name), null, counts));
        await db.SaveChangesAsync(cancellationToken);
    }

    private sealed record Batch(List<SessionRecord> Sessions, long LinesRead, long LinesRejected, long BytesRead);
}

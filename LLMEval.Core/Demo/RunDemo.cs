using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Sessions;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Demo;

/// <summary>
/// The whole first journey: collect, look, label, sample, run, reproduce. Each step looks at what is there and does only what is missing, so a second demo changes nothing
/// and one that was killed is finished by the next. The app must be listening, since the built-in bot is asked over HTTP.
/// </summary>
public sealed class RunDemo(
    DemoCorpus corpus, DemoLabels labels, DemoTargets targets, ImportFile import, SessionQueries sessions, CreateSet createSet, AddToSet addToSet, SetQueries sets, StartRun startRun, RunQueries runs,
    ScorerCatalog scorers, StartReproduction startReproduction, ReproductionQueries reproductions, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const string SetName = "demo";
    private const int MostOfEachVerdict = 150;
    private const int Seed = 20260131;
    private const int Times = 10;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    public async Task<Result<DemoReport>> ExecuteAsync(DemoRequest request, Actor actor, IProgress<DemoProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (var permission in new[] { Permissions.DemoLoad, Permissions.SessionsImport, Permissions.LabelsWrite, Permissions.SetsEdit, Permissions.TargetsEdit, Permissions.RunsStart, Permissions.ReproductionsStart })
        {
            if (actor.Lacks(permission) is { } refusal)
            {
                return refusal;
            }
        }
        var imported = await CollectAsync(request, actor, progress, cancellationToken);
        if (imported.Failure is { } notImported)
        {
            return notImported;
        }
        progress?.Report(new DemoProgress(DemoStep.Look, 0, 1));
        if ((await sessions.PageAsync(new SessionFilter(), new PageRequest(), actor, cancellationToken)).Items.Count == 0)
        {
            return Failure.NotFound("DemoNoSessions");
        }
        progress?.Report(new DemoProgress(DemoStep.Look, 1, 1));
        await LabelAsync(actor, progress, cancellationToken);
        var sampled = await SampleAsync(actor, progress, cancellationToken);
        if (sampled.Failure is { } notSampled)
        {
            return notSampled;
        }
        var made = await targets.EnsureAsync(actor, cancellationToken);
        if (made.Failure is { } noTargets)
        {
            return noTargets;
        }
        var run = await RunAsync(sampled.Value, made.Value!, actor, progress, cancellationToken);
        if (run.Failure is { } notRun)
        {
            return notRun;
        }
        var reproduction = await ReproduceAsync(made.Value![^1], actor, progress, cancellationToken);
        return reproduction.Failure is { } notReproduced ? notReproduced : await ReportAsync(imported.Value, sampled.Value, run.Value, reproduction.Value, actor, cancellationToken);
    }

    private async Task<Result<ImportCounts>> CollectAsync(DemoRequest request, Actor actor, IProgress<DemoProgress>? progress, CancellationToken cancellationToken)
    {
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            // Sessions without an import that ended: an earlier demo was killed half-way, and this one goes on.
            if (await db.Sessions.AnyAsync(cancellationToken) && await db.AuditEntries.AnyAsync(e => e.Action == "sessions.import", cancellationToken))
            {
                return new Result<ImportCounts>(null, null);
            }
        }
        if (request.CorpusFile is not { } path)
        {
            var loaded = await corpus.LoadAsync(actor, null, cancellationToken);
            return loaded.Failure is { } failure ? failure : loaded.Value!.Counts;
        }
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        var total = file.Length;
        var result = await import.ExecuteAsync(
            // Spread over the last 30 days where the file gives no times, so that default filters show something.
            new ImportRequest(file, Path.GetFileName(path)) { Times = new TimeChoice(null, 30) },
            actor, new Relay<ImportProgress>(p => progress?.Report(new DemoProgress(DemoStep.Collect, p.BytesRead, total))), cancellationToken);
        return result.Failure is { } refused ? refused : result.Value!.Counts;
    }

    private async Task LabelAsync(Actor actor, IProgress<DemoProgress>? progress, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.EvaluationSets.AnyAsync(s => s.Name == SetName && s.ItemCount > 0, cancellationToken))
        {
            // The set was made of the labels: they were all there once, and a person may have changed them since.
            return;
        }
        var isShipped = await db.AuditEntries.AnyAsync(e => e.Action == "sessions.import" && e.Subject == DemoCorpus.SourceName, cancellationToken);
        await labels.ApplyAsync(isShipped, actor with { UserId = 0, Name = DemoLabels.Annotator }, progress, cancellationToken);
    }

    /// <summary>The set's id.</summary>
    private async Task<Result<long>> SampleAsync(Actor actor, IProgress<DemoProgress>? progress, CancellationToken cancellationToken)
    {
        var existing = await sets.NamedAsync(SetName, actor, cancellationToken);
        var setId = existing?.Id ?? 0;
        if (existing is null)
        {
            var created = await createSet.ExecuteAsync(new CreateSetRequest(SetName), actor, cancellationToken);
            if (created.Failure is { } failure)
            {
                return failure;
            }
            setId = created.Value;
        }
        if (existing is not { ItemCount: > 0 })
        {
            var messages = await LabelledAsync(Verdict.Bad, actor, cancellationToken);
            messages.AddRange(await LabelledAsync(Verdict.Good, actor, cancellationToken));
            progress?.Report(new DemoProgress(DemoStep.Sample, 0, messages.Count));
            var added = await addToSet.ExecuteAsync(new AddToSetRequest(setId, messages), actor, cancellationToken);
            if (added.Failure is { } failure)
            {
                return failure;
            }
            progress?.Report(new DemoProgress(DemoStep.Sample, messages.Count, messages.Count));
        }
        return setId;
    }

    private async Task<List<long>> LabelledAsync(Verdict verdict, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Labels.AsNoTracking()
            .Where(l => l.Verdict == verdict && l.AnnotatorId == 0 && db.Messages.Visible(actor).Any(m => m.Id == l.MessageId))
            .OrderBy(l => l.MessageId).Take(MostOfEachVerdict).Select(l => l.MessageId).ToListAsync(cancellationToken);
    }

    private async Task<Result<long>> RunAsync(long setId, IReadOnlyList<TargetSnapshot> versions, Actor actor, IProgress<DemoProgress>? progress, CancellationToken cancellationToken)
    {
        var runId = (await runs.PageAsync(new RunFilter(SetId: setId), new PageRequest(IsLast: true, Take: 1), actor, cancellationToken)).Items is [var oldest, ..] ? oldest.Id : (long?)null;
        if (runId is null)
        {
            var specs = new List<ScorerSpec>();
            foreach (var kind in new[] { "exact_match", "chrf", "distinct", "length" })
            {
                var spec = scorers.Specify(kind, null);
                if (spec.Failure is { } wrong)
                {
                    return wrong;
                }
                specs.Add(spec.Value!);
            }
            var started = await startRun.ExecuteAsync(new RunRequest(setId, null, [.. versions.Select(v => v.TargetVersionId)], specs, Seed: Seed, Name: SetName), actor, cancellationToken);
            if (started.Failure is { } failure)
            {
                return failure;
            }
            runId = started.Value;
        }
        while (true)
        {
            if (await runs.DetailAsync(runId.Value, actor, cancellationToken) is not { } run)
            {
                return Failure.NotFound("RunNotFound");
            }
            progress?.Report(new DemoProgress(DemoStep.Run, run.Done, run.TrialCount));
            if (run.IsEnded)
            {
                return runId.Value;
            }
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    private async Task<Result<long>> ReproduceAsync(TargetSnapshot target, Actor actor, IProgress<DemoProgress>? progress, CancellationToken cancellationToken)
    {
        var taskId = (await reproductions.PageAsync(new ReproductionFilter(), new PageRequest(IsLast: true, Take: 1), actor, cancellationToken)).Items is [var oldest, ..] ? oldest.Id : (long?)null;
        if (taskId is null)
        {
            if (await BadCaseAsync(actor, cancellationToken) is not var (messageId, criterion))
            {
                return Failure.NotFound("DemoNoBadMessage");
            }
            var overrides = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["temperature"] = 0.9 });
            var started = await startReproduction.ExecuteAsync(
                new ReproductionRequest(ReproductionSource.OfMessage(messageId), [target.TargetVersionId], criterion) { Times = Times, StopsEarly = false, Overrides = overrides }, actor, cancellationToken);
            if (started.Failure is { } failure)
            {
                return failure;
            }
            taskId = started.Value;
        }
        while (true)
        {
            if (await reproductions.RowAsync(taskId.Value, actor, cancellationToken) is not { } row)
            {
                return Failure.NotFound("ReproductionNotFound");
            }
            progress?.Report(new DemoProgress(DemoStep.Reproduce, row.Done, row.Times));
            if (row.IsEnded)
            {
                return taskId.Value;
            }
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    /// <summary>The corpus' own bad case; in another corpus the first message that was labelled bad.</summary>
    private async Task<(long MessageId, Criterion Criterion)?> BadCaseAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var bad = db.Messages.AsNoTracking().Visible(actor).Where(m => db.Labels.Any(l => l.MessageId == m.Id && l.Verdict == Verdict.Bad));
        if (await corpus.BadCaseAsync(cancellationToken) is { } known
            && await bad.Where(m => m.ExternalId == known.MsgId && db.Sessions.Any(s => s.Id == m.SessionId && s.BizCode == known.BizCode && s.ExternalId == known.SessionId))
                .Select(m => (long?)m.Id).FirstOrDefaultAsync(cancellationToken) is { } own)
        {
            return (own, Criterion.Contains(known.Contains));
        }
        return await bad.OrderBy(m => m.Id).Select(m => (long?)m.Id).FirstOrDefaultAsync(cancellationToken) is { } first ? (first, Criterion.SimilarToRecorded()) : null;
    }

    private async Task<Result<DemoReport>> ReportAsync(ImportCounts? imported, long setId, long runId, long taskId, Actor actor, CancellationToken cancellationToken)
    {
        var set = await sets.DetailAsync(setId, actor, cancellationToken);
        var run = await runs.DetailAsync(runId, actor, cancellationToken);
        var reproduction = await reproductions.RowAsync(taskId, actor, cancellationToken);
        if (set is null || run is null || reproduction is null)
        {
            return Failure.NotFound("RunNotFound");
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return new DemoReport(
            imported,
            await db.Sessions.Visible(actor).CountAsync(cancellationToken), await db.Sessions.Visible(actor).SumAsync(s => (long)s.MessageCount, cancellationToken),
            await db.Labels.CountAsync(cancellationToken), await db.Labels.CountAsync(l => l.Verdict == Verdict.Bad, cancellationToken),
            set.Name, set.Id, run.SetVersion, set.ItemCount, run, await runs.SummaryAsync(runId, actor, cancellationToken), reproduction);
    }

    private sealed class Relay<T>(Action<T> handle) : IProgress<T>
    {
        public void Report(T value) => handle(value);
    }
}

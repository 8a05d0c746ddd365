using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Statistics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace LLMEval.Core.Reproduction;

/// <summary>Begins the round of each check whose target has a version that was not asked yet: a task for each item, as its case was judged last. A round that was cut off goes on where it stopped.</summary>
internal sealed class RegressionRounds(IDbContextFactory<LLMEvalDbContext> contexts, StartReproduction start, ActorQueries actors, TimeProvider clock, ILogger<RegressionRounds> logger)
{
    private const int ChunkSize = 200;

    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var due = await db.RegressionChecks.AsNoTracking().Where(c => !c.IsPaused && db.EvaluationSets.Any(s => s.Id == c.SetId && s.DeletedAt == null))
            .Select(c => new { Check = c, Latest = db.TargetVersions.Where(v => v.TargetId == c.TargetId).Max(v => (int?)v.Number) })
            .Where(c => c.Latest > c.Check.LastRound).ToListAsync(cancellationToken);
        foreach (var round in due)
        {
            await RunAsync(db, round.Check, round.Latest!.Value, cancellationToken);
        }
    }

    private async Task RunAsync(LLMEvalDbContext db, RegressionCheck check, int number, CancellationToken cancellationToken)
    {
        var actor = check.CreatedById == 0 ? Actor.Operator(Permissions.All) : await actors.OfUserAsync(check.CreatedById, cancellationToken);
        if (!actor.May(Permissions.ReproductionsStart) || !actor.May(Permissions.SetsView))
        {
            // Whoever made it may not ask any more; somebody who may has to take it up.
            logger.LogWarning("Regression check {CheckId} is paused: its maker may not start reproductions any more", check.Id);
            await db.RegressionChecks.Where(c => c.Id == check.Id).ExecuteUpdateAsync(u => u.SetProperty(c => c.IsPaused, true), cancellationToken);
            return;
        }
        var versionId = await db.TargetVersions.Where(v => v.TargetId == check.TargetId && v.Number == number).Select(v => v.Id).FirstAsync(cancellationToken);
        var (position, leftOut) = (-1, 0);
        while (true)
        {
            var items = await db.SetItems.AsNoTracking().Where(i => i.SetId == check.SetId && i.Position > position).OrderBy(i => i.Position).Take(ChunkSize)
                .Join(db.Samples, i => i.SampleId, s => s.Id, (i, s) => new { i.Position, s.Id, MessageId = db.Messages.Any(m => m.Id == s.MessageId) ? s.MessageId : null, HasAnswer = s.RecordedAnswer != null })
                .OrderBy(i => i.Position).ToListAsync(cancellationToken);
            if (items.Count == 0)
            {
                break;
            }
            position = items[^1].Position;
            foreach (var item in items)
            {
                leftOut += await AskAsync(db, check, number, versionId, item.Id, BadCases.KeyOf(item.MessageId, item.Id), item.HasAnswer, actor, cancellationToken) ? 0 : 1;
            }
        }
        await db.RegressionChecks.Where(c => c.Id == check.Id && c.LastRound < number).ExecuteUpdateAsync(
            u => u.SetProperty(c => c.LastRound, number).SetProperty(c => c.LastRoundAt, clock.GetUtcNow().UtcDateTime).SetProperty(c => c.LeftOut, leftOut), cancellationToken);
    }

    /// <summary>False where the case cannot be asked.</summary>
    private async Task<bool> AskAsync(LLMEvalDbContext db, RegressionCheck check, int number, long versionId, long sampleId, string caseKey, bool hasAnswer, Actor actor, CancellationToken cancellationToken)
    {
        if (await db.ReproductionTasks.AnyAsync(t => t.CheckId == check.Id && t.CheckRound == number && t.CaseKey == caseKey, cancellationToken))
        {
            return true;
        }
        var last = await db.ReproductionTasks.AsNoTracking().Where(t => t.CaseKey == caseKey).OrderByDescending(t => t.Id).Select(t => new { t.CriterionJson, t.Severity, t.OverridesJson, t.Comment, t.CaseJson, t.RecordedParametersJson }).FirstOrDefaultAsync(cancellationToken);
        if (last is null && !hasAnswer)
        {
            return false;
        }
        // Where the bad answer was one of a run's, the sample does not hold it.
        var frozen = last is null ? null : Json.Read<ReproductionCase>(last.CaseJson);
        var request = new ReproductionRequest(ReproductionSource.OfSample(sampleId), [versionId], last is null ? Criterion.SimilarToRecorded() : Json.Read<Criterion>(last.CriterionJson))
        {
            Severity = last?.Severity ?? Severity.Minor,
            Overrides = last is null ? null : JsonElement.Parse(last.OverridesJson),
            Comment = last?.Comment,
            Frozen = frozen is { AnsweredBy: not null } ? (frozen, last!.RecordedParametersJson) : null,
            Check = (check.Id, number),
        };
        var started = await start.ExecuteAsync(request, actor, cancellationToken);
        if (started.Failure is { } failure)
        {
            logger.LogWarning("Regression check {CheckId} leaves out sample {SampleId}: {Code}", check.Id, sampleId, failure.Code);
        }
        return started.IsOk;
    }
}

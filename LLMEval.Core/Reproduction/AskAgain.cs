using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>A new task with the same case, criterion and settings as an earlier one, asked of the newest version of each of its targets.</summary>
public sealed class AskAgain(IDbContextFactory<LLMEvalDbContext> contexts, StartReproduction start)
{
    /// <summary>The new task's id.</summary>
    public async Task<Result<long>> ExecuteAsync(long taskId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.VisibleReproductions(actor).AsNoTracking().FirstOrDefaultAsync(t => t.Id == taskId, cancellationToken) is not { } task)
        {
            return Failure.NotFound("ReproductionNotFound");
        }
        var versions = await db.ReproductionArms.AsNoTracking().Where(a => a.TaskId == taskId).OrderBy(a => a.Index).Select(a => new { a.TargetVersionId, a.TargetName }).ToListAsync(cancellationToken);
        // Where versions of one target were compared, they are compared again; one alone is asked as it is now.
        var ids = versions.Select(v => v.TargetVersionId).ToList();
        if (versions is [var only] && await NewestAsync(db, only.TargetName, cancellationToken) is { } newest)
        {
            ids = [newest];
        }
        var source = task.SampleId is { } sample ? ReproductionSource.OfSample(sample) : ReproductionSource.OfMessage(task.MessageId!.Value);
        return await start.ExecuteAsync(
            new ReproductionRequest(source, ids, Json.Read<Criterion>(task.CriterionJson))
            {
                Times = task.Times,
                Severity = task.Severity,
                StopsEarly = true,
                Overrides = JsonElement.Parse(task.OverridesJson),
                Frozen = (Json.Read<ReproductionCase>(task.CaseJson), task.RecordedParametersJson),
                Comment = task.Comment,
            },
            actor, cancellationToken);
    }

    private static Task<long?> NewestAsync(LLMEvalDbContext db, string targetName, CancellationToken cancellationToken) =>
        db.TargetVersions.AsNoTracking().Where(v => db.Targets.Any(t => t.Id == v.TargetId && t.Name == targetName && t.Connector != Connector.Recorded))
            .OrderByDescending(v => v.Number).Select(v => (long?)v.Id).FirstOrDefaultAsync(cancellationToken);
}

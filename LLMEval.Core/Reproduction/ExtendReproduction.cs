using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <param name="More">Further generations of each version.</param>
public sealed record ExtendReproductionRequest(long TaskId, int More);

/// <summary>Lets a task that ended go on with more generations of the same questions. All of them are asked, however clear the verdict is by then; the rule's errors stay bounded, since it may be looked at at any time.</summary>
public sealed class ExtendReproduction(IDbContextFactory<LLMEvalDbContext> contexts, ReproductionJobs jobs, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(ExtendReproductionRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        if (request.More is < 1 or > StartReproduction.MaxTimes)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.More), 1, StartReproduction.MaxTimes);
        }
        var extended = await Repeating.Async(() => ExtendAsync(request, actor, cancellationToken));
        if (extended.IsOk)
        {
            await jobs.ScheduleAsync(request.TaskId, cancellationToken);
        }
        return extended;
    }

    private async Task<Result<long>> ExtendAsync(ExtendReproductionRequest request, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var id = request.TaskId;
        if (!await db.VisibleReproductions(actor).AnyAsync(t => t.Id == id, cancellationToken))
        {
            return Failure.NotFound("ReproductionNotFound");
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var reopened = await db.ReproductionTasks.Where(t => t.Id == id && t.State != ReproductionState.Pending && t.State != ReproductionState.Running).ExecuteUpdateAsync(
            u => u.SetProperty(t => t.State, ReproductionState.Pending).SetProperty(t => t.StopsEarly, false).SetProperty(t => t.FinishedAt, (DateTime?)null)
                .SetProperty(t => t.CancelRequestedAt, (DateTime?)null).SetProperty(t => t.FailureCode, (string?)null),
            cancellationToken);
        if (reopened == 0)
        {
            return Failure.Conflict("ReproductionStillRuns");
        }
        var most = await db.ReproductionArms.Where(a => a.TaskId == id)
            .MaxAsync(a => db.ReproductionGenerations.Count(g => g.TaskId == id && g.ArmIndex == a.Index), cancellationToken);
        if (most + request.More > StartReproduction.MaxTimes)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.More), 0, Math.Max(0, StartReproduction.MaxTimes - most));
        }
        await db.ReproductionArms.Where(a => a.TaskId == id).ExecuteUpdateAsync(
            u => u.SetProperty(a => a.Times, a => db.ReproductionGenerations.Count(g => g.TaskId == id && g.ArmIndex == a.Index) + request.More)
                .SetProperty(a => a.IsEnded, false).SetProperty(a => a.EndedEarly, false),
            cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "reproduction.extend", "reproduction", id, new { request.More }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return id;
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <param name="StartsNow">Asks the newest version at once; else only versions that come after.</param>
public sealed record AddRegressionCheckRequest(long SetId, long TargetId, bool StartsNow);

/// <summary>Has the bad cases of a set asked again of each new version of a target.</summary>
public sealed class AddRegressionCheck(IDbContextFactory<LLMEvalDbContext> contexts, RegressionJobs jobs, TimeProvider clock)
{
    /// <summary>The check's id.</summary>
    public async Task<Result<long>> ExecuteAsync(AddRegressionCheckRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await db.VisibleSets(actor).AnyAsync(s => s.Id == request.SetId, cancellationToken))
        {
            return Failure.NotFound("SetNotFound") with { Field = nameof(request.SetId) };
        }
        var latest = await db.TargetVersions.Where(v => v.TargetId == request.TargetId).MaxAsync(v => (int?)v.Number, cancellationToken);
        if (latest is null)
        {
            return Failure.NotFound("TargetNotFound", request.TargetId) with { Field = nameof(request.TargetId) };
        }
        if (await db.RegressionChecks.AnyAsync(c => c.SetId == request.SetId && c.TargetId == request.TargetId, cancellationToken))
        {
            return Failure.Conflict("RegressionCheckExists");
        }
        var now = clock.GetUtcNow().UtcDateTime;
        var check = new RegressionCheck
        {
            SetId = request.SetId,
            TargetId = request.TargetId,
            LastRound = request.StartsNow ? latest.Value - 1 : latest.Value,
            CreatedAt = now,
            CreatedById = actor.UserId,
            CreatedByName = actor.Name,
        };
        db.RegressionChecks.Add(check);
        await db.SaveChangesAsync(cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "regression.add", "regression", check.Id, request));
        await db.SaveChangesAsync(cancellationToken);
        await jobs.StartAsync(cancellationToken);
        return check.Id;
    }
}

public sealed record EditRegressionCheckRequest(long CheckId, RegressionChange Change);

public enum RegressionChange { Pause, Resume, Again, Remove }

/// <summary>Pauses or resumes a check, asks the newest version once more, or ends it; what it found stays.</summary>
public sealed class EditRegressionCheck(IDbContextFactory<LLMEvalDbContext> contexts, RegressionJobs jobs, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(EditRegressionCheckRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var check = await db.RegressionChecks.FirstOrDefaultAsync(c => c.Id == request.CheckId && db.VisibleSets(actor).Any(s => s.Id == c.SetId), cancellationToken);
        if (check is null)
        {
            return Failure.NotFound("RegressionCheckNotFound");
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        switch (request.Change)
        {
            case RegressionChange.Remove:
                db.RegressionChecks.Remove(check);
                break;
            case RegressionChange.Again:
                // Its tasks stay in the history of their cases; the round begins anew.
                await db.ReproductionTasks.Where(t => t.CheckId == check.Id && t.CheckRound == check.LastRound).ExecuteUpdateAsync(u => u.SetProperty(t => t.CheckId, (long?)null).SetProperty(t => t.CheckRound, (int?)null), cancellationToken);
                check.LastRound--;
                check.IsPaused = false;
                break;
            case RegressionChange.Resume:
                // It runs in the name of whoever resumed it: its maker may be gone.
                (check.IsPaused, check.CreatedById, check.CreatedByName) = (false, actor.UserId, actor.Name);
                break;
            default:
                check.IsPaused = true;
                break;
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "regression." + request.Change.ToString().ToLowerInvariant(), "regression", check.Id));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (request.Change is RegressionChange.Again or RegressionChange.Resume)
        {
            await jobs.StartAsync(cancellationToken);
        }
        return request.CheckId;
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <param name="Verdict">Undecided takes a verdict back.</param>
public sealed record JudgeGenerationRequest(long TaskId, int ArmIndex, int Index, GenerationVerdict Verdict);

/// <summary>A person's verdict on one generation, in place of the criterion's. The version's k of n and its verdict follow in the same transaction.</summary>
public sealed class JudgeGeneration(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<GenerationVerdict>> ExecuteAsync(JudgeGenerationRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        return await Repeating.Async<Result<GenerationVerdict>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            if (!await db.VisibleReproductions(actor).AnyAsync(t => t.Id == request.TaskId, cancellationToken))
            {
                return Failure.NotFound("ReproductionNotFound");
            }
            var now = clock.GetUtcNow().UtcDateTime;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await ReproductionTally.LockAsync(db, request.TaskId, cancellationToken);
            // Where nothing was answered there is nothing to judge.
            var judged = await db.ReproductionGenerations.Where(g => g.TaskId == request.TaskId && g.ArmIndex == request.ArmIndex && g.Index == request.Index && g.Status == ReplyStatus.Answered)
                .ExecuteUpdateAsync(u => u.SetProperty(g => g.Verdict, request.Verdict).SetProperty(g => g.JudgedByName, actor.Name).SetProperty(g => g.JudgedAt, now), cancellationToken);
            if (judged == 0)
            {
                return Failure.NotFound("GenerationNotFound");
            }
            await ReproductionTally.UpdateAsync(db, request.TaskId, request.ArmIndex, cancellationToken);
            db.AuditEntries.Add(AuditEntry.Of(actor, now, "reproduction.judge", "reproduction", request.TaskId, new { request.ArmIndex, request.Index, request.Verdict }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return request.Verdict;
        });
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

public sealed record RemoveFromSetRequest(long SetId, IReadOnlyList<long> ItemIds);

/// <summary>Takes items out of a set. Its frozen versions keep them, so the set's business lines stay as they were.</summary>
public sealed class RemoveFromSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>How many items were there and are gone.</summary>
    public async Task<Result<int>> ExecuteAsync(RemoveFromSetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        if (request.ItemIds.Count is 0 or > AddToSet.MaxMessages)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.ItemIds), 1, AddToSet.MaxMessages);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var set = await db.VisibleSets(actor).Where(s => s.Id == request.SetId).Select(s => new { s.Name, s.RuleJson }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (set.RuleJson is not null)
        {
            return Failure.Conflict("SetHasRule", set.Name);
        }
        var now = clock.GetUtcNow().UtcDateTime;
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        await db.EvaluationSets.Where(s => s.Id == request.SetId).ExecuteUpdateAsync(u => u.SetProperty(s => s.UpdatedAt, now), cancellationToken);
        var removed = 0;
        foreach (var chunk in request.ItemIds.Chunk(500))
        {
            removed += await db.SetItems.Where(i => i.SetId == request.SetId && chunk.Contains(i.Id)).ExecuteDeleteAsync(cancellationToken);
        }
        await db.EvaluationSets.Where(s => s.Id == request.SetId)
            .ExecuteUpdateAsync(u => u.SetProperty(s => s.ItemCount, s => db.SetItems.Count(i => i.SetId == request.SetId)), cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.remove", "set", request.SetId, new { removed }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return removed;
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="Place">The number that the item is to have, from 1; beyond the end is the end.</param>
public sealed record MoveItemRequest(long SetId, long ItemId, int Place);

/// <summary>Puts an item of a set to another place; those between move up or down by one.</summary>
public sealed class ArrangeSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>The place where it stands now, from 1.</summary>
    public async Task<Result<int>> ExecuteAsync(MoveItemRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        return await Repeating.Async(() => MoveAsync(request, actor, cancellationToken));
    }

    private async Task<Result<int>> MoveAsync(MoveItemRequest request, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        await SetWriting.LockAsync(db, request.SetId, now, cancellationToken);
        var set = await db.VisibleSets(actor).Where(s => s.Id == request.SetId).Select(s => new { s.Name, s.RuleJson }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (set.RuleJson is not null)
        {
            return Failure.Conflict("SetHasRule", set.Name);
        }
        var items = db.SetItems.Where(i => i.SetId == request.SetId);
        if (await items.FirstOrDefaultAsync(i => i.Id == request.ItemId, cancellationToken) is not { } item)
        {
            return Failure.NotFound("SetItemNotFound");
        }
        var (from, to) = (item.Position, await SetNumbers.PositionAsync(items.Select(i => i.Position), request.Place, cancellationToken));
        if (to > from)
        {
            await items.Where(i => i.Position > from && i.Position <= to).ExecuteUpdateAsync(u => u.SetProperty(i => i.Position, i => i.Position - 1), cancellationToken);
        }
        else if (to < from)
        {
            await items.Where(i => i.Position >= to && i.Position < from).ExecuteUpdateAsync(u => u.SetProperty(i => i.Position, i => i.Position + 1), cancellationToken);
        }
        item.Position = to;
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.move", "set", request.SetId, new { item = item.Id, from, to }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await SetNumbers.BeforeAsync(items.Select(i => i.Position), to, cancellationToken) + 1;
    }
}

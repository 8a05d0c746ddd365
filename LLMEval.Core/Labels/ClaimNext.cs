using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>A message that is one's own to label until <paramref name="ReservedUntil"/>.</summary>
public sealed record QueueClaim(long SlotId, long ItemId, long MessageId, DateTime ReservedUntil);

/// <summary>
/// Reserves the next message of a queue for one person. Two people never get one slot: it changes hands by a conditional update, and the database lets nobody have two slots of one message.
/// </summary>
public sealed class ClaimNext(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>How long a message stays reserved for who has not answered; showing it again starts anew.</summary>
    public static readonly TimeSpan Reservation = TimeSpan.FromMinutes(15);
    private const int Offered = 5;
    private const int Tries = 20;

    /// <param name="held">Slots that are on the person's screen already; others they had reserved come first.</param>
    /// <returns>Null when nothing is left for this person, though others may still have something to do.</returns>
    public async Task<Result<QueueClaim?>> ExecuteAsync(long queueId, IReadOnlyCollection<long> held, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var queue = await db.VisibleQueues(actor).AsNoTracking().OpenTo(actor).Where(q => q.Id == queueId).Select(q => new { q.IsClosed }).FirstOrDefaultAsync(cancellationToken);
        if (queue is null)
        {
            return Failure.NotFound("QueueNotFound");
        }
        if (queue.IsClosed)
        {
            return Failure.Conflict("QueueIsClosed");
        }
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var now = clock.GetUtcNow().UtcDateTime;
            var until = now + Reservation;
            var offered = await OfferedAsync(db, queueId, held, actor, now, cancellationToken);
            if (offered.Count == 0)
            {
                return (QueueClaim?)null;
            }
            foreach (var slot in offered)
            {
                if (await TakeAsync(db, slot.SlotId, actor, now, until, cancellationToken))
                {
                    return slot with { ReservedUntil = until };
                }
            }
        }
        return Failure.Conflict("QueueIsBusy");
    }

    /// <summary>Gives back what the person holds and has not answered, so that nobody waits for it.</summary>
    public Task ReleaseAsync(long queueId, IReadOnlyCollection<long> slotIds, Actor actor, CancellationToken cancellationToken) => Repeating.Async(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.QueueSlots.Where(s => s.QueueId == queueId && slotIds.Contains(s.Id) && s.AnnotatorId == actor.UserId && s.State == SlotState.Reserved).ExecuteUpdateAsync(Opened, cancellationToken);
    });

    internal static System.Linq.Expressions.Expression<Func<Microsoft.EntityFrameworkCore.Query.SetPropertyCalls<QueueSlot>, Microsoft.EntityFrameworkCore.Query.SetPropertyCalls<QueueSlot>>> Opened { get; } =
        u => u.SetProperty(s => s.State, SlotState.Open).SetProperty(s => s.AnnotatorId, (long?)null).SetProperty(s => s.AnnotatorName, (string?)null).SetProperty(s => s.ReservedUntil, (DateTime?)null)
            .SetProperty(s => s.DoneAt, (DateTime?)null).SetProperty(s => s.SpentMs, (int?)null);

    private static async Task<List<QueueClaim>> OfferedAsync(LLMEvalDbContext db, long queueId, IReadOnlyCollection<long> held, Actor actor, DateTime now, CancellationToken cancellationToken)
    {
        var own = db.QueueSlots.AsNoTracking().Where(s => s.QueueId == queueId && s.AnnotatorId == actor.UserId);
        var mine = await own.Where(s => s.State == SlotState.Reserved && !held.Contains(s.Id)).OrderBy(s => s.Place).Take(1)
            .Select(s => new QueueClaim(s.Id, s.ItemId, s.MessageId, now)).ToListAsync(cancellationToken);
        if (mine.Count > 0)
        {
            return mine;
        }
        // What lies before the furthest place one has been at is done by oneself, mostly: from there on the first open slot is near.
        var furthest = await own.MaxAsync(s => (long?)s.Place, cancellationToken) ?? -1;
        // Open and lapsed ones are asked for apart: each is read in the order of its index, while together they would be sorted, all of them.
        var lapsed = await Chosen(Free(db, queueId, actor).Where(s => s.State == SlotState.Reserved && s.ReservedUntil < now), now).ToListAsync(cancellationToken);
        var open = Free(db, queueId, actor).Where(s => s.State == SlotState.Open);
        var ahead = await Chosen(open.Where(s => s.Place > furthest), now).ToListAsync(cancellationToken);
        return ahead.Count + lapsed.Count > 0 ? [.. lapsed, .. ahead] : await Chosen(open, now).ToListAsync(cancellationToken);
    }

    private static IQueryable<QueueClaim> Chosen(IQueryable<QueueSlot> free, DateTime now) =>
        free.OrderBy(s => s.Place).Take(Offered).Select(s => new QueueClaim(s.Id, s.ItemId, s.MessageId, now));

    /// <summary>Slots of messages that the person neither has nor had nor passed over.</summary>
    private static IQueryable<QueueSlot> Free(LLMEvalDbContext db, long queueId, Actor actor)
    {
        var slots = db.QueueSlots.AsNoTracking().Where(s => s.QueueId == queueId);
        if (actor.BizCodes is { } codes)
        {
            slots = slots.Where(s => codes.Contains(s.BizCode));
        }
        return slots.Where(s => !db.QueueSlots.Any(o => o.ItemId == s.ItemId && o.AnnotatorId == actor.UserId) && !db.QueueSkips.Any(k => k.ItemId == s.ItemId && k.AnnotatorId == actor.UserId));
    }

    private static async Task<bool> TakeAsync(LLMEvalDbContext db, long slotId, Actor actor, DateTime now, DateTime until, CancellationToken cancellationToken)
    {
        try
        {
            return await db.QueueSlots
                .Where(s => s.Id == slotId && (s.State == SlotState.Open || (s.State == SlotState.Reserved && (s.ReservedUntil < now || s.AnnotatorId == actor.UserId))))
                .ExecuteUpdateAsync(u => u.SetProperty(s => s.State, SlotState.Reserved).SetProperty(s => s.AnnotatorId, actor.UserId).SetProperty(s => s.AnnotatorName, actor.Name)
                    .SetProperty(s => s.ReservedUntil, until), cancellationToken) == 1;
        }
        catch (Exception e) when (DatabaseErrors.IsWorthRepeating(e))
        {
            // Another tab of the same person took another slot of this message a moment ago.
            return false;
        }
    }
}

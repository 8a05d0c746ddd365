using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <param name="Slots">Labels that the queue asks for: messages × overlap.</param>
/// <param name="Mine">Of the done ones, one's own.</param>
/// <param name="IsMineToDo">False where others are assigned, or it is closed.</param>
public sealed record QueueRow(
    long Id, string Name, QueueRule Rule, int ItemCount, int Overlap, bool IsBlind, bool IsClosed, int Slots, int Done, int Reserved, int Mine, bool IsMineToDo, DateTime CreatedAt, string CreatedByName)
{
    /// <summary>Only when every label that was asked for is there.</summary>
    public bool IsDone => Done == Slots;
}

/// <param name="PerHour">Labels an hour of time with a message on the screen; null without time on record.</param>
/// <param name="MedianMs">Of the time a message was on the screen; the slower of the middle two. Null without time on record.</param>
public sealed record AnnotatorProgress(long AnnotatorId, string Name, bool IsAssigned, int Done, int Reserved, int Skipped, int Today, double? PerHour, int? MedianMs, DateTime? LastAt);

public sealed record QueueSkipRow(long ItemId, long MessageId, string AnnotatorName, string? Reason, DateTime At);

public sealed record QueueDetail(
    QueueRow Row, string? Instructions, QueueConsensus Consensus, int Seed, string? Origin, IReadOnlyList<string> BizCodes, IReadOnlyList<QueueAssigneeRow> Assignees,
    IReadOnlyList<AnnotatorProgress> People, IReadOnlyList<QueueSkipRow> Skips, IReadOnlyList<StratumRow> Strata);

public sealed record QueueAssigneeRow(long UserId, string Name);

/// <summary>How many messages of a group the queue holds, and how many are labelled by all who are to.</summary>
public sealed record StratumRow(string Name, int Messages, int Done);

/// <summary>Queues and how far they are.</summary>
public sealed class QueueQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const int MostSkips = 200;

    /// <summary>Newest first, open ones or closed ones.</summary>
    public async Task<Page<QueueRow>> PageAsync(bool isClosed, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var queues = db.VisibleQueues(actor).AsNoTracking().Where(q => q.IsClosed == isClosed);
        if ((page.Before ?? page.After) is { } cursor)
        {
            queues = queues.Past(q => q.Id, q => q.Id, cursor.Id, cursor.Id, !page.IsBackward);
        }
        var read = await Rows(db, queues.InOrder(q => q.Id, q => q.Id, !page.IsBackward).Take(page.Limit + 1), actor).ToListAsync(cancellationToken);
        return Page.Of(read, page, q => Cursor.At(q.Id, q.Id));
    }

    /// <summary>Null when it is not there or not for this actor.</summary>
    public async Task<QueueRow?> RowAsync(long id, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Rows(db, db.VisibleQueues(actor).AsNoTracking().Where(q => q.Id == id), actor).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>What is shown beside each message while labelling.</summary>
    public async Task<string?> InstructionsAsync(long id, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.VisibleQueues(actor).AsNoTracking().Where(q => q.Id == id).Select(q => q.Instructions).FirstOrDefaultAsync(cancellationToken);
    }

    public async Task<QueueDetail?> DetailAsync(long id, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await Rows(db, db.VisibleQueues(actor).AsNoTracking().Where(q => q.Id == id), actor).FirstOrDefaultAsync(cancellationToken);
        if (row is null)
        {
            return null;
        }
        var queue = await db.LabelQueues.AsNoTracking().Where(q => q.Id == id).Select(q => new { q.Instructions, q.Consensus, q.Seed, q.Origin }).FirstAsync(cancellationToken);
        var assignees = await db.QueueAssignees.AsNoTracking().Where(a => a.QueueId == id).OrderBy(a => a.UserName).ThenBy(a => a.UserId).Select(a => new QueueAssigneeRow(a.UserId, a.UserName)).ToListAsync(cancellationToken);
        var scopes = await db.QueueScopes.AsNoTracking().Where(s => s.QueueId == id).Select(s => s.BizCode).Order().ToListAsync(cancellationToken);
        var skips = await db.QueueSkips.AsNoTracking().Where(s => s.QueueId == id).OrderByDescending(s => s.At).Take(MostSkips)
            .Join(db.QueueItems, s => s.ItemId, i => i.Id, (s, i) => new QueueSkipRow(s.ItemId, i.MessageId, s.AnnotatorName, s.Reason, s.At)).ToListAsync(cancellationToken);
        var strata = await db.QueueItems.AsNoTracking().Where(i => i.QueueId == id && i.Stratum != null)
            .Select(i => new { Name = i.Stratum!, Done = db.QueueSlots.Any(s => s.ItemId == i.Id && s.State != SlotState.Done) ? 0 : 1 })
            .GroupBy(i => i.Name).Select(g => new { g.Key, Count = g.Count(), Done = g.Sum(i => i.Done) })
            .OrderBy(g => g.Key).Take(100).Select(g => new StratumRow(g.Key, g.Count, g.Done)).ToListAsync(cancellationToken);
        return new QueueDetail(row, queue.Instructions, queue.Consensus, queue.Seed, queue.Origin, scopes, assignees, await PeopleAsync(db, id, assignees, cancellationToken), [.. skips.OrderByDescending(s => s.At)], strata);
    }

    private static IQueryable<QueueRow> Rows(LLMEvalDbContext db, IQueryable<LabelQueue> queues, Actor actor)
    {
        var me = actor.UserId;
        var mayLabel = actor.May(Permissions.LabelsWrite);
        return queues.Select(q => new QueueRow(
            q.Id, q.Name, q.Rule, q.ItemCount, q.Overlap, q.IsBlind, q.IsClosed, q.ItemCount * q.Overlap,
            db.QueueSlots.Count(s => s.QueueId == q.Id && s.State == SlotState.Done), db.QueueSlots.Count(s => s.QueueId == q.Id && s.State == SlotState.Reserved),
            db.QueueSlots.Count(s => s.QueueId == q.Id && s.AnnotatorId == me && s.State == SlotState.Done),
            mayLabel && !q.IsClosed && (q.Assignees.Count == 0 || q.Assignees.Any(a => a.UserId == me)), q.CreatedAt, q.CreatedByName));
    }

    private async Task<IReadOnlyList<AnnotatorProgress>> PeopleAsync(LLMEvalDbContext db, long queueId, IReadOnlyList<QueueAssigneeRow> assignees, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow().UtcDateTime.AddHours(-24);
        var slots = db.QueueSlots.AsNoTracking().Where(s => s.QueueId == queueId && s.AnnotatorId != null);
        var done = await slots.GroupBy(s => s.AnnotatorId!.Value).Select(g => new
        {
            Id = g.Key,
            Name = g.Max(s => s.AnnotatorName)!,
            Done = g.Count(s => s.State == SlotState.Done),
            Reserved = g.Count(s => s.State == SlotState.Reserved),
            Today = g.Count(s => s.State == SlotState.Done && s.DoneAt >= since),
            Timed = g.Count(s => s.SpentMs > 0),
            Spent = g.Sum(s => (long?)s.SpentMs) ?? 0,
            Last = g.Max(s => s.DoneAt),
        }).ToDictionaryAsync(p => p.Id, cancellationToken);
        var skips = await db.QueueSkips.AsNoTracking().Where(s => s.QueueId == queueId).GroupBy(s => s.AnnotatorId).Select(g => new { Id = g.Key, Name = g.Max(s => s.AnnotatorName)!, Count = g.Count() }).ToDictionaryAsync(s => s.Id, cancellationToken);
        var names = assignees.ToDictionary(a => a.UserId, a => a.Name);
        var people = new List<AnnotatorProgress>();
        foreach (var id in names.Keys.Union(done.Keys).Union(skips.Keys).Order())
        {
            var own = done.GetValueOrDefault(id);
            var middle = own is not { Timed: > 0 } ? null : await slots.Where(s => s.AnnotatorId == id && s.SpentMs > 0).OrderBy(s => s.SpentMs).Skip(own.Timed / 2).Select(s => s.SpentMs).FirstOrDefaultAsync(cancellationToken);
            people.Add(new AnnotatorProgress(
                id, names.GetValueOrDefault(id) ?? own?.Name ?? skips[id].Name, names.ContainsKey(id), own?.Done ?? 0, own?.Reserved ?? 0, skips.GetValueOrDefault(id)?.Count ?? 0, own?.Today ?? 0,
                own is { Timed: > 0, Spent: > 0 } ? own.Timed * 3_600_000.0 / own.Spent : null, middle, own?.Last));
        }
        return people;
    }
}

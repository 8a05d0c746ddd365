using System.Globalization;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sampling;

// What operations do to some samples, and how it is taken back.
public sealed partial class PoolWorker
{
    private const int MessagesAtOnce = 200;

    private static async Task<int> ChangeTagsAsync(LLMEvalDbContext db, long operationId, List<long> ids, IReadOnlyList<string> remove, IReadOnlyList<string> add, CancellationToken cancellationToken)
    {
        var stored = await TagsAsync(db, ids, cancellationToken);
        var changes = new List<PoolChange>();
        foreach (var id in ids)
        {
            var gone = stored[id].Where(t => remove.Any(r => TagPath.IsAtOrBelow(t, r))).ToList();
            changes.AddRange(gone.Select(t => new PoolChange { OperationId = operationId, SampleId = id, Tag = t }));
            changes.AddRange(add.Except(stored[id], StringComparer.Ordinal).Select(t => new PoolChange { OperationId = operationId, SampleId = id, Tag = t, IsAdded = true }));
        }
        return await StoreTagsAsync(db, changes, cancellationToken);
    }

    private static async Task<int> MoveTagAsync(LLMEvalDbContext db, long operationId, List<long> ids, string from, string to, CancellationToken cancellationToken)
    {
        var stored = await TagsAsync(db, ids, cancellationToken);
        var changes = new List<PoolChange>();
        foreach (var id in ids)
        {
            // One whose new path would be too long stays: better in the old place than lost.
            var moved = stored[id].Where(t => TagPath.IsAtOrBelow(t, from) && to.Length + t.Length - from.Length <= SampleTag.MaxLength).ToList();
            var kept = stored[id].Except(moved, StringComparer.Ordinal).ToList();
            changes.AddRange(moved.Select(t => new PoolChange { OperationId = operationId, SampleId = id, Tag = t }));
            changes.AddRange(moved.Select(t => to + t[from.Length..]).Except(kept, StringComparer.Ordinal)
                .Select(t => new PoolChange { OperationId = operationId, SampleId = id, Tag = t, IsAdded = true }));
        }
        return await StoreTagsAsync(db, changes, cancellationToken);
    }

    private static async Task<ILookup<long, string>> TagsAsync(LLMEvalDbContext db, List<long> ids, CancellationToken cancellationToken) =>
        (await db.SampleTags.AsNoTracking().Where(t => ids.Contains(t.SampleId)).ToListAsync(cancellationToken)).ToLookup(t => t.SampleId, t => t.Name);

    private static async Task<int> StoreTagsAsync(LLMEvalDbContext db, List<PoolChange> changes, CancellationToken cancellationToken)
    {
        foreach (var group in changes.Where(c => !c.IsAdded).GroupBy(c => c.Tag!))
        {
            var ids = group.Select(c => c.SampleId).ToList();
            await db.SampleTags.Where(t => t.Name == group.Key && ids.Contains(t.SampleId)).ExecuteDeleteAsync(cancellationToken);
        }
        await BulkWriter.InsertAsync(db, changes.Where(c => c.IsAdded).Select(c => new SampleTag { SampleId = c.SampleId, Name = c.Tag! }), cancellationToken);
        await BulkWriter.InsertAsync(db, changes, cancellationToken);
        return changes.Select(c => c.SampleId).Distinct().Count();
    }

    private static async Task<int> RemoveAsync(LLMEvalDbContext db, long operationId, List<long> ids, DateTime utcNow, CancellationToken cancellationToken)
    {
        await OutOfPoolAsync(db, ids, utcNow, cancellationToken);
        return await BulkWriter.InsertAsync(db, ids.Select(id => new PoolChange { OperationId = operationId, SampleId = id }), cancellationToken);
    }

    private static async Task OutOfPoolAsync(LLMEvalDbContext db, List<long> ids, DateTime utcNow, CancellationToken cancellationToken)
    {
        await db.Samples.Where(s => ids.Contains(s.Id)).ExecuteUpdateAsync(u => u.SetProperty(s => s.RemovedAt, utcNow), cancellationToken);
        await db.SampleBands.Where(b => ids.Contains(b.SampleId)).ExecuteDeleteAsync(cancellationToken);
        // What nearly repeated a removed one is compared anew: one of them is the first now.
        await db.Samples.Where(s => s.DuplicateOfId != null && ids.Contains(s.DuplicateOfId.Value))
            .ExecuteUpdateAsync(u => u.SetProperty(s => s.DuplicateOfId, (long?)null).SetProperty(s => s.Similarity, (double?)null).SetProperty(s => s.IsCompared, false), cancellationToken);
    }

    private static async Task<int> AddToSetAsync(LLMEvalDbContext db, long operationId, long setId, List<long> ids, Actor actor, DateTime utcNow, CancellationToken cancellationToken)
    {
        var position = await SetWriting.LockAsync(db, setId, utcNow, cancellationToken);
        var there = (await db.SetItems.Where(i => i.SetId == setId && ids.Contains(i.SampleId)).Select(i => i.Id).ToListAsync(cancellationToken)).ToHashSet();
        var added = await SetWriting.AppendAsync(db, setId, position, ids, actor, utcNow, cancellationToken);
        var items = await db.SetItems.Where(i => i.SetId == setId && ids.Contains(i.SampleId)).Select(i => new { i.Id, i.SampleId }).ToListAsync(cancellationToken);
        await BulkWriter.InsertAsync(db, items.Where(i => !there.Contains(i.Id)).Select(i => new PoolChange { OperationId = operationId, SampleId = i.SampleId, SetItemId = i.Id, IsAdded = true }), cancellationToken);
        await SetWriting.FinishAsync(db, setId, await db.Samples.Where(s => ids.Contains(s.Id)).Select(s => s.BizCode).Distinct().ToListAsync(cancellationToken), cancellationToken);
        return added;
    }

    /// <summary>Walks through all messages, each chunk in a transaction of its own. After a restart it begins again: a filter's stream has no place to go on from, and what was taken is taken once.</summary>
    private async Task TakeAsync(PoolOperation operation, CancellationToken cancellationToken)
    {
        var request = Json.Read<PoolOperationRequest>(operation.RequestJson);
        var actor = ActorOf(operation);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var length = request.SetId is { } setId
            ? await db.EvaluationSets.Where(s => s.Id == setId).Select(s => s.ContextLength).FirstAsync(cancellationToken)
            : request.ContextLength ?? CreateSet.DefaultContextLength;
        var done = 0;
        // Begins again after a restart: what stands in the stream may have changed, so that a number of messages is no place in it.
        await foreach (var chunk in messages.StreamAsync(request.Messages!, actor, cancellationToken).Chunk(MessagesAtOnce).WithCancellation(cancellationToken))
        {
            done += chunk.Length;
            if (await Repeating.Async(() => TakeChunkAsync(operation.Id, [.. chunk.Select(m => m.Id)], done, length, request, actor, cancellationToken)) != PoolOperationState.Running)
            {
                return;
            }
        }
        var now = clock.GetUtcNow().UtcDateTime;
        await db.PoolOperations.Where(o => o.Id == operation.Id && o.State == PoolOperationState.Running)
            .ExecuteUpdateAsync(u => u.SetProperty(o => o.State, PoolOperationState.Completed).SetProperty(o => o.FinishedAt, now).SetProperty(o => o.Total, o => o.Done), cancellationToken);
    }

    private async Task<PoolOperationState> TakeChunkAsync(long operationId, List<long> messageIds, int done, int contextLength, PoolOperationRequest request, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        // Nothing more is taken once somebody cancelled it, and perhaps undid it.
        if (await LockedAsync(db, operationId, cancellationToken) is not { State: PoolOperationState.Running })
        {
            return PoolOperationState.Cancelled;
        }
        var now = clock.GetUtcNow().UtcDateTime;
        var taken = await TakeSample.FromMessagesAsync(db, messageIds, contextLength, actor, now, cancellationToken);
        db.ChangeTracker.Clear();
        var fresh = taken.Where(t => t.IsNew).Select(t => t.SampleId).ToList();
        await BulkWriter.InsertAsync(db, fresh.Select(id => new PoolChange { OperationId = operationId, SampleId = id, IsAdded = true }), cancellationToken);
        var changed = fresh.Count;
        if (request.Tags.Count > 0)
        {
            changed = Math.Max(changed, await ChangeTagsAsync(db, operationId, [.. taken.Select(t => t.SampleId).Distinct()], [], request.Tags, cancellationToken));
        }
        if (request.SetId is { } setId)
        {
            changed = Math.Max(changed, await AddToSetAsync(db, operationId, setId, [.. taken.Select(t => t.SampleId).Distinct()], actor, now, cancellationToken));
        }
        await db.PoolOperations.Where(o => o.Id == operationId)
            .ExecuteUpdateAsync(u => u.SetProperty(o => o.Done, done).SetProperty(o => o.Changed, o => o.Changed + changed), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return PoolOperationState.Running;
    }

    /// <summary>Cuts the items of a set to its context length, in their order.</summary>
    private async Task<bool> CutAsync(LLMEvalDbContext db, PoolOperation operation, PoolOperationRequest request, Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var place = Place(operation);
        var setId = request.SetId!.Value;
        var length = await db.EvaluationSets.Where(s => s.Id == setId).Select(s => s.ContextLength).FirstAsync(cancellationToken);
        await SetWriting.LockAsync(db, setId, now, cancellationToken);
        var items = await db.SetItems.Where(i => i.SetId == setId && i.Id > place).OrderBy(i => i.Id).Take(MessagesAtOnce).ToListAsync(cancellationToken);
        if (items.Count == 0)
        {
            return false;
        }
        var ids = items.ConvertAll(i => i.SampleId);
        var samples = await db.Samples.AsNoTracking().Where(s => ids.Contains(s.Id)).ToDictionaryAsync(s => s.Id, cancellationToken);
        var tags = await TagsAsync(db, ids, cancellationToken);
        var recut = items.Where(i => samples[i.SampleId] is { IsScript: false } s && s.ContextLength != length).ToList();
        var turns = (await RecordedTurns.OfAsync(db, [.. recut.Select(i => samples[i.SampleId].MessageId).OfType<long>()], length, actor, cancellationToken)).ToDictionary(t => t.MessageId);
        var edited = recut.ConvertAll(item =>
        {
            var sample = samples[item.SampleId];
            var draft = SampleStore.DraftOf(sample, [.. tags[sample.Id]]) with { ContextLength = length };
            draft = sample.MessageId is { } messageId && turns.TryGetValue(messageId, out var turn) ? draft with { Input = turn.Context } : draft;
            return new NewSample(SampleStore.Edited(sample, draft, actor, now), draft.Tags);
        });
        var stored = await SampleStore.AddAsync(db, edited, cancellationToken);
        var held = stored.Select(s => s.Id).ToList();
        var others = (await db.SetItems.Where(i => i.SetId == setId && held.Contains(i.SampleId)).Select(i => i.SampleId).ToListAsync(cancellationToken)).ToHashSet();
        var changes = new List<PoolChange>();
        foreach (var (item, sample) in recut.Zip(stored))
        {
            // Two items that differed in their context only would be one: the later stays as it is.
            if (others.Add(sample.Id))
            {
                changes.Add(new PoolChange { OperationId = operation.Id, SampleId = item.SampleId, SetItemId = item.Id });
                changes.Add(new PoolChange { OperationId = operation.Id, SampleId = sample.Id, SetItemId = item.Id, IsAdded = true });
                item.SampleId = sample.Id;
                operation.Changed++;
            }
        }
        await BulkWriter.InsertAsync(db, changes, cancellationToken);
        operation.Done += items.Count;
        operation.Place = items[^1].Id.ToString(CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Gives items the samples that they had before they were cut; one that somebody changed since keeps its own.</summary>
    private static async Task UncutAsync(LLMEvalDbContext db, List<PoolChange> changes, CancellationToken cancellationToken)
    {
        var cut = changes.Where(c => c.IsAdded).ToDictionary(c => c.SetItemId!.Value, c => c.SampleId);
        var itemIds = cut.Keys.ToList();
        var items = await db.SetItems.Where(i => itemIds.Contains(i.Id)).ToDictionaryAsync(i => i.Id, cancellationToken);
        foreach (var change in changes.Where(c => !c.IsAdded))
        {
            if (items.GetValueOrDefault(change.SetItemId!.Value) is { } item && item.SampleId == cut[item.Id]
                && !await db.SetItems.AnyAsync(i => i.SetId == item.SetId && i.SampleId == change.SampleId, cancellationToken))
            {
                item.SampleId = change.SampleId;
            }
        }
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<bool> UndoAsync(LLMEvalDbContext db, PoolOperation operation, CancellationToken cancellationToken)
    {
        var changes = await db.PoolChanges.AsNoTracking().Where(c => c.OperationId == operation.Id).OrderByDescending(c => c.Id).Take(Chunk).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        // Added ones first: of a move that gave one sample the tag that it took from another place, the taken one has the last word.
        foreach (var group in changes.Where(c => c.Tag is not null).GroupBy(c => (Tag: c.Tag!, c.IsAdded)).OrderByDescending(g => g.Key.IsAdded))
        {
            var ids = group.Select(c => c.SampleId).Distinct().ToList();
            if (group.Key.IsAdded)
            {
                await db.SampleTags.Where(t => t.Name == group.Key.Tag && ids.Contains(t.SampleId)).ExecuteDeleteAsync(cancellationToken);
                continue;
            }
            var there = await db.SampleTags.Where(t => t.Name == group.Key.Tag && ids.Contains(t.SampleId)).Select(t => t.SampleId).ToListAsync(cancellationToken);
            await BulkWriter.InsertAsync(db, ids.Except(there).Select(id => new SampleTag { SampleId = id, Name = group.Key.Tag }), cancellationToken);
        }
        await UncutAsync(db, changes.Where(c => c is { SetItemId: not null } && operation.Work == PoolWork.CutAgain).ToList(), cancellationToken);
        var items = changes.Where(c => c.SetItemId is not null && operation.Work != PoolWork.CutAgain).Select(c => c.SetItemId!.Value).ToList();
        var sets = await db.SetItems.Where(i => items.Contains(i.Id)).Select(i => i.SetId).Distinct().ToListAsync(cancellationToken);
        await db.SetItems.Where(i => items.Contains(i.Id)).ExecuteDeleteAsync(cancellationToken);
        foreach (var setId in sets)
        {
            await SetWriting.FinishAsync(db, setId, [], cancellationToken);
        }
        var removed = changes.Where(c => c is { Tag: null, SetItemId: null, IsAdded: false }).Select(c => c.SampleId).ToList();
        await db.Samples.Where(s => removed.Contains(s.Id)).ExecuteUpdateAsync(u => u.SetProperty(s => s.RemovedAt, (DateTime?)null).SetProperty(s => s.IsCompared, false), cancellationToken);
        var taken = changes.Where(c => c is { Tag: null, SetItemId: null, IsAdded: true }).Select(c => c.SampleId).ToList();
        // Somebody may have put it into a set since.
        var unused = await db.Samples.Where(s => taken.Contains(s.Id) && s.RemovedAt == null && !db.SetItems.Any(i => i.SampleId == s.Id)).Select(s => s.Id).ToListAsync(cancellationToken);
        await OutOfPoolAsync(db, unused, now, cancellationToken);
        var undone = changes.ConvertAll(c => c.Id);
        await db.PoolChanges.Where(c => undone.Contains(c.Id)).ExecuteDeleteAsync(cancellationToken);
        return changes.Count == Chunk;
    }
}

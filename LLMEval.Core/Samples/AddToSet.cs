using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

public sealed record AddToSetRequest(long SetId, IReadOnlyList<long> MessageIds);

/// <param name="Refreshed">Messages that were in the set and changed since (a new reference, a corrected text): their item now holds the newer sample, unless a person edited it.</param>
public sealed record AddedToSet(int Added, int AlreadyThere, int Refreshed);

/// <summary>Samples bot messages into a set, at its end and in the order given. All are added or none.</summary>
public sealed class AddToSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxMessages = 5000;
    private const int ChunkSize = 200;

    public async Task<Result<AddedToSet>> ExecuteAsync(AddToSetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var messageIds = request.MessageIds.Distinct().ToList();
        if (messageIds.Count is 0 or > MaxMessages)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.MessageIds), 1, MaxMessages);
        }
        return await Repeating.Async(() => AddAsync(request.SetId, messageIds, actor, cancellationToken));
    }

    private async Task<Result<AddedToSet>> AddAsync(long setId, List<long> messageIds, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        // Locked before it is read: what it is must not change while it is filled.
        var position = await SetWriting.LockAsync(db, setId, now, cancellationToken);
        var set = await db.VisibleSets(actor).AsNoTracking().Where(s => s.Id == setId).Select(s => new { s.ContextLength, s.RuleJson, s.Name }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (set.RuleJson is not null)
        {
            return Failure.Conflict("SetHasRule", set.Name);
        }
        var (added, alreadyThere, refreshed) = (0, 0, 0);
        var bizCodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var chunk in messageIds.Chunk(ChunkSize))
        {
            var taken = (await TakeSample.FromMessagesAsync(db, chunk, set.ContextLength, actor, now, cancellationToken)).ToDictionary(t => t.MessageId);
            if (taken.Count < chunk.Length)
            {
                return Failure.NotFound("BotMessagesNotFound", chunk.Length - taken.Count) with { Field = nameof(AddToSetRequest.MessageIds) };
            }
            var present = (await db.SetItems.Where(i => i.SetId == setId)
                    .Join(db.Samples.Where(s => s.MessageId != null && chunk.Contains(s.MessageId.Value)), i => i.SampleId, s => s.Id, (i, s) => new { Item = i, MessageId = s.MessageId!.Value })
                    .ToListAsync(cancellationToken))
                .ToLookup(p => p.MessageId, p => p.Item);
            var edited = await TakeSample.EditedAsync(db, [.. chunk.SelectMany(id => present[id].Where(i => i.SampleId != taken[id].SampleId)).Select(i => i.SampleId)], cancellationToken);
            foreach (var messageId in chunk)
            {
                var sample = taken[messageId];
                bizCodes.Add(sample.BizCode);
                if (present[messageId].FirstOrDefault() is not { } item)
                {
                    db.SetItems.Add(new SetItem { SetId = setId, SampleId = sample.SampleId, Position = position++, AddedAt = now, AddedByName = actor.Name });
                    added++;
                }
                else if (item.SampleId == sample.SampleId || edited.Contains(item.SampleId))
                {
                    alreadyThere++;
                }
                else
                {
                    item.SampleId = sample.SampleId;
                    refreshed++;
                }
            }
            await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.add", "set", setId, new { added, refreshed }));
        await SetWriting.FinishAsync(db, setId, bizCodes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AddedToSet(added, alreadyThere, refreshed);
    }
}

using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>A recorded message as its source calls it.</summary>
public sealed record MessageName(string BizCode, string SessionId, string MsgId);

/// <summary>What is to become an item of a set; one of the two is given.</summary>
/// <param name="Message">A bot message that is recorded here.</param>
public sealed record NewItem(MessageName? Message, SampleDraft? Draft);

public sealed record AddItemsRequest(long SetId, IReadOnlyList<NewItem> Items);

/// <summary>Puts messages and drafts, mixed, at the end of a set and in the order given. All are added or none; a refusal's field begins with the place of the item, as in <c>items[3].message</c>.</summary>
public sealed class AddItemsToSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const int ChunkSize = 200;

    // Samples of one chunk go to the database in few packets, whose size a server limits.
    private const int ChunkCharacters = 256 * 1024;

    /// <summary>What is in the set already, or twice in the request, counts as already there.</summary>
    public async Task<Result<AddedToSet>> ExecuteAsync(AddItemsRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        if (request.Items.Count is 0 or > AddToSet.MaxMessages)
        {
            return Failure.Invalid("NumberOutOfRange", "items", 1, AddToSet.MaxMessages);
        }
        foreach (var (index, item) in request.Items.Index())
        {
            if (item.Draft is { } draft && SampleDrafts.Problem(draft, actor) is { } problem)
            {
                return At(problem, index);
            }
        }
        return await Repeating.Async(() => AddAsync(request, actor, cancellationToken));
    }

    private async Task<Result<AddedToSet>> AddAsync(AddItemsRequest request, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        // Before any read: on MySQL the first one fixes what the transaction sees.
        var position = await SetWriting.LockAsync(db, request.SetId, now, cancellationToken);
        var set = await db.VisibleSets(actor).AsNoTracking().FirstOrDefaultAsync(s => s.Id == request.SetId, cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (set.RuleJson is not null)
        {
            return Failure.Conflict("SetHasRule", set.Name);
        }
        var filling = new Filling(set.Id, position, actor.Name, now);
        foreach (var chunk in Chunks(request.Items))
        {
            var stored = await StoreAsync(db, chunk, set.ContextLength, actor, now, cancellationToken);
            if (stored.Failure is { } failure)
            {
                return failure;
            }
            await filling.TakeAsync(db, stored.Value!, cancellationToken);
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.add", "set", set.Id, new { added = filling.Added, refreshed = filling.Refreshed }));
        await SetWriting.FinishAsync(db, set.Id, filling.BizCodes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AddedToSet(filling.Added, filling.AlreadyThere, filling.Refreshed);
    }

    /// <summary>The samples of the chunk's items, in their order.</summary>
    private static async Task<Result<IReadOnlyList<Stored>>> StoreAsync(
        LLMEvalDbContext db, IReadOnlyList<(int Index, NewItem Item)> chunk, int contextLength, Actor actor, DateTime utcNow, CancellationToken cancellationToken)
    {
        var ids = await MessageIdsAsync(db, [.. chunk.Select(c => c.Item.Message).OfType<MessageName>().Distinct()], cancellationToken);
        var taken = (await TakeSample.FromMessagesAsync(db, [.. ids.Values.Distinct()], contextLength, actor, utcNow, cancellationToken)).ToDictionary(t => t.MessageId);
        var drafts = chunk.Where(c => c.Item.Draft is not null).ToList();
        var added = await SampleStore.AddAsync(db, [.. drafts.Select(d => SampleStore.FromDraft(d.Item.Draft!, SampleOrigin.Typed, null, contextLength, actor, utcNow))], cancellationToken);
        var ofDraft = drafts.Zip(added).ToDictionary(pair => pair.First.Index, pair => pair.Second);
        var stored = new List<Stored>(chunk.Count);
        foreach (var (index, item) in chunk)
        {
            if (ofDraft.TryGetValue(index, out var sample))
            {
                stored.Add(new Stored(sample.Id, sample.BizCode, null));
            }
            else if (item.Message is { } name && ids.TryGetValue(name, out var messageId) && taken.TryGetValue(messageId, out var turn))
            {
                stored.Add(new Stored(turn.SampleId, turn.BizCode, messageId));
            }
            else
            {
                // A key must not learn from the refusal what other business lines hold, so that all reasons are one.
                return At(Failure.Invalid("ItemMessageNotFound", "message", item.Message?.MsgId ?? "", item.Message?.SessionId ?? "", item.Message?.BizCode ?? ""), index);
            }
        }
        return stored;
    }

    internal static async Task<Dictionary<MessageName, long>> MessageIdsAsync(LLMEvalDbContext db, IReadOnlyList<MessageName> names, CancellationToken cancellationToken)
    {
        var found = new Dictionary<MessageName, long>();
        foreach (var line in names.GroupBy(n => n.BizCode, StringComparer.Ordinal))
        {
            var bizCode = line.Key;
            var sessionIds = line.Select(n => n.SessionId).Distinct(StringComparer.Ordinal).ToList();
            var msgIds = line.Select(n => n.MsgId).Distinct(StringComparer.Ordinal).ToList();
            var rows = await db.Sessions.AsNoTracking().Where(s => s.BizCode == bizCode && sessionIds.Contains(s.ExternalId))
                .Join(db.Messages.Where(m => msgIds.Contains(m.ExternalId)), s => s.Id, m => m.SessionId, (s, m) => new { m.Id, SessionId = s.ExternalId, MsgId = m.ExternalId }).ToListAsync(cancellationToken);
            foreach (var row in rows)
            {
                found.TryAdd(new MessageName(bizCode, row.SessionId, row.MsgId), row.Id);
            }
        }
        return found;
    }

    private static IEnumerable<IReadOnlyList<(int Index, NewItem Item)>> Chunks(IReadOnlyList<NewItem> items)
    {
        var chunk = new List<(int, NewItem)>();
        var characters = 0L;
        foreach (var (index, item) in items.Index())
        {
            var size = item.Draft is { } draft ? draft.Input.Sum(m => (long)m.Content.Length) + draft.Memory.Sum(m => (long)m.Content.Length) + draft.References.Sum(r => (long)r.Length) + (draft.MetadataJson?.Length ?? 0) : 0;
            if (chunk.Count == ChunkSize || (chunk.Count > 0 && characters + size > ChunkCharacters))
            {
                yield return chunk;
                (chunk, characters) = ([], 0);
            }
            chunk.Add((index, item));
            characters += size;
        }
        yield return chunk;
    }

    private static Failure At(Failure failure, int index) => failure with { Field = string.Create(CultureInfo.InvariantCulture, $"items[{index}].{failure.Field}") };

    private sealed record Stored(long SampleId, string BizCode, long? MessageId);

    /// <summary>Puts samples into one set, chunk by chunk, and counts.</summary>
    private sealed class Filling(long setId, int position, string addedBy, DateTime utcNow)
    {
        private int _position = position;

        public int Added { get; private set; }
        public int AlreadyThere { get; private set; }
        public int Refreshed { get; private set; }
        public HashSet<string> BizCodes { get; } = new(StringComparer.Ordinal);

        public async Task TakeAsync(LLMEvalDbContext db, IReadOnlyList<Stored> samples, CancellationToken cancellationToken)
        {
            var sampleIds = samples.Select(s => s.SampleId).Distinct().ToList();
            var messageIds = samples.Select(s => s.MessageId).OfType<long>().Distinct().ToList();
            var held = (await db.SetItems.AsNoTracking().Where(i => i.SetId == setId && sampleIds.Contains(i.SampleId)).Select(i => i.SampleId).ToListAsync(cancellationToken)).ToHashSet();
            var ofMessage = (await db.SetItems.Where(i => i.SetId == setId)
                    .Join(db.Samples.Where(s => s.MessageId != null && messageIds.Contains(s.MessageId.Value)), i => i.SampleId, s => s.Id, (i, s) => new { Item = i, MessageId = s.MessageId!.Value })
                    .ToListAsync(cancellationToken))
                .ToLookup(p => p.MessageId, p => p.Item);
            var others = samples.Where(s => s.MessageId is not null).SelectMany(s => ofMessage[s.MessageId!.Value].Where(i => i.SampleId != s.SampleId)).Select(i => i.SampleId).Distinct().ToList();
            var edited = await TakeSample.EditedAsync(db, others, cancellationToken);
            foreach (var sample in samples)
            {
                BizCodes.Add(sample.BizCode);
                if (!held.Add(sample.SampleId))
                {
                    AlreadyThere++;
                }
                else if (sample.MessageId is { } messageId && ofMessage[messageId].FirstOrDefault() is { } item)
                {
                    if (edited.Contains(item.SampleId))
                    {
                        AlreadyThere++;
                        continue;
                    }
                    item.SampleId = sample.SampleId;
                    Refreshed++;
                }
                else
                {
                    db.SetItems.Add(new SetItem { SetId = setId, SampleId = sample.SampleId, Position = _position++, AddedAt = utcNow, AddedByName = addedBy });
                    Added++;
                }
            }
            await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }
}

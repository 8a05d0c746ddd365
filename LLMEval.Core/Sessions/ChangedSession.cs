using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sessions;

/// <summary>
/// Brings a stored session to what its source says now. Messages are told apart by their fingerprints: only different ones are rewritten and get a new update time. Messages and
/// memory points that the source no longer lists are kept, in their place by time: sources often send only the newest part of a conversation, and labels may hang on the rest.
/// </summary>
internal static class ChangedSession
{
    private const int Chunk = 500;

    public static async Task UpdateAsync(LLMEvalDbContext db, long sessionId, PreparedSession prepared, TimeChoice choice, DateTime now, IngestTally tally, CancellationToken cancellationToken)
    {
        var record = prepared.Record;
        var session = await db.Sessions.SingleAsync(s => s.Id == sessionId, cancellationToken);
        var stored = await db.Messages.AsNoTracking()
            .Where(m => m.SessionId == sessionId)
            .OrderBy(m => m.Ordinal).ThenBy(m => m.Id)
            .Select(m => new StoredMessage(m.Id, m.ExternalId, m.ContentHash, m.Ordinal, m.SentAt))
            .ToListAsync(cancellationToken);
        // Times that were inferred before stay where they were, unless the importer chooses others.
        var times = SentTimes.Of(record.Messages, record.StartedAt ?? choice.StartOf(record, now) ?? session.StartedAt, now);
        var places = Places(record, times, stored);

        await StoreMessagesAsync(db, sessionId, prepared, times, places, stored, now, tally, cancellationToken);
        if (session.RobotId != record.RobotId || session.UserId != record.UserId)
        {
            await db.Messages.Where(m => m.SessionId == sessionId)
                .ExecuteUpdateAsync(set => set.SetProperty(m => m.RobotId, record.RobotId).SetProperty(m => m.UserId, record.UserId), cancellationToken);
            MessageChanges.Note(db, stored.Select(m => m.Id));
        }
        var memoryCount = await StoreMemoryAsync(db, sessionId, record.Memory, cancellationToken);
        await StoreTagsAsync(db, sessionId, record.Tags, cancellationToken);

        session.RobotId = record.RobotId;
        session.UserId = record.UserId;
        session.RobotName = record.RobotName;
        session.Language = record.Language;
        session.SystemPrompt = record.SystemPrompt;
        session.ExtraJson = record.ExtraJson;
        session.ContentHash = prepared.ContentHash;
        session.UpdatedAt = now;
        session.MemoryCount = memoryCount;
        session.MessageCount = places.Count;
        session.BotMessageCount = await db.Messages.CountAsync(m => m.SessionId == sessionId && m.SenderType == SenderType.Bot, cancellationToken);
        if (places.Count > 0)
        {
            session.StartedAt = record.StartedAt ?? places.Min(p => p.SentAt);
            session.LastMessageAt = places.Max(p => p.SentAt);
        }
        else
        {
            session.StartedAt = record.StartedAt ?? session.StartedAt;
        }
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        tally.Updated++;
    }

    /// <summary>All messages of the session in their new order: those of the source in its order, kept ones before the first that is later than they.</summary>
    private static List<Place> Places(SessionRecord record, DateTime[] times, List<StoredMessage> stored)
    {
        var listed = record.Messages.Select(m => m.MessageId).ToHashSet(StringComparer.Ordinal);
        var kept = new Queue<StoredMessage>(stored.Where(m => !listed.Contains(m.ExternalId)));
        var places = new List<Place>(record.Messages.Count + kept.Count);
        for (var i = 0; i < times.Length; i++)
        {
            while (kept.TryPeek(out var older) && older.SentAt <= times[i])
            {
                places.Add(new Place(kept.Dequeue(), null, older.SentAt));
            }
            places.Add(new Place(null, i, times[i]));
        }
        places.AddRange(kept.Select(m => new Place(m, null, m.SentAt)));
        return places;
    }

    private static async Task StoreMessagesAsync(
        LLMEvalDbContext db, long sessionId, PreparedSession prepared, DateTime[] times, List<Place> places, List<StoredMessage> stored, DateTime now, IngestTally tally, CancellationToken cancellationToken)
    {
        var byId = stored.ToDictionary(m => m.ExternalId, StringComparer.Ordinal);
        var added = new List<Message>();
        var withGeneration = new Dictionary<string, GenerationRecord>(StringComparer.Ordinal);
        var rewritten = new List<long>();
        var moved = new List<long>();
        var pending = 0;
        for (var ordinal = 0; ordinal < places.Count; ordinal++)
        {
            var place = places[ordinal];
            if (place.Source is not { } index)
            {
                Move(place.Kept!, ordinal, place.SentAt);
            }
            else
            {
                var source = prepared.Record.Messages[index];
                var hash = prepared.MessageHashes[index];
                byId.TryGetValue(source.MessageId, out var before);
                if (before is not null && before.ContentHash == hash)
                {
                    Move(before, ordinal, place.SentAt);
                }
                else
                {
                    if (source.Generation is { } generation)
                    {
                        withGeneration.Add(source.MessageId, generation);
                    }
                    var row = SessionRows.Message(prepared.Record, hash, sessionId, index, ordinal, times[index], now);
                    if (before is null)
                    {
                        added.Add(row);
                    }
                    else
                    {
                        row.Id = before.Id;
                        db.Update(row);
                        rewritten.Add(before.Id);
                        pending++;
                    }
                }
            }
            if (pending >= Chunk)
            {
                await SaveAsync();
            }
        }
        await SaveAsync();
        foreach (var ids in rewritten.Chunk(Chunk))
        {
            await db.Generations.Where(g => ids.Contains(g.MessageId)).ExecuteDeleteAsync(cancellationToken);
        }
        var highest = await MessageChanges.HighestIdAsync(db, cancellationToken);
        tally.NewMessages += await BulkWriter.InsertAsync(db, added, cancellationToken);
        if (added.Count > 0)
        {
            await MessageChanges.NoteInsertedAsync(db, highest, cancellationToken);
        }
        MessageChanges.Note(db, rewritten.Concat(moved));
        tally.ChangedMessages += rewritten.Count;
        await StoreGenerationsAsync(db, sessionId, withGeneration, cancellationToken);

        // Not a change of the message: its update time stays.
        void Move(StoredMessage message, int ordinal, DateTime sentAt)
        {
            if (message.Ordinal == ordinal && message.SentAt == sentAt)
            {
                return;
            }
            var row = new Message { Id = message.Id, Ordinal = message.Ordinal, SentAt = message.SentAt };
            db.Attach(row);
            row.Ordinal = ordinal;
            row.SentAt = sentAt;
            if (message.SentAt != sentAt)
            {
                moved.Add(message.Id);
            }
            pending++;
        }

        async Task SaveAsync()
        {
            if (pending > 0)
            {
                await db.SaveChangesAsync(cancellationToken);
                foreach (var entry in db.ChangeTracker.Entries<Message>().ToList())
                {
                    entry.State = EntityState.Detached;
                }
                pending = 0;
            }
        }
    }

    private static async Task StoreGenerationsAsync(LLMEvalDbContext db, long sessionId, Dictionary<string, GenerationRecord> generations, CancellationToken cancellationToken)
    {
        foreach (var ids in generations.Keys.Chunk(Chunk))
        {
            var rows = await db.Messages.AsNoTracking()
                .Where(m => m.SessionId == sessionId && ids.Contains(m.ExternalId))
                .Select(m => new { m.Id, m.ExternalId })
                .ToListAsync(cancellationToken);
            await BulkWriter.InsertAsync(db, rows.Select(r => SessionRows.Generation(generations[r.ExternalId], r.Id)), cancellationToken);
        }
    }

    private static async Task<int> StoreMemoryAsync(LLMEvalDbContext db, long sessionId, IReadOnlyList<MemoryRecord> memory, CancellationToken cancellationToken)
    {
        var stored = await db.MemoryPoints.Where(m => m.SessionId == sessionId).ToDictionaryAsync(m => m.ExternalId, StringComparer.Ordinal, cancellationToken);
        var listed = memory.Select(m => m.MemoryId).ToHashSet(StringComparer.Ordinal);
        var count = stored.Count;
        for (var i = 0; i < memory.Count; i++)
        {
            var source = memory[i];
            if (!stored.TryGetValue(source.MemoryId, out var point))
            {
                db.Add(SessionRows.MemoryPoint(source, sessionId, i));
                count++;
                continue;
            }
            point.Content = source.Content;
            point.CreatedAt = source.CreatedAt;
            point.ChangedAt = source.ChangedAt;
            point.ExtraJson = source.ExtraJson;
            point.Ordinal = i;
        }
        var next = memory.Count;
        foreach (var kept in stored.Values.Where(m => !listed.Contains(m.ExternalId)).OrderBy(m => m.Ordinal))
        {
            kept.Ordinal = next++;
        }
        return count;
    }

    private static async Task StoreTagsAsync(LLMEvalDbContext db, long sessionId, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var stored = await db.SessionTags.Where(t => t.SessionId == sessionId).ToListAsync(cancellationToken);
        db.RemoveRange(stored.Where(t => !t.IsGivenHere && !tags.Contains(t.Name, StringComparer.Ordinal)));
        db.AddRange(tags.Except(stored.Select(t => t.Name), StringComparer.Ordinal).Select(name => new SessionTag { SessionId = sessionId, Name = name }));
    }

    private sealed record StoredMessage(long Id, string ExternalId, string ContentHash, int Ordinal, DateTime SentAt);

    /// <summary>Either a message of the source, by its index there, or one that is only stored.</summary>
    private sealed record Place(StoredMessage? Kept, int? Source, DateTime SentAt);
}

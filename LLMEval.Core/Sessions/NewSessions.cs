using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sessions;

/// <summary>Inserts sessions that the database does not have, with all that belongs to them.</summary>
internal static class NewSessions
{
    public static async Task InsertAsync(LLMEvalDbContext db, List<PreparedSession> sessions, TimeChoice choice, DateTime now, IngestTally tally, CancellationToken cancellationToken)
    {
        if (sessions.Count == 0)
        {
            return;
        }
        var times = sessions.ConvertAll(s => SentTimes.Of(s.Record.Messages, s.Record.StartedAt ?? choice.StartOf(s.Record, now), now));
        await BulkWriter.InsertAsync(db, sessions.Select((s, i) => Row(s, times[i], choice, now)), cancellationToken);
        var ids = await IdsAsync(db, sessions, cancellationToken);

        tally.New += sessions.Count;
        var highest = await MessageChanges.HighestIdAsync(db, cancellationToken);
        tally.NewMessages += await BulkWriter.InsertAsync(db, Messages(), cancellationToken);
        await MessageChanges.NoteInsertedAsync(db, highest, cancellationToken);
        await BulkWriter.InsertAsync(db, sessions.SelectMany((s, i) => s.Record.Memory.Select((m, n) => SessionRows.MemoryPoint(m, ids[i], n))), cancellationToken);
        await BulkWriter.InsertAsync(db, sessions.SelectMany((s, i) => s.Record.Tags.Select(tag => new SessionTag { SessionId = ids[i], Name = tag })), cancellationToken);
        await InsertGenerationsAsync(db, sessions, ids, cancellationToken);

        IEnumerable<Message> Messages()
        {
            for (var i = 0; i < sessions.Count; i++)
            {
                for (var n = 0; n < sessions[i].Record.Messages.Count; n++)
                {
                    yield return SessionRows.Message(sessions[i].Record, sessions[i].MessageHashes[n], ids[i], n, n, times[i][n], now);
                }
            }
        }
    }

    private static Session Row(PreparedSession prepared, DateTime[] times, TimeChoice choice, DateTime now)
    {
        var record = prepared.Record;
        var start = record.StartedAt ?? (times.Length > 0 ? times.Min() : choice.StartOf(record, now) ?? now);
        return new Session
        {
            BizCode = record.BizCode,
            ExternalId = record.SessionId,
            RobotId = record.RobotId,
            UserId = record.UserId,
            RobotName = record.RobotName,
            Language = record.Language,
            SystemPrompt = record.SystemPrompt,
            StartedAt = start,
            LastMessageAt = times.Length > 0 ? times.Max() : start,
            UpdatedAt = now,
            MessageCount = record.Messages.Count,
            BotMessageCount = record.Messages.Count(m => m.SenderType == SenderType.Bot),
            MemoryCount = record.Memory.Count,
            ContentHash = prepared.ContentHash,
            ExtraJson = record.ExtraJson,
        };
    }

    private static async Task<long[]> IdsAsync(LLMEvalDbContext db, List<PreparedSession> sessions, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<(string, string), long>(sessions.Count);
        foreach (var group in sessions.GroupBy(s => s.Record.BizCode, s => s.Record.SessionId))
        {
            var bizCode = group.Key;
            var wanted = group.ToList();
            var rows = await db.Sessions.AsNoTracking()
                .Where(s => s.BizCode == bizCode && wanted.Contains(s.ExternalId))
                .Select(s => new { s.Id, s.ExternalId })
                .ToListAsync(cancellationToken);
            foreach (var row in rows)
            {
                ids.Add((bizCode, row.ExternalId), row.Id);
            }
        }
        return [.. sessions.Select(s => ids[s.Key])];
    }

    private static async Task InsertGenerationsAsync(LLMEvalDbContext db, List<PreparedSession> sessions, long[] ids, CancellationToken cancellationToken)
    {
        var positions = new Dictionary<long, int>();
        for (var i = 0; i < sessions.Count; i++)
        {
            if (sessions[i].Record.Messages.Any(m => m.Generation is not null))
            {
                positions.Add(ids[i], i);
            }
        }
        if (positions.Count == 0)
        {
            return;
        }
        var withGenerations = positions.Keys.ToList();
        var rows = await db.Messages.AsNoTracking()
            .Where(m => withGenerations.Contains(m.SessionId))
            .Select(m => new { m.Id, m.SessionId, m.Ordinal })
            .ToListAsync(cancellationToken);
        var generations = rows
            .Select(r => (r.Id, sessions[positions[r.SessionId]].Record.Messages[r.Ordinal].Generation))
            .Where(r => r.Generation is not null)
            .Select(r => SessionRows.Generation(r.Generation!, r.Id));
        await BulkWriter.InsertAsync(db, generations, cancellationToken);
    }
}

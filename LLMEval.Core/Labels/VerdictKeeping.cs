using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>Keeps <see cref="MessageVerdict"/> true to the labels, within the transaction that changes them.</summary>
internal static class VerdictKeeping
{
    private static readonly MicrosecondsConverter Microseconds = new();
    private const string Insert = "INSERT INTO MessageVerdicts (MessageId, SessionId, BizCode, GoodCount, BadCount, Source, IsDisputed, ChangedAt, SettledVersion) VALUES ({0}, {1}, {2}, 0, 0, 'Majority', {3}, {4}, 0) ";
    private const string OnSqlite = Insert + "ON CONFLICT(MessageId) DO NOTHING";
    private const string OnMySql = Insert + "ON DUPLICATE KEY UPDATE MessageId = MessageId";

    /// <summary>
    /// Takes the rows of the messages for this transaction, making those that are missing. The first statement of the transaction, so that what is read after it is what the one before left;
    /// in the order of ids, so that two people with the same messages wait instead of blocking each other.
    /// </summary>
    public static async Task LockAsync(LLMEvalDbContext db, IEnumerable<MessageOwner> owners, DateTime utcNow, CancellationToken cancellationToken)
    {
        var sql = db.Database.IsSqlite() ? OnSqlite : OnMySql;
        object now = db.Database.IsSqlite() ? Microseconds.ConvertToProviderTyped(utcNow) : utcNow;
        foreach (var owner in owners.OrderBy(o => o.MessageId))
        {
            await db.Database.ExecuteSqlRawAsync(sql, [owner.MessageId, owner.SessionId, owner.BizCode, false, now], cancellationToken);
        }
    }

    /// <summary>Counts the labels of the messages again and says what follows. A row that says nothing any more goes.</summary>
    public static async Task ResolveAsync(LLMEvalDbContext db, IReadOnlyCollection<long> messageIds, DateTime utcNow, CancellationToken cancellationToken)
    {
        var counts = (await db.Labels.AsNoTracking().Where(l => messageIds.Contains(l.MessageId)).GroupBy(l => new { l.MessageId, l.Verdict })
            .Select(g => new { g.Key.MessageId, g.Key.Verdict, Count = g.Count() }).ToListAsync(cancellationToken)).ToDictionary(c => (c.MessageId, c.Verdict), c => c.Count);
        foreach (var row in await db.MessageVerdicts.Where(v => messageIds.Contains(v.MessageId)).ToListAsync(cancellationToken))
        {
            (row.GoodCount, row.BadCount) = (counts.GetValueOrDefault((row.MessageId, Verdict.Good)), counts.GetValueOrDefault((row.MessageId, Verdict.Bad)));
            row.ChangedAt = utcNow;
            row.IsDisputed = row is { SettledAt: null, GoodCount: > 0, BadCount: > 0 };
            if (row.SettledAt is null)
            {
                (row.Verdict, row.Source, row.Confidence) = (MajorityOf(row.GoodCount, row.BadCount), VerdictSource.Majority, null);
            }
            if (row is { SettledAt: null, GoodCount: 0, BadCount: 0 })
            {
                db.MessageVerdicts.Remove(row);
            }
        }
        await db.SaveChangesAsync(cancellationToken);
    }

    private static Verdict? MajorityOf(int good, int bad) => good > bad ? Verdict.Good : bad > good ? Verdict.Bad : null;
}

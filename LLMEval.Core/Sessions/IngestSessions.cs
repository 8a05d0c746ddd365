using System.Data;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sessions;

/// <summary>Whether to store, or only to tell what storing would do.</summary>
public enum IngestMode { Store, Compare }

/// <param name="Source">Where the sessions come from, for the audit log: a file's name, not its content.</param>
public sealed record IngestRequest(IReadOnlyList<SessionRecord> Sessions, string Source)
{
    public TimeChoice Times { get; init; } = TimeChoice.Import;
    public IngestMode Mode { get; init; }

    /// <summary>Fingerprints of sessions compared before, by business line and id; comparing adds to them.</summary>
    internal Dictionary<(string, string), string>? Seen { get; init; }
}

/// <summary>A session that was not taken; <paramref name="Index"/> is its place in the request.</summary>
public sealed record RejectedSession(int Index, Rejection Rejection);

public sealed record IngestOutcome(int New, int Updated, int Unchanged, int NewMessages, int ChangedMessages, IReadOnlyList<RejectedSession> Rejected);

/// <summary>
/// Stores recorded sessions, in one transaction, identified by business line and session id. Safe to call twice and from several importers at once: an unchanged session costs
/// one comparison, a changed one has only what differs rewritten. Labels survive, since a message keeps its row. A session that comes twice in a request is updated by the later one.
/// </summary>
public sealed class IngestSessions(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const int Attempts = 6;

    public async Task<Result<IngestOutcome>> ExecuteAsync(IngestRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SessionsImport) is { } refusal)
        {
            return refusal;
        }
        var rejected = new List<RejectedSession>();
        var accepted = new List<PreparedSession>(request.Sessions.Count);
        for (var i = 0; i < request.Sessions.Count; i++)
        {
            var session = request.Sessions[i];
            if (actor.Sees(session.BizCode))
            {
                accepted.Add(PreparedSession.Of(session, request.Times));
            }
            else
            {
                rejected.Add(new RejectedSession(i, new Rejection(Rejection.OutOfScope, session.BizCode)));
            }
        }
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var tally = await StoreAsync(request, accepted, actor, cancellationToken);
                return new IngestOutcome(tally.New, tally.Updated, tally.Unchanged, tally.NewMessages, tally.ChangedMessages, rejected);
            }
            catch (Exception e) when (attempt < Attempts && DatabaseErrors.IsWorthRepeating(e))
            {
                // Another importer stored one of these sessions first, or held a lock: seen again, they are updates.
                // The wait is for the other's transaction, so it is real time even where a test holds the clock.
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt * attempt), cancellationToken);
            }
        }
    }

    private async Task<IngestTally> StoreAsync(IngestRequest request, List<PreparedSession> sessions, Actor actor, CancellationToken cancellationToken)
    {
        var tally = new IngestTally();
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var known = await KnownAsync(db, sessions, cancellationToken);
        if (request.Mode == IngestMode.Compare)
        {
            Compare(sessions, known, request.Seen ?? [], tally);
            return tally;
        }
        if (sessions.All(s => known.TryGetValue(s.Key, out var found) && found.ContentHash == s.ContentHash))
        {
            // No write lock for what changes nothing.
            tally.Unchanged = sessions.Count;
            return tally;
        }
        // Read committed: rows that another importer committed while we waited for a lock are seen, where a snapshot would hide them.
        await using var transaction = db.Database.IsSqlite()
            ? await db.Database.BeginTransactionAsync(cancellationToken)
            : await db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        foreach (var round in Rounds(sessions))
        {
            if (tally.Rounds++ > 0)
            {
                known = await KnownAsync(db, round, cancellationToken);
            }
            var fresh = round.Where(s => !known.ContainsKey(s.Key)).ToList();
            await NewSessions.InsertAsync(db, fresh, request.Times, now, tally, cancellationToken);
            foreach (var session in round)
            {
                if (!known.TryGetValue(session.Key, out var found))
                {
                    continue;
                }
                if (found.ContentHash == session.ContentHash)
                {
                    tally.Unchanged++;
                    continue;
                }
                await ChangedSession.UpdateAsync(db, found.Id, session, request.Times, now, tally, cancellationToken);
            }
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "sessions.ingest", Preview.Of(request.Source), null, new { tally.New, tally.Updated, tally.NewMessages, tally.ChangedMessages }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return tally;
    }

    private static void Compare(List<PreparedSession> sessions, Dictionary<(string, string), KnownSession> known, Dictionary<(string, string), string> seen, IngestTally tally)
    {
        foreach (var (key, session) in known)
        {
            seen.TryAdd(key, session.ContentHash);
        }
        foreach (var session in sessions)
        {
            if (!seen.TryGetValue(session.Key, out var hash))
            {
                tally.New++;
                tally.NewMessages += session.Record.Messages.Count;
            }
            else if (hash == session.ContentHash)
            {
                tally.Unchanged++;
            }
            else
            {
                tally.Updated++;
            }
            seen[session.Key] = session.ContentHash;
        }
    }

    /// <summary>Splits the sessions such that none comes twice in a round, keeping their order.</summary>
    private static IEnumerable<List<PreparedSession>> Rounds(List<PreparedSession> sessions)
    {
        var round = new List<PreparedSession>(sessions.Count);
        var keys = new HashSet<(string, string)>();
        foreach (var session in sessions)
        {
            if (!keys.Add(session.Key))
            {
                yield return round;
                round = [];
                keys = [session.Key];
            }
            round.Add(session);
        }
        yield return round;
    }

    private static async Task<Dictionary<(string, string), KnownSession>> KnownAsync(LLMEvalDbContext db, List<PreparedSession> sessions, CancellationToken cancellationToken)
    {
        var known = new Dictionary<(string, string), KnownSession>();
        foreach (var (bizCode, ids) in sessions.GroupBy(s => s.Record.BizCode, s => s.Record.SessionId).Select(g => (g.Key, g.Distinct().ToList())))
        {
            var rows = await db.Sessions.AsNoTracking()
                .Where(s => s.BizCode == bizCode && ids.Contains(s.ExternalId))
                .Select(s => new KnownSession(s.Id, s.ExternalId, s.ContentHash))
                .ToListAsync(cancellationToken);
            foreach (var row in rows)
            {
                known.Add((bizCode, row.ExternalId), row);
            }
        }
        return known;
    }

    private sealed record KnownSession(long Id, string ExternalId, string ContentHash);
}

/// <summary>A session with its fingerprints, reckoned before any lock is taken.</summary>
internal sealed record PreparedSession(SessionRecord Record, IReadOnlyList<string> MessageHashes, string ContentHash)
{
    public (string, string) Key => (Record.BizCode, Record.SessionId);

    public static PreparedSession Of(SessionRecord record, TimeChoice times)
    {
        var hashes = new string[record.Messages.Count];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = SessionFingerprint.OfMessage(record.Messages[i]);
        }
        return new PreparedSession(record, hashes, SessionFingerprint.OfSession(record, hashes, times));
    }
}

internal sealed class IngestTally
{
    public int Rounds { get; set; }
    public int New { get; set; }
    public int Updated { get; set; }
    public int Unchanged { get; set; }
    public int NewMessages { get; set; }
    public int ChangedMessages { get; set; }
}

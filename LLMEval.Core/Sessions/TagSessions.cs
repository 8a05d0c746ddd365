using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sessions;

public sealed record TagSessionsRequest(IReadOnlyList<long> SessionIds, IReadOnlyList<string> Add, IReadOnlyList<string> Remove);

/// <summary>Gives sessions tags and takes tags from them. What a person gives, an import leaves alone.</summary>
public sealed class TagSessions(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxSessions = 1000;
    public const int MaxTags = 20;

    /// <summary>Gives the number of sessions that have other tags than before. Sessions beyond the actor's scope are passed over.</summary>
    public async Task<Result<int>> ExecuteAsync(TagSessionsRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } refusal)
        {
            return refusal;
        }
        if (request.SessionIds.Count is 0 or > MaxSessions)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.SessionIds), 1, MaxSessions);
        }
        var add = request.Add.Select(t => t.Trim()).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (add.Exists(t => t.Length > SessionTag.MaxLength) || add.Count > MaxTags)
        {
            return Failure.Invalid("SessionTags", nameof(request.Add), MaxTags, SessionTag.MaxLength);
        }
        var remove = request.Remove.Except(add, StringComparer.Ordinal).ToList();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = await db.Sessions.Visible(actor).Where(s => request.SessionIds.Contains(s.Id)).Select(s => s.Id).ToListAsync(cancellationToken);
        var stored = (await db.SessionTags.Where(t => ids.Contains(t.SessionId)).ToListAsync(cancellationToken)).ToLookup(t => t.SessionId);
        var changed = 0;
        foreach (var id in ids)
        {
            var taken = stored[id].Where(t => remove.Contains(t.Name, StringComparer.Ordinal)).ToList();
            var given = add.Except(stored[id].Select(t => t.Name), StringComparer.Ordinal).Select(name => new SessionTag { SessionId = id, Name = name, IsGivenHere = true }).ToList();
            db.SessionTags.RemoveRange(taken);
            db.SessionTags.AddRange(given);
            changed += taken.Count + given.Count > 0 ? 1 : 0;
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "sessions.tag", string.Join(", ", add), null, new { Sessions = changed, Add = add, Remove = remove }));
        await db.SaveChangesAsync(cancellationToken);
        return changed;
    }
}

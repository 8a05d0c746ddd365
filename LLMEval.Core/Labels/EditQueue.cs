using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <param name="AssigneeIds">Accounts that label; empty: everybody who may.</param>
public sealed record EditQueueRequest(long QueueId, string Name, string? Instructions, IReadOnlyList<long> AssigneeIds, bool IsBlind, QueueConsensus Consensus, bool IsClosed);

/// <summary>Changes what may change of a queue that people work on; its messages and its overlap do not.</summary>
public sealed class EditQueue(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxInstructionsLength = 10_000;

    public async Task<Result<long>> ExecuteAsync(EditQueueRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsManage) is { } forbidden)
        {
            return forbidden;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var queue = await db.VisibleQueues(actor).Include(q => q.Assignees).FirstOrDefaultAsync(q => q.Id == request.QueueId, cancellationToken);
        if (queue is null)
        {
            return Failure.NotFound("QueueNotFound");
        }
        var people = await PeopleAsync(db, request.AssigneeIds, cancellationToken);
        if (Problem(request.Name, request.Instructions, request.AssigneeIds, people, queue.Overlap) is { } problem)
        {
            return problem;
        }
        (queue.Name, queue.Instructions, queue.IsBlind, queue.Consensus, queue.IsClosed) = (request.Name.Trim(), Trimmed(request.Instructions), request.IsBlind, request.Consensus, request.IsClosed);
        queue.Assignees.RemoveAll(a => people.All(p => p.UserId != a.UserId));
        queue.Assignees.AddRange(people.Where(p => queue.Assignees.All(a => a.UserId != p.UserId)));
        db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "queue.edit", "queue", queue.Id, new { request.Name, request.IsClosed, request.AssigneeIds }));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsWorthRepeating(e))
        {
            return Failure.Conflict("QueueNameTaken", request.Name.Trim()) with { Field = "name" };
        }
        return queue.Id;
    }

    /// <summary>Those of the accounts that there are and that may label.</summary>
    internal static async Task<List<QueueAssignee>> PeopleAsync(LLMEvalDbContext db, IReadOnlyList<long> userIds, CancellationToken cancellationToken)
    {
        var found = await db.Users.AsNoTracking()
            .Where(u => userIds.Contains(u.Id) && !u.IsDisabled && db.UserRoles.Any(r => r.UserId == u.Id && db.RolePermissions.Any(p => p.RoleId == r.RoleId && p.Permission == Permissions.LabelsWrite)))
            .Select(u => new { u.Id, u.DisplayName, u.Email }).ToListAsync(cancellationToken);
        return [.. found.Select(u => new QueueAssignee { UserId = u.Id, UserName = u.DisplayName.Length > 0 ? u.DisplayName : u.Email ?? "" })];
    }

    internal static Failure? Problem(string name, string? instructions, IReadOnlyList<long> wanted, IReadOnlyList<QueueAssignee> people, int overlap)
    {
        if (name.Trim().Length is 0 or > LabelQueue.MaxNameLength)
        {
            return Failure.Invalid("QueueNameLength", "name", LabelQueue.MaxNameLength);
        }
        if (instructions?.Length > MaxInstructionsLength)
        {
            return Failure.Invalid("TextTooLong", "instructions", MaxInstructionsLength);
        }
        if (people.Count < wanted.Distinct().Count())
        {
            return Failure.Invalid("AssigneeMayNotLabel", "assignees");
        }
        // With fewer people than labels a message, the queue could never be done.
        return people.Count > 0 && people.Count < overlap ? Failure.Invalid("TooFewAssignees", "assignees", overlap, people.Count) : null;
    }

    internal static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

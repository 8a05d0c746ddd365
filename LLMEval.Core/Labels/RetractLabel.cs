using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>Takes one's own label of a message back; its history stays.</summary>
public sealed class RetractLabel(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(long messageId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.FindOwnerAsync(messageId, actor, cancellationToken) is null)
        {
            return Failure.NotFound("MessageNotFound");
        }
        var label = await db.Labels.Include(l => l.Tags).AsSplitQuery().FirstOrDefaultAsync(l => l.MessageId == messageId && l.AnnotatorId == actor.UserId, cancellationToken);
        if (label is null)
        {
            return Failure.NotFound("LabelNotFound");
        }
        var now = clock.GetUtcNow().UtcDateTime;
        db.LabelRevisions.Add(new LabelRevision { MessageId = messageId, AnnotatorId = actor.UserId, ActorName = actor.Name, At = now, BeforeJson = Json.Write(LabelRow.Of(label)) });
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "label.retract", "message", messageId));
        db.Labels.Remove(label);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Failure.Conflict("LabelChangedMeanwhile");
        }
        return messageId;
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>Takes back one's own latest change of a message's label that is not taken back yet; asked again, the one before it.</summary>
public sealed class UndoLabel(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>The label as it is now; null when there is none any more.</summary>
    public async Task<Result<LabelRow?>> ExecuteAsync(long messageId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        return await Repeating.Async<Result<LabelRow?>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            if (await db.FindOwnerAsync(messageId, actor, cancellationToken) is not { } owner)
            {
                return Failure.NotFound("MessageNotFound");
            }
            var now = clock.GetUtcNow().UtcDateTime;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await VerdictKeeping.LockAsync(db, [owner], now, cancellationToken);
            var revision = await db.LabelRevisions.Where(r => r.MessageId == messageId && r.AnnotatorId == actor.UserId && !r.IsUndo && !r.IsUndone).OrderByDescending(r => r.Id).FirstOrDefaultAsync(cancellationToken);
            if (revision is null)
            {
                return Failure.NotFound("NothingToUndo");
            }
            revision.IsUndone = true;
            var restored = await RestoreAsync(db, owner, revision.BeforeJson is { } json ? Json.Read<LabelRow>(json) : null, actor, now, cancellationToken);
            // What was just written is the undoing itself; undoing again must go further back, not forth.
            var written = await db.LabelRevisions.Where(r => r.MessageId == messageId && r.AnnotatorId == actor.UserId).OrderByDescending(r => r.Id).FirstAsync(cancellationToken);
            written.IsUndo = written.Id != revision.Id;
            await VerdictKeeping.ResolveAsync(db, [messageId], now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return restored;
        });
    }

    private static async Task<LabelRow?> RestoreAsync(LLMEvalDbContext db, MessageOwner owner, LabelRow? before, Actor actor, DateTime now, CancellationToken cancellationToken)
    {
        if (before is not null)
        {
            var request = new LabelRequest(owner.MessageId, before.Verdict, before.Score, before.GroundTruth, before.Prediction, before.Tags, before.Comment);
            return LabelRow.Of((await LabelWriting.SetAsync(db, owner, request, before.Scale, Annotator.Of(actor), actor, now, cancellationToken)).Value!);
        }
        if (await LabelWriting.FindAsync(db, owner.MessageId, actor.UserId, cancellationToken) is { } label)
        {
            await LabelWriting.RemoveAsync(db, label, actor, now, cancellationToken);
        }
        return null;
    }
}

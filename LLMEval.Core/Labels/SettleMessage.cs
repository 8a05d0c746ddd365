using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <param name="ExpectedVersion">The settlement's version that was on the screen; 0 where there was none.</param>
public sealed record SettlementRequest(long MessageId, Verdict Verdict, SettlementReason Reason, double? Score, string? GroundTruth, string? Comment, int ExpectedVersion);

/// <summary>Says what counts of a message that people judged differently. Their labels stay as they are; samples, references and metrics use this one.</summary>
public sealed class SettleMessage(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(SettlementRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsAdjudicate) is { } forbidden)
        {
            return forbidden;
        }
        if (!Enum.IsDefined(request.Reason))
        {
            return Failure.Invalid("ReasonUnknown", "reason");
        }
        return await ChangeAsync(request.MessageId, request.ExpectedVersion, actor, "label.settle", async (db, _, now) =>
        {
            var label = new LabelRequest(request.MessageId, request.Verdict, request.Score, request.GroundTruth, null, null, request.Comment);
            var check = await LabelMessage.CheckAsync(db, label, actor, cancellationToken);
            if (check.Failure is { } refusal)
            {
                return refusal;
            }
            await db.MessageVerdicts.Where(v => v.MessageId == request.MessageId).ExecuteUpdateAsync(u => u
                .SetProperty(v => v.Verdict, request.Verdict).SetProperty(v => v.Source, VerdictSource.Settled).SetProperty(v => v.Confidence, (double?)null)
                .SetProperty(v => v.SettledScore, request.Score).SetProperty(v => v.SettledScale, request.Score == null ? (ScoreScale?)null : check.Value.Scale)
                .SetProperty(v => v.SettledGroundTruth, EditQueue.Trimmed(request.GroundTruth)).SetProperty(v => v.Reason, request.Reason).SetProperty(v => v.SettledComment, EditQueue.Trimmed(request.Comment))
                .SetProperty(v => v.SettledById, actor.UserId).SetProperty(v => v.SettledByName, actor.Name).SetProperty(v => v.SettledAt, now)
                .SetProperty(v => v.SettledVersion, v => v.SettledVersion + 1), cancellationToken);
            return null;
        }, cancellationToken);
    }

    /// <summary>Takes the settlement back: the labels count again, and where they differ the message is disputed again.</summary>
    public async Task<Result<long>> UndoAsync(long messageId, int expectedVersion, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsAdjudicate) is { } forbidden)
        {
            return forbidden;
        }
        return await ChangeAsync(messageId, expectedVersion, actor, "label.unsettle", async (db, _, _) =>
        {
            await db.MessageVerdicts.Where(v => v.MessageId == messageId).ExecuteUpdateAsync(u => u
                .SetProperty(v => v.SettledScore, (double?)null).SetProperty(v => v.SettledScale, (ScoreScale?)null).SetProperty(v => v.SettledGroundTruth, (string?)null).SetProperty(v => v.Reason, (SettlementReason?)null)
                .SetProperty(v => v.SettledComment, (string?)null).SetProperty(v => v.SettledById, (long?)null).SetProperty(v => v.SettledByName, (string?)null).SetProperty(v => v.SettledAt, (DateTime?)null)
                .SetProperty(v => v.SettledVersion, v => v.SettledVersion + 1), cancellationToken);
            return null;
        }, cancellationToken);
    }

    private async Task<Result<long>> ChangeAsync(
        long messageId, int expectedVersion, Actor actor, string action, Func<LLMEvalDbContext, MessageOwner, DateTime, Task<Failure?>> change, CancellationToken cancellationToken) =>
        await Repeating.Async<Result<long>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            if (await db.FindOwnerAsync(messageId, actor, cancellationToken) is not { } owner)
            {
                return Failure.NotFound("MessageNotFound");
            }
            var now = clock.GetUtcNow().UtcDateTime;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await VerdictKeeping.LockAsync(db, [owner], now, cancellationToken);
            var before = await db.MessageVerdicts.AsNoTracking().FirstAsync(v => v.MessageId == messageId, cancellationToken);
            if (before.SettledVersion != expectedVersion)
            {
                return Failure.Conflict("SettledMeanwhile", before.SettledByName ?? "–");
            }
            if (before is { GoodCount: 0, BadCount: 0, SettledAt: null })
            {
                return Failure.Invalid("NothingToSettle");
            }
            if (await change(db, owner, now) is { } refusal)
            {
                return refusal;
            }
            await VerdictKeeping.ResolveAsync(db, [messageId], now, cancellationToken);
            var after = await db.MessageVerdicts.AsNoTracking().Where(v => v.MessageId == messageId).Select(v => new { v.Verdict, v.SettledScore, v.SettledGroundTruth, v.Reason, v.SettledComment }).FirstOrDefaultAsync(cancellationToken);
            db.AuditEntries.Add(AuditEntry.Of(actor, now, action, "message", messageId, new { before = new { before.Verdict, before.SettledScore, before.SettledGroundTruth, before.Reason, before.SettledComment }, after }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return messageId;
        });
}

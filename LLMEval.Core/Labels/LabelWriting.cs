using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>Whose label it is; not always who writes it, as an import shows.</summary>
internal sealed record Annotator(long Id, string Name)
{
    public static Annotator Of(Actor actor) => new(actor.UserId, actor.Name);
}

/// <summary>Checks labels and stores them with their history, in a transaction that holds <see cref="VerdictKeeping.LockAsync"/> of their messages.</summary>
internal static class LabelWriting
{
    public const int MaxTextLength = 20_000;
    public const int MaxTags = 20;

    /// <summary>The scale of the business line, else the one that holds for all, else 0–10.</summary>
    public static async Task<ScoreScale> ScaleOfAsync(LLMEvalDbContext db, string bizCode, CancellationToken cancellationToken) =>
        // The line's own code sorts after "".
        await db.LabelSchemes.AsNoTracking().Where(s => s.BizCode == bizCode || s.BizCode == "").OrderByDescending(s => s.BizCode)
            .Select(s => (ScoreScale?)s.Scale).FirstOrDefaultAsync(cancellationToken) ?? ScoreScale.ZeroToTen;

    public static List<string> Tags(LabelRequest request) => [.. (request.Tags ?? []).Select(t => t.Trim()).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal)];

    public static Failure? Problem(LabelRequest request, IReadOnlyList<string> tags, ScoreScale scale)
    {
        var (low, high, _) = scale.Bounds();
        if (!Enum.IsDefined(request.Verdict))
        {
            return Failure.Invalid("VerdictUnknown", "verdict");
        }
        if (request.Score is { } score && !(score >= low && score <= high))
        {
            return Failure.Invalid("ScoreOutOfRange", "score", low, high);
        }
        if (tags.Count > MaxTags || tags.Any(t => t.Length > LabelIssue.MaxNameLength))
        {
            return Failure.Invalid("TagsTooMany", "tags", MaxTags, LabelIssue.MaxNameLength);
        }
        foreach (var (field, text) in new[] { ("ground_truth", request.GroundTruth), ("prediction", request.Prediction), ("comment", request.Comment) })
        {
            if (text?.Length > MaxTextLength)
            {
                return Failure.Invalid("TextTooLong", field, MaxTextLength);
            }
        }
        return null;
    }

    /// <summary>Stores one label, checked before. Refuses a version that is not the current one any more.</summary>
    public static async Task<Result<Label>> SetAsync(LLMEvalDbContext db, MessageOwner owner, LabelRequest request, ScoreScale scale, Annotator annotator, Actor actor, DateTime now, CancellationToken cancellationToken)
    {
        var label = await FindAsync(db, owner.MessageId, annotator.Id, cancellationToken);
        if (request.ExpectedVersion is { } expected && expected != (label?.Version ?? 0))
        {
            return Failure.Conflict("LabelChangedMeanwhile");
        }
        // Version 1 may have been somebody's form already, if an earlier label was taken back: what was shown then must not pass for what is there now.
        var changes = label is null ? await db.LabelRevisions.Where(r => r.MessageId == owner.MessageId && r.AnnotatorId == annotator.Id).CountAsync(cancellationToken) : 0;
        label = Put(db, owner, label, changes, request, scale, annotator, actor, now, now);
        await db.SaveChangesAsync(cancellationToken);
        return label;
    }

    /// <summary>The same without asking or saving, for many at once.</summary>
    /// <param name="label">What is there, tracked with its tags; null where nothing is.</param>
    /// <param name="changes">How many revisions there are of a label that is not there now.</param>
    /// <param name="saidAt">When the person said it; an import tells that of others.</param>
    public static Label Put(
        LLMEvalDbContext db, MessageOwner owner, Label? label, int changes, LabelRequest request, ScoreScale scale, Annotator annotator, Actor actor, DateTime now, DateTime saidAt)
    {
        var before = label is null ? null : LabelRow.Of(label);
        if (label is null)
        {
            label = new Label { MessageId = owner.MessageId, SessionId = owner.SessionId, AnnotatorId = annotator.Id, CreatedAt = saidAt, Version = changes };
            db.Labels.Add(label);
        }
        Fill(label, request, Tags(request), scale, annotator, saidAt);
        db.LabelRevisions.Add(Revision(owner.MessageId, annotator.Id, actor, now, before, LabelRow.Of(label)));
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "label.set", "message", owner.MessageId, new { request.Verdict, annotator = annotator.Id == actor.UserId ? null : annotator.Name }));
        return label;
    }

    public static async Task RemoveAsync(LLMEvalDbContext db, Label label, Actor actor, DateTime now, CancellationToken cancellationToken)
    {
        db.LabelRevisions.Add(Revision(label.MessageId, label.AnnotatorId, actor, now, LabelRow.Of(label), null));
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "label.retract", "message", label.MessageId));
        db.Labels.Remove(label);
        await db.SaveChangesAsync(cancellationToken);
        // The queue that asked for this label asks again.
        await db.QueueSlots.Where(s => s.MessageId == label.MessageId && s.AnnotatorId == label.AnnotatorId && s.State == SlotState.Done)
            .ExecuteUpdateAsync(ClaimNext.Opened, cancellationToken);
    }

    public static Task<Label?> FindAsync(LLMEvalDbContext db, long messageId, long annotatorId, CancellationToken cancellationToken) =>
        db.Labels.Include(l => l.Tags).AsSplitQuery().FirstOrDefaultAsync(l => l.MessageId == messageId && l.AnnotatorId == annotatorId, cancellationToken);

    private static LabelRevision Revision(long messageId, long annotatorId, Actor actor, DateTime now, LabelRow? before, LabelRow? after) => new()
    {
        MessageId = messageId,
        AnnotatorId = annotatorId,
        ActorName = actor.Name,
        At = now,
        BeforeJson = before is null ? null : Json.Write(before),
        AfterJson = after is null ? null : Json.Write(after),
    };

    private static void Fill(Label label, LabelRequest request, List<string> tags, ScoreScale scale, Annotator annotator, DateTime now)
    {
        label.AnnotatorName = annotator.Name;
        label.Verdict = request.Verdict;
        label.Score = request.Score;
        label.Scale = scale;
        label.GroundTruth = NullIfBlank(request.GroundTruth);
        label.Prediction = NullIfBlank(request.Prediction);
        label.Comment = NullIfBlank(request.Comment);
        label.UpdatedAt = now;
        label.Version++;
        label.Tags.RemoveAll(t => !tags.Contains(t.Name));
        label.Tags.AddRange(tags.Where(t => label.Tags.All(old => old.Name != t)).Select(t => new LabelTag { Name = t }));
    }

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

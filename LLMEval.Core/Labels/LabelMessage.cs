using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>What a person says of a bot message.</summary>
/// <param name="Score">0 to 10, or null.</param>
/// <param name="ExpectedVersion">The version of one's own label that the form was filled from (0: there was none); null overwrites whatever is there.</param>
public sealed record LabelRequest(
    long MessageId, Verdict Verdict, double? Score = null, string? GroundTruth = null, string? Prediction = null,
    IReadOnlyList<string>? Tags = null, string? Comment = null, int? ExpectedVersion = null);

/// <summary>Sets one's own label on a bot message; every change is kept with what was before.</summary>
public sealed class LabelMessage(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const double MaxScore = 10;
    public const int MaxTextLength = 20_000;
    public const int MaxTags = 20;
    public const int MaxTagLength = 64;

    public async Task<Result<LabelRow>> ExecuteAsync(LabelRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        var tags = (request.Tags ?? []).Select(t => t.Trim()).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (Problem(request, tags) is { } problem)
        {
            return problem;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var owner = await db.FindOwnerAsync(request.MessageId, actor, cancellationToken);
        if (owner is null)
        {
            return Failure.NotFound("MessageNotFound");
        }
        if (!owner.IsBotMessage)
        {
            return Failure.Invalid("OnlyBotMessagesAreLabelled");
        }
        var label = await db.Labels.Include(l => l.Tags).AsSplitQuery()
            .FirstOrDefaultAsync(l => l.MessageId == request.MessageId && l.AnnotatorId == actor.UserId, cancellationToken);
        if (request.ExpectedVersion is { } expected && expected != (label?.Version ?? 0))
        {
            return Failure.Conflict("LabelChangedMeanwhile");
        }
        var now = clock.GetUtcNow().UtcDateTime;
        var before = label is null ? null : LabelRow.Of(label);
        if (label is null)
        {
            label = new Label { MessageId = owner.MessageId, SessionId = owner.SessionId, AnnotatorId = actor.UserId, CreatedAt = now, Version = 0 };
            db.Labels.Add(label);
        }
        Fill(label, request, tags, actor, now);
        var after = LabelRow.Of(label);
        db.LabelRevisions.Add(new LabelRevision
        {
            MessageId = owner.MessageId,
            AnnotatorId = actor.UserId,
            ActorName = actor.Name,
            At = now,
            BeforeJson = before is null ? null : Json.Write(before),
            AfterJson = Json.Write(after),
        });
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "label.set", "message", owner.MessageId, new { request.Verdict }));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // The unique index or the version caught another tab of the same person that was a moment earlier.
            return Failure.Conflict("LabelChangedMeanwhile");
        }
        return LabelRow.Of(label);
    }

    private static Failure? Problem(LabelRequest request, List<string> tags)
    {
        if (!Enum.IsDefined(request.Verdict))
        {
            return Failure.Invalid("VerdictUnknown", "verdict");
        }
        if (request.Score is { } score && !(score >= 0 && score <= MaxScore))
        {
            return Failure.Invalid("ScoreOutOfRange", "score", 0, MaxScore);
        }
        if (tags.Count > MaxTags || tags.Any(t => t.Length > MaxTagLength))
        {
            return Failure.Invalid("TagsTooMany", "tags", MaxTags, MaxTagLength);
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

    private static void Fill(Label label, LabelRequest request, List<string> tags, Actor actor, DateTime now)
    {
        label.AnnotatorName = actor.Name;
        label.Verdict = request.Verdict;
        label.Score = request.Score;
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

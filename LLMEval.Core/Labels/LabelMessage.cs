using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>What a person says of a bot message.</summary>
/// <param name="Score">Within the scale of the message's business line, or null.</param>
/// <param name="ExpectedVersion">The version of one's own label that the form was filled from (0: there was none); null overwrites whatever is there.</param>
public sealed record LabelRequest(
    long MessageId, Verdict Verdict, double? Score = null, string? GroundTruth = null, string? Prediction = null,
    IReadOnlyList<string>? Tags = null, string? Comment = null, int? ExpectedVersion = null);

/// <summary>Sets one's own label on a bot message; every change is kept with what was before.</summary>
public sealed class LabelMessage(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>Of ground truth, prediction and comment.</summary>
    public const int MaxTextLength = LabelWriting.MaxTextLength;

    public async Task<Result<LabelRow>> ExecuteAsync(LabelRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        return await Repeating.Async(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            var check = await CheckAsync(db, request, actor, cancellationToken);
            if (check.Failure is { } refusal)
            {
                return refusal;
            }
            var (owner, scale) = check.Value;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await VerdictKeeping.LockAsync(db, [owner], now, cancellationToken);
            var set = await LabelWriting.SetAsync(db, owner, request, scale, Annotator.Of(actor), actor, now, cancellationToken);
            if (set.Failure is { } failure)
            {
                return failure;
            }
            await VerdictKeeping.ResolveAsync(db, [owner.MessageId], now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (Result<LabelRow>)LabelRow.Of(set.Value!);
        });
    }

    /// <summary>Whose message it is and on which scale it is scored, or why it cannot be labelled so.</summary>
    internal static async Task<Result<(MessageOwner Owner, ScoreScale Scale)>> CheckAsync(LLMEvalDbContext db, LabelRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (await db.FindOwnerAsync(request.MessageId, actor, cancellationToken) is not { } owner)
        {
            return Failure.NotFound("MessageNotFound");
        }
        if (!owner.IsBotMessage)
        {
            return Failure.Invalid("OnlyBotMessagesAreLabelled");
        }
        var scale = await LabelWriting.ScaleOfAsync(db, owner.BizCode, cancellationToken);
        return LabelWriting.Problem(request, LabelWriting.Tags(request), scale) is { } problem ? problem : (owner, scale);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>The same verdict, and more tags, for several messages; what one's labels say besides stays.</summary>
public sealed record LabelManyRequest(IReadOnlyList<long> MessageIds, Verdict Verdict, IReadOnlyList<string> AddedTags);

/// <param name="Unfit">Messages that no bot sent, or that are gone.</param>
public sealed record LabelledMany(int Labelled, int Unchanged, int Unfit);

/// <summary>Labels a selection at once: all of it or nothing.</summary>
public sealed class LabelMany(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MostMessages = 500;

    public async Task<Result<LabelledMany>> ExecuteAsync(LabelManyRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } forbidden)
        {
            return forbidden;
        }
        var ids = request.MessageIds.Distinct().ToList();
        if (ids.Count is 0 or > MostMessages)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.MessageIds), 1, MostMessages);
        }
        return await Repeating.Async<Result<LabelledMany>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            var messages = (await db.FindOwnersAsync(ids, actor, cancellationToken)).Where(m => m.Owner.IsBotMessage).ToList();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await VerdictKeeping.LockAsync(db, messages.Select(m => m.Owner), now, cancellationToken);
            var scales = new Dictionary<string, ScoreScale>();
            var labelled = 0;
            foreach (var (owner, content) in messages)
            {
                if (!scales.TryGetValue(owner.BizCode, out var scale))
                {
                    scales[owner.BizCode] = scale = await LabelWriting.ScaleOfAsync(db, owner.BizCode, cancellationToken);
                }
                var own = await LabelWriting.FindAsync(db, owner.MessageId, actor.UserId, cancellationToken);
                var old = own is null ? null : LabelRow.Of(own);
                var wanted = new LabelRequest(owner.MessageId, request.Verdict, old?.Score, old?.GroundTruth, old?.Prediction ?? content, [.. old?.Tags ?? [], .. request.AddedTags], old?.Comment);
                var tags = LabelWriting.Tags(wanted);
                if (old is not null && old.Verdict == request.Verdict && tags.Count == old.Tags.Count)
                {
                    continue;
                }
                scale = old?.Score is null ? scale : old.Scale;
                if (LabelWriting.Problem(wanted, tags, scale) is { } problem)
                {
                    return problem;
                }
                await LabelWriting.SetAsync(db, owner, wanted, scale, Annotator.Of(actor), actor, now, cancellationToken);
                labelled++;
            }
            await VerdictKeeping.ResolveAsync(db, [.. messages.Select(m => m.Owner.MessageId)], now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new LabelledMany(labelled, messages.Count - labelled, ids.Count - messages.Count);
        });
    }
}

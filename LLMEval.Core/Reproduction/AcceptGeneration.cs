using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

public sealed record AcceptGenerationRequest(long TaskId, int ArmIndex, int Index);

/// <summary>Makes a generation the message's ground truth, in the actor's own label; what else the label says stays. Without a label the recorded answer is called bad, since that is what is being reproduced.</summary>
public sealed class AcceptGeneration(IDbContextFactory<LLMEvalDbContext> contexts, LabelQueries labels, LabelMessage label)
{
    public async Task<Result<LabelRow>> ExecuteAsync(AcceptGenerationRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsWrite) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var task = await db.VisibleReproductions(actor).AsNoTracking().Where(t => t.Id == request.TaskId).Select(t => new { t.MessageId }).FirstOrDefaultAsync(cancellationToken);
        if (task is null)
        {
            return Failure.NotFound("ReproductionNotFound");
        }
        if (task.MessageId is not { } messageId)
        {
            return Failure.Conflict("GroundTruthNeedsMessage");
        }
        var text = await db.ReproductionGenerations.AsNoTracking()
            .Where(g => g.TaskId == request.TaskId && g.ArmIndex == request.ArmIndex && g.Index == request.Index && g.Status == ReplyStatus.Answered).Select(g => g.Text).FirstOrDefaultAsync(cancellationToken);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Failure.NotFound("GenerationNotFound");
        }
        var own = (await labels.OfMessagesAsync([messageId], actor, cancellationToken))[messageId].FirstOrDefault(l => l.AnnotatorId == actor.UserId);
        return await label.ExecuteAsync(
            own is null
                ? new LabelRequest(messageId, Verdict.Bad, GroundTruth: text, ExpectedVersion: 0)
                : new LabelRequest(messageId, own.Verdict, own.Score, text, own.Prediction, own.Tags, own.Comment, own.Version),
            actor, cancellationToken);
    }
}

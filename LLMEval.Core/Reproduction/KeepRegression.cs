using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

public sealed record KeepRegressionRequest(long TaskId, long SetId);

/// <summary>Puts a task's bad case into a set as a sample with the tag <see cref="Tag"/>, so that it is asked again of later versions. A second time changes nothing.</summary>
public sealed class KeepRegression(IDbContextFactory<LLMEvalDbContext> contexts, AddToSet addMessages, AddSamplesToSet addSamples)
{
    public const string Tag = "regression";

    public async Task<Result<AddedToSet>> ExecuteAsync(KeepRegressionRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var task = await db.VisibleReproductions(actor).AsNoTracking().Where(t => t.Id == request.TaskId).Select(t => new { t.MessageId, t.SampleId }).FirstOrDefaultAsync(cancellationToken);
        if (task is null)
        {
            return Failure.NotFound("ReproductionNotFound");
        }
        var added = task.SampleId is { } sampleId
            ? await addSamples.ExecuteAsync(new AddSamplesRequest(request.SetId, [sampleId]), actor, cancellationToken)
            : await addMessages.ExecuteAsync(new AddToSetRequest(request.SetId, [task.MessageId!.Value]), actor, cancellationToken);
        if (added.IsOk)
        {
            await Repeating.Async(() => TagAsync(request.SetId, task.SampleId, task.MessageId, cancellationToken));
        }
        return added;
    }

    private async Task<int> TagAsync(long setId, long? sampleId, long? messageId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var untagged = await db.Samples.Where(s => (sampleId == null ? s.MessageId == messageId : s.Id == sampleId)
                && db.SetItems.Any(i => i.SetId == setId && i.SampleId == s.Id) && !db.SampleTags.Any(t => t.SampleId == s.Id && t.Name == Tag))
            .Select(s => s.Id).ToListAsync(cancellationToken);
        db.SampleTags.AddRange(untagged.Select(id => new SampleTag { SampleId = id, Name = Tag }));
        return await db.SaveChangesAsync(cancellationToken);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>What a person may change of an item; all of it, as the form shows it.</summary>
/// <param name="ContextLength">Longer than the item's own only where the message it was made of is still there.</param>
public sealed record EditItemRequest(long SetId, long ItemId, IReadOnlyList<string> References, string? ExpectedBehaviour, int ContextLength)
{
    /// <summary>The question of an item that was typed or imported; null leaves it. An item made of a message keeps what was said.</summary>
    public string? Question { get; init; }
}

/// <summary>Changes an item by giving it another sample: samples never change, so that versions and results keep theirs.</summary>
public sealed class EditItem(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxReferences = 20;

    /// <summary>The id of the sample that the item has now.</summary>
    public async Task<Result<long>> ExecuteAsync(EditItemRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        if (request.References.Count > MaxReferences)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.References), 0, MaxReferences);
        }
        return await Repeating.Async(() => EditAsync(request, actor, cancellationToken));
    }

    private async Task<Result<long>> EditAsync(EditItemRequest request, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        var set = await db.VisibleSets(actor).Where(s => s.Id == request.SetId).Select(s => new { s.Name, s.RuleJson }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        // The next refresh would bring the sample that it was back beside it.
        if (set.RuleJson is not null)
        {
            return Failure.Conflict("SetHasRule", set.Name);
        }
        var now = clock.GetUtcNow().UtcDateTime;
        await SetWriting.LockAsync(db, request.SetId, now, cancellationToken);
        var item = await db.SetItems.FirstOrDefaultAsync(i => i.SetId == request.SetId && i.Id == request.ItemId, cancellationToken);
        if (item is null)
        {
            return Failure.NotFound("SetItemNotFound");
        }
        var sample = await db.Samples.AsNoTracking().FirstAsync(s => s.Id == item.SampleId, cancellationToken);
        var tags = await db.SampleTags.Where(t => t.SampleId == sample.Id).Select(t => t.Name).ToListAsync(cancellationToken);
        var draft = SampleStore.DraftOf(sample, tags);
        var input = draft.Input;
        if (request.ContextLength > sample.ContextLength && sample.MessageId is { } messageId
            && await RecordedTurns.OfAsync(db, [messageId], request.ContextLength, actor, cancellationToken) is [var turn])
        {
            input = turn.Context;
        }
        if (request.Question is { } question && sample.MessageId is null && !sample.IsScript)
        {
            if (string.IsNullOrWhiteSpace(question))
            {
                return Failure.Invalid("SampleQuestionMissing", nameof(request.Question));
            }
            input = [.. input.SkipLast(1), input[^1] with { Content = question.Trim() }];
        }
        var before = SampleStore.Edited(sample, draft, actor, now);
        draft = draft with
        {
            Input = input,
            ContextLength = request.ContextLength,
            References = [.. request.References.Select(r => r.Trim()).Where(r => r.Length > 0)],
            ExpectedBehaviour = request.ExpectedBehaviour,
        };
        if (SampleDrafts.Problem(draft, actor) is { } problem)
        {
            return problem;
        }
        var edited = SampleStore.Edited(sample, draft, actor, now);
        if (edited.Fingerprint == before.Fingerprint && edited.ContextLength == sample.ContextLength)
        {
            return sample.Id;
        }
        var stored = (await SampleStore.AddAsync(db, [new NewSample(edited, tags)], cancellationToken))[0];
        if (stored.Id != item.SampleId && await db.SetItems.AnyAsync(i => i.SetId == request.SetId && i.SampleId == stored.Id, cancellationToken))
        {
            return Failure.Conflict("SampleInSet");
        }
        item.SampleId = stored.Id;
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.edit-item", "set", request.SetId, new { item = item.Id, from = sample.Id, to = stored.Id }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return stored.Id;
    }
}

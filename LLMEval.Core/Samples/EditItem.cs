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

    /// <summary>All messages of an item that was typed or imported, instead of only its question; null leaves them.</summary>
    public IReadOnlyList<SampleMessage>? Input { get; init; }

    /// <summary>Of the sample that the item has afterwards, wherever else it is shown; null leaves them.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
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
        if (request.Tags is { } wanted && TagPath.CleanAll(wanted, nameof(request.Tags)).Failure is { } tagProblem)
        {
            return tagProblem;
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
        if (request.Input is { } messages && sample.MessageId is null)
        {
            input = [.. messages.Select(m => m with { Content = m.Content.Trim() })];
        }
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
        // A message's sample has another kind of fingerprint, by which an untouched one would look new.
        var storedId = SaysTheSame(edited, sample) ? sample.Id : (await SampleStore.AddAsync(db, [new NewSample(edited, tags)], cancellationToken))[0].Id;
        if (storedId != item.SampleId && await db.SetItems.AnyAsync(i => i.SetId == request.SetId && i.SampleId == storedId, cancellationToken))
        {
            return Failure.Conflict("SampleInSet");
        }
        item.SampleId = storedId;
        await RetagAsync(db, storedId, request.Tags, cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.edit-item", "set", request.SetId, new { item = item.Id, from = sample.Id, to = storedId }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return storedId;
    }

    private static bool SaysTheSame(Sample edited, Sample original) =>
        (edited.InputJson, edited.ReferencesJson, edited.ExpectedBehaviour, edited.ContextLength) == (original.InputJson, original.ReferencesJson, original.ExpectedBehaviour, original.ContextLength);

    private static async Task RetagAsync(LLMEvalDbContext db, long sampleId, IReadOnlyList<string>? wanted, CancellationToken cancellationToken)
    {
        if (wanted is null)
        {
            return;
        }
        var tags = TagPath.CleanAll(wanted, nameof(wanted)).Value!;
        var held = await db.SampleTags.Where(t => t.SampleId == sampleId).ToListAsync(cancellationToken);
        db.SampleTags.RemoveRange(held.Where(t => !tags.Contains(t.Name, StringComparer.Ordinal)));
        db.SampleTags.AddRange(tags.Except(held.Select(t => t.Name), StringComparer.Ordinal).Select(name => new SampleTag { SampleId = sampleId, Name = name }));
    }
}

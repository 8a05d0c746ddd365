using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

public sealed record AddSamplesRequest(long SetId, IReadOnlyList<long> SampleIds);

public sealed record AddDraftsRequest(long SetId, IReadOnlyList<SampleDraft> Drafts)
{
    public SampleOrigin Origin { get; init; } = SampleOrigin.Typed;

    /// <summary>For each draft, the file and line it was read from; empty where there is none.</summary>
    public IReadOnlyList<string> OriginNames { get; init; } = [];
}

/// <summary>Puts samples of the pool, or drafts that become samples, at the end of a set. All are added or none.</summary>
public sealed class AddSamplesToSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxContentLength = 64 * 1024;

    public async Task<Result<AddedToSet>> ExecuteAsync(AddSamplesRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var ids = request.SampleIds.Distinct().ToList();
        if (ids.Count is 0 or > AddToSet.MaxMessages)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.SampleIds), 1, AddToSet.MaxMessages);
        }
        return await Repeating.Async(() => AddAsync(request.SetId, actor, async (db, set) =>
        {
            var codes = new List<string>();
            foreach (var chunk in ids.Chunk(500))
            {
                var found = await db.VisibleSamples(actor).AsNoTracking().Where(s => chunk.Contains(s.Id)).Select(s => s.BizCode).ToListAsync(cancellationToken);
                if (found.Count < chunk.Length)
                {
                    return Failure.NotFound("SamplesNotFound", chunk.Length - found.Count);
                }
                codes.AddRange(found.Distinct(StringComparer.Ordinal));
            }
            return (ids, codes);
        }, cancellationToken));
    }

    public async Task<Result<AddedToSet>> ExecuteAsync(AddDraftsRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        if (request.Drafts.Count is 0 or > AddToSet.MaxMessages)
        {
            return Failure.Invalid("NumberOutOfRange", "items", 1, AddToSet.MaxMessages);
        }
        foreach (var (index, draft) in request.Drafts.Index())
        {
            if (SampleDrafts.Problem(draft, actor) is { } problem)
            {
                return problem with { Field = $"items[{index}].{problem.Field}" };
            }
        }
        return await Repeating.Async(() => AddAsync(request.SetId, actor, async (db, set) =>
        {
            var now = clock.GetUtcNow().UtcDateTime;
            var samples = request.Drafts.Select((draft, i) => SampleStore.FromDraft(draft, request.Origin, request.OriginNames.ElementAtOrDefault(i), set.ContextLength, actor, now)).ToList();
            var stored = await SampleStore.AddAsync(db, samples, cancellationToken);
            return (stored.Select(s => s.Id).ToList(), stored.Select(s => s.BizCode).ToList());
        }, cancellationToken));
    }

    private async Task<Result<AddedToSet>> AddAsync(long setId, Actor actor, Func<LLMEvalDbContext, EvaluationSet, Task<Result<(List<long> Ids, List<string> BizCodes)>>> samples, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        var set = await db.VisibleSets(actor).AsNoTracking().FirstOrDefaultAsync(s => s.Id == setId, cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (set.RuleJson is not null)
        {
            return Failure.Conflict("SetHasRule", set.Name);
        }
        var found = await samples(db, set);
        if (found.Failure is { } failure)
        {
            return failure;
        }
        var (ids, bizCodes) = found.Value;
        var now = clock.GetUtcNow().UtcDateTime;
        var position = await SetWriting.LockAsync(db, setId, now, cancellationToken);
        var added = await SetWriting.AppendAsync(db, setId, position, ids, actor, now, cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.add", "set", setId, new { added }));
        await SetWriting.FinishAsync(db, setId, bizCodes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AddedToSet(added, ids.Count - added, 0);
    }
}

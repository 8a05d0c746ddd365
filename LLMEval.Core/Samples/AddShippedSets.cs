using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>Puts the question sets that come with the product among the others, each once: those that are there stay as people changed them.</summary>
public sealed class AddShippedSets(CreateSet create, AddSamplesToSet add, IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>The names of those that are not there.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsEdit))
        {
            return [];
        }
        var missing = new List<string>();
        foreach (var shipped in ShippedSet.All)
        {
            if (await FindAsync(shipped, cancellationToken) is not { ItemCount: > 0 })
            {
                missing.Add(shipped.Name);
            }
        }
        return missing;
    }

    /// <summary>The ids of those that were added.</summary>
    public async Task<Result<IReadOnlyList<long>>> ExecuteAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var added = new List<long>();
        foreach (var shipped in ShippedSet.All)
        {
            var found = await FindAsync(shipped, cancellationToken);
            if (found is { ItemCount: > 0 })
            {
                continue;
            }
            // One without items was begun by a process that ended before it filled it.
            var created = found is { Id: var id } ? id : await create.ExecuteAsync(new CreateSetRequest(shipped.Name, shipped.Purpose, shipped.Description) { Tags = shipped.Tags, Source = shipped.Source }, actor, cancellationToken);
            if (created.Failure is { } problem)
            {
                return problem;
            }
            var items = shipped.Items();
            var request = new AddDraftsRequest(created.Value, items) { Origin = SampleOrigin.File, OriginNames = [.. items.Select((_, i) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{shipped.File}:{i + 1}"))] };
            if ((await add.ExecuteAsync(request, actor, cancellationToken)).Failure is { } failure)
            {
                return failure;
            }
            added.Add(created.Value);
        }
        return added;
    }

    private async Task<Found?> FindAsync(ShippedSet shipped, CancellationToken cancellationToken)
    {
        var source = Json.Write(shipped.Source);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.EvaluationSets.AsNoTracking().Where(s => s.DeletedAt == null && s.SourceJson == source).OrderBy(s => s.Id).Select(s => new Found(s.Id, s.ItemCount)).FirstOrDefaultAsync(cancellationToken);
    }

    private sealed record Found(long Id, int ItemCount);
}

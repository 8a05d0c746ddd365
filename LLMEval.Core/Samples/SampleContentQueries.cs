using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>What samples say, whole, for those who read more than one.</summary>
public sealed class SampleContentQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>By id: the draft that would make the sample again. Those that the actor may not see are left out.</summary>
    public async Task<IReadOnlyDictionary<long, SampleDraft>> OfAsync(IReadOnlyCollection<long> sampleIds, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return new Dictionary<long, SampleDraft>();
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var samples = await db.VisibleSamplesEvenRemoved(actor).AsNoTracking().Where(s => sampleIds.Contains(s.Id)).ToListAsync(cancellationToken);
        var tags = (await db.SampleTags.AsNoTracking().Where(t => sampleIds.Contains(t.SampleId)).OrderBy(t => t.Name).ToListAsync(cancellationToken)).ToLookup(t => t.SampleId, t => t.Name);
        return samples.ToDictionary(s => s.Id, s => SampleStore.DraftOf(s, [.. tags[s.Id]]));
    }
}

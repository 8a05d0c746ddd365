using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="Draft">What would make the sample again.</param>
/// <param name="Message">What it was made of; null where it was typed or imported, or the message is gone since.</param>
public sealed record SampleContent(SampleDraft Draft, MessageName? Message);

/// <summary>What samples say, whole, for those who read more than one.</summary>
public sealed class SampleContentQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>By id. Those that the actor may not see are left out.</summary>
    public async Task<IReadOnlyDictionary<long, SampleContent>> OfAsync(IReadOnlyCollection<long> sampleIds, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return new Dictionary<long, SampleContent>();
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var samples = await db.VisibleSamplesEvenRemoved(actor).AsNoTracking().Where(s => sampleIds.Contains(s.Id)).ToListAsync(cancellationToken);
        var tags = (await db.SampleTags.AsNoTracking().Where(t => sampleIds.Contains(t.SampleId)).OrderBy(t => t.Name).ToListAsync(cancellationToken)).ToLookup(t => t.SampleId, t => t.Name);
        var messageIds = samples.Select(s => s.MessageId).OfType<long>().Distinct().ToList();
        var messages = await db.Messages.AsNoTracking().Where(m => messageIds.Contains(m.Id))
            .Join(db.Sessions, m => m.SessionId, s => s.Id, (m, s) => new { m.Id, Name = new MessageName(s.BizCode, s.ExternalId, m.ExternalId) })
            .ToDictionaryAsync(m => m.Id, m => m.Name, cancellationToken);
        return samples.ToDictionary(s => s.Id, s => new SampleContent(SampleStore.DraftOf(s, [.. tags[s.Id]]), s.MessageId is { } id ? messages.GetValueOrDefault(id) : null));
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="Version">The frozen version to copy; null for the set as it is now.</param>
public sealed record CloneSetRequest(long SetId, string Name, int? Version = null);

/// <summary>Copies a set with its items. The copy is a list that people edit, also where the original is a saved query.</summary>
public sealed class CloneSet(CreateSet create, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>The new set's id.</summary>
    public async Task<Result<long>> ExecuteAsync(CloneSetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var original = await db.VisibleSets(actor).AsNoTracking().Include(s => s.Tags).FirstOrDefaultAsync(s => s.Id == request.SetId, cancellationToken);
        if (original is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        long? version = null;
        if (request.Version is { } number)
        {
            version = await db.SetVersions.AsNoTracking().Where(v => v.SetId == original.Id && v.Number == number).Select(v => (long?)v.Id).FirstOrDefaultAsync(cancellationToken);
            if (version is null)
            {
                return Failure.NotFound("SetVersionNotFound");
            }
        }
        return await create.ExecuteAsync(
            new CreateSetRequest(request.Name, original.Purpose, original.Description, original.ContextLength)
            {
                Tags = [.. original.Tags.Select(t => t.Name)],
                Source = new SetSource(SetSourceKind.Clone) { Name = original.Name },
            },
            actor,
            (own, setId) => FillAsync(own, setId, original.Id, version, actor, cancellationToken),
            cancellationToken);
    }

    private async Task FillAsync(LLMEvalDbContext db, long setId, long originalId, long? versionId, Actor actor, CancellationToken cancellationToken)
    {
        var samples = versionId is null
            ? db.SetItems.Where(i => i.SetId == originalId).OrderBy(i => i.Position).ThenBy(i => i.Id).Select(i => i.SampleId)
            : db.SetVersionItems.Where(i => i.SetVersionId == versionId).OrderBy(i => i.Position).Select(i => i.SampleId);
        await SetWriting.AppendAsync(db, setId, 0, await samples.ToListAsync(cancellationToken), actor, clock.GetUtcNow().UtcDateTime, cancellationToken);
        var codes = await db.SetScopes.Where(s => s.SetId == originalId).Select(s => s.BizCode).ToListAsync(cancellationToken);
        await SetWriting.FinishAsync(db, setId, codes, cancellationToken);
    }
}

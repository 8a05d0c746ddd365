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
        var samples = db.SetItems.Where(i => i.SetId == original.Id).OrderBy(i => i.Position).ThenBy(i => i.Id).Select(i => i.SampleId);
        if (request.Version is { } number)
        {
            var version = await db.SetVersions.AsNoTracking().Where(v => v.SetId == original.Id && v.Number == number).Select(v => (long?)v.Id).FirstOrDefaultAsync(cancellationToken);
            if (version is null)
            {
                return Failure.NotFound("SetVersionNotFound");
            }
            samples = db.SetVersionItems.Where(i => i.SetVersionId == version).OrderBy(i => i.Position).Select(i => i.SampleId);
        }
        var created = await create.ExecuteAsync(
            new CreateSetRequest(request.Name, original.Purpose, original.Description, original.ContextLength)
            {
                Tags = [.. original.Tags.Select(t => t.Name)],
                Source = new SetSource(SetSourceKind.Clone) { Name = original.Name },
            },
            actor,
            cancellationToken);
        if (created.Failure is not null)
        {
            return created;
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        await SetWriting.AppendAsync(db, created.Value, 0, await samples.ToListAsync(cancellationToken), actor, now, cancellationToken);
        var codes = await db.SetScopes.Where(s => s.SetId == original.Id).Select(s => s.BizCode).ToListAsync(cancellationToken);
        await SetWriting.FinishAsync(db, created.Value, codes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return created;
    }
}

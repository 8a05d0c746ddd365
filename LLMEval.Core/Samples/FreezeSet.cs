using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="IsNew">False where nothing had changed since the newest version.</param>
public sealed record FrozenSet(long SetVersionId, long SetId, string SetName, int Number, int ItemCount, bool IsNew);

/// <summary>Freezes what a set holds into an immutable version; an unchanged set keeps its newest one.</summary>
public sealed class FreezeSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public Task<Result<FrozenSet>> ExecuteAsync(long setId, Actor actor, CancellationToken cancellationToken) =>
        actor.Lacks(Permissions.SetsEdit) is { } refusal ? Task.FromResult<Result<FrozenSet>>(refusal) : ForAsync(setId, actor, cancellationToken);

    /// <summary>For a verb that checked its own permission: who may start a run may freeze the set it runs on.</summary>
    internal Task<Result<FrozenSet>> ForAsync(long setId, Actor actor, CancellationToken cancellationToken) =>
        Repeating.Async(() => FreezeAsync(setId, actor, cancellationToken));

    private async Task<Result<FrozenSet>> FreezeAsync(long setId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        var set = await db.VisibleSets(actor).AsNoTracking().Where(s => s.Id == setId).Select(s => new { s.Name }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if ((await SetRules.RefreshAsync(db, setId, actor, clock.GetUtcNow().UtcDateTime, cancellationToken)).Failure is { } failure)
        {
            return failure;
        }
        var items = await db.SetItems.AsNoTracking().Where(i => i.SetId == setId).OrderBy(i => i.Position).ThenBy(i => i.Id).Select(i => new { i.Id, i.SampleId }).ToListAsync(cancellationToken);
        if (items.Count == 0)
        {
            return Failure.Invalid("SetIsEmpty", null, set.Name);
        }
        var fingerprint = Fingerprint.Of(string.Join(',', items.Select(i => i.SampleId.ToString(CultureInfo.InvariantCulture))));
        var newest = await db.SetVersions.AsNoTracking().Where(v => v.SetId == setId).OrderByDescending(v => v.Number).FirstOrDefaultAsync(cancellationToken);
        if (newest?.Fingerprint == fingerprint)
        {
            // What the rule took away or brought back stays so.
            await transaction.CommitAsync(cancellationToken);
            return new FrozenSet(newest.Id, setId, set.Name, newest.Number, newest.ItemCount, false);
        }
        var version = new SetVersion
        {
            SetId = setId,
            Number = (newest?.Number ?? 0) + 1,
            ItemCount = items.Count,
            Fingerprint = fingerprint,
            CreatedAt = clock.GetUtcNow().UtcDateTime,
            CreatedByName = actor.Name,
        };
        db.SetVersions.Add(version);
        await db.SaveChangesAsync(cancellationToken);
        await BulkWriter.InsertAsync(db, items.Select((item, position) => new SetVersionItem { SetVersionId = version.Id, Position = position, SampleId = item.SampleId, ItemId = item.Id }), cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, version.CreatedAt, "set.freeze", "set", setId, new { version.Number, version.ItemCount }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new FrozenSet(version.Id, setId, set.Name, version.Number, version.ItemCount, true);
    }
}

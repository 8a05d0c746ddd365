using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>Brings back what was: a deleted set, or what a version held.</summary>
public sealed class RestoreSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>How long a deleted set can be brought back; its items are gone afterwards, its versions stay for the runs that used them.</summary>
    public static readonly TimeSpan UndoPeriod = TimeSpan.FromDays(30);

    /// <summary>Under its old name, or with a number behind it where that is taken meanwhile. Gives the name.</summary>
    public async Task<Result<string>> ExecuteAsync(long setId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var now = clock.GetUtcNow().UtcDateTime;
        return await Repeating.Async<Result<string>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var set = await db.VisibleSetsEvenDeleted(actor).FirstOrDefaultAsync(s => s.Id == setId && s.DeletedAt != null && s.DeletedAt > now - UndoPeriod, cancellationToken);
            if (set is null)
            {
                return Failure.NotFound("SetNotFound");
            }
            var name = DeleteSet.NameOf(set);
            for (var number = 2; await db.EvaluationSets.AnyAsync(s => s.Name == name, cancellationToken); number++)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"{DeleteSet.NameOf(set)} ({number})");
            }
            (set.Name, set.DeletedAt, set.UpdatedAt) = (name, null, now);
            db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.restore", "set", setId, new { name }));
            await db.SaveChangesAsync(cancellationToken);
            return name;
        });
    }

    /// <summary>Gives the set the items that a version held; those that were in it go. Items that come back are the same ones as before. Gives the number of items.</summary>
    public async Task<Result<int>> VersionAsync(long setId, int number, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        return await Repeating.Async<Result<int>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
            var set = await db.VisibleSets(actor).AsNoTracking().FirstOrDefaultAsync(s => s.Id == setId, cancellationToken);
            var version = await db.SetVersions.AsNoTracking().FirstOrDefaultAsync(v => v.SetId == setId && v.Number == number, cancellationToken);
            if (set is null || version is null)
            {
                return Failure.NotFound(set is null ? "SetNotFound" : "SetVersionNotFound");
            }
            if (set.RuleJson is not null)
            {
                return Failure.Conflict("SetHasRule", set.Name);
            }
            var now = clock.GetUtcNow().UtcDateTime;
            await SetWriting.LockAsync(db, setId, now, cancellationToken);
            var items = await db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == version.Id).OrderBy(i => i.Position).ToListAsync(cancellationToken);
            await db.SetItems.Where(i => i.SetId == setId).ExecuteDeleteAsync(cancellationToken);
            foreach (var chunk in items.Chunk(500))
            {
                db.SetItems.AddRange(chunk.Select(i => new SetItem { Id = Math.Max(0, i.ItemId), SetId = setId, SampleId = i.SampleId, Position = i.Position, AddedAt = now, AddedByName = actor.Name }));
                await db.SaveChangesAsync(cancellationToken);
                db.ChangeTracker.Clear();
            }
            db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.restore-version", "set", setId, new { number }));
            await SetWriting.FinishAsync(db, setId, [], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return items.Count;
        });
    }

    /// <summary>Empties sets that were deleted too long ago to be brought back.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow().UtcDateTime - UndoPeriod;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        // The sets first: one statement over all items would read, and on MySQL lock, each of them.
        var overdue = await db.EvaluationSets.Where(s => s.DeletedAt != null && s.DeletedAt < before && db.SetItems.Any(i => i.SetId == s.Id)).Select(s => s.Id).ToListAsync(cancellationToken);
        var swept = 0;
        foreach (var setId in overdue)
        {
            swept += await db.SetItems.Where(i => i.SetId == setId).ExecuteDeleteAsync(cancellationToken);
        }
        return swept;
    }
}

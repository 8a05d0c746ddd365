using System.Data;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace LLMEval.Core.Samples;

/// <summary>What every change of a set's items has in common. All of it happens in the caller's transaction.</summary>
internal static class SetWriting
{
    /// <summary>A transaction that sees, once it has the lock, what the one before it wrote: MySQL's own default goes on showing what was there at its first read, and two people would get the same position.</summary>
    public static Task<IDbContextTransaction> BeginAsync(LLMEvalDbContext db, CancellationToken cancellationToken) =>
        db.Database.IsSqlite() ? db.Database.BeginTransactionAsync(cancellationToken) : db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);

    /// <summary>Locks the set's row, so that two people changing it go one after the other; answers the position after its last item.</summary>
    public static async Task<int> LockAsync(LLMEvalDbContext db, long setId, DateTime utcNow, CancellationToken cancellationToken)
    {
        await db.EvaluationSets.Where(s => s.Id == setId).ExecuteUpdateAsync(u => u.SetProperty(s => s.UpdatedAt, utcNow), cancellationToken);
        return await EndAsync(db, setId, cancellationToken);
    }

    /// <summary>The position after the last item.</summary>
    public static async Task<int> EndAsync(LLMEvalDbContext db, long setId, CancellationToken cancellationToken) =>
        (await db.SetItems.Where(i => i.SetId == setId).MaxAsync(i => (int?)i.Position, cancellationToken) ?? -1) + 1;

    /// <summary>At the end and in the order given; those that are in the set stay where they are. Answers how many were added.</summary>
    public static async Task<int> AppendAsync(LLMEvalDbContext db, long setId, int position, IReadOnlyList<long> sampleIds, Actor actor, DateTime utcNow, CancellationToken cancellationToken)
    {
        var added = 0;
        foreach (var chunk in sampleIds.Distinct().Chunk(500))
        {
            var there = (await db.SetItems.Where(i => i.SetId == setId && chunk.Contains(i.SampleId)).Select(i => i.SampleId).ToListAsync(cancellationToken)).ToHashSet();
            var items = chunk.Where(id => !there.Contains(id)).Select((id, n) => new SetItem { SetId = setId, SampleId = id, Position = position + added + n, AddedAt = utcNow, AddedByName = actor.Name }).ToList();
            added += await BulkWriter.InsertAsync(db, items, cancellationToken);
        }
        return added;
    }

    /// <summary>Brings the count of items and the business lines up to date.</summary>
    public static async Task FinishAsync(LLMEvalDbContext db, long setId, IEnumerable<string> bizCodes, CancellationToken cancellationToken)
    {
        var scopes = await db.SetScopes.Where(s => s.SetId == setId).Select(s => s.BizCode).ToListAsync(cancellationToken);
        db.SetScopes.AddRange(bizCodes.Where(c => c.Length > 0).Distinct(StringComparer.Ordinal).Except(scopes, StringComparer.Ordinal).Select(code => new SetScope { SetId = setId, BizCode = code }));
        await db.SaveChangesAsync(cancellationToken);
        await db.EvaluationSets.Where(s => s.Id == setId)
            .ExecuteUpdateAsync(u => u.SetProperty(s => s.ItemCount, s => db.SetItems.Count(i => i.SetId == setId)), cancellationToken);
    }
}

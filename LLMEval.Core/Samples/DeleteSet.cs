using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>Hides a set, which <see cref="RestoreSet"/> can bring back for a while. Its versions stay for the runs that used them; its name becomes free.</summary>
public sealed class DeleteSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Result<long>> ExecuteAsync(long setId, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var name = await db.VisibleSets(actor).Where(s => s.Id == setId).Select(s => s.Name).FirstOrDefaultAsync(cancellationToken);
        if (name is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        var now = clock.GetUtcNow().UtcDateTime;
        // Names are unique among all rows; the id makes the hidden one's name its own.
        var hiddenName = name + Suffix(setId);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.EvaluationSets.Where(s => s.Id == setId && s.DeletedAt == null)
            .ExecuteUpdateAsync(u => u.SetProperty(s => s.DeletedAt, now).SetProperty(s => s.UpdatedAt, now).SetProperty(s => s.Name, hiddenName), cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.delete", "set", setId, new { name }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return setId;
    }

    /// <summary>What a hidden set was called.</summary>
    internal static string NameOf(EvaluationSet set) => set.DeletedAt is not null && set.Name.EndsWith(Suffix(set.Id), StringComparison.Ordinal) ? set.Name[..^Suffix(set.Id).Length] : set.Name;

    private static string Suffix(long setId) => string.Create(CultureInfo.InvariantCulture, $"~{setId}");
}

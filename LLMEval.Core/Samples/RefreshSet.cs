using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>Keeps a set that is a saved query in step with the pool: what the rule finds no longer goes, what it finds anew comes at the end.</summary>
public sealed class RefreshSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public Task<Result<RefreshedSet>> ExecuteAsync(long setId, Actor actor, CancellationToken cancellationToken) =>
        actor.Lacks(Permissions.SetsEdit) is { } refusal
            ? Task.FromResult<Result<RefreshedSet>>(refusal)
            : Repeating.Async(async () =>
            {
                await using var db = await contexts.CreateDbContextAsync(cancellationToken);
                await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
                if (!await db.VisibleSets(actor).AnyAsync(s => s.Id == setId, cancellationToken))
                {
                    return Failure.NotFound("SetNotFound");
                }
                var refreshed = await SetRules.RefreshAsync(db, setId, actor, clock.GetUtcNow().UtcDateTime, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return refreshed;
            });
}

public sealed record RefreshedSet(int Added, int Removed);

internal static class SetRules
{
    public const int MostItems = 200_000;

    /// <summary>Codes that the maker may not see are refused and not dropped: a rule without any would find every business line.</summary>
    public static Failure? Problem(SampleFilter? rule, Actor maker) =>
        rule?.BizCodes.FirstOrDefault(code => code.Length > 0 && !maker.Sees(code)) is { } hidden ? Failure.Invalid("BizUnknown", "rule", hidden) : null;

    /// <summary>The rule as it is kept: what its maker may not see is never in it, whoever asks later.</summary>
    public static string Write(SampleFilter filter, Actor maker) =>
        Json.Write(maker.BizCodes is { } codes ? filter with { BizCodes = filter.BizCodes.Count > 0 ? [.. filter.BizCodes.Where(code => code.Length == 0 || maker.Sees(code))] : [.. codes, ""] } : filter);

    /// <summary>In the current transaction; does nothing to a set without a rule.</summary>
    public static async Task<Result<RefreshedSet>> RefreshAsync(LLMEvalDbContext db, long setId, Actor actor, DateTime utcNow, CancellationToken cancellationToken)
    {
        var rule = await db.EvaluationSets.Where(s => s.Id == setId).Select(s => s.RuleJson).FirstOrDefaultAsync(cancellationToken);
        if (rule is null)
        {
            return new RefreshedSet(0, 0);
        }
        var everything = Actor.Operator([]);
        var filtered = db.Filtered(Json.Read<SampleFilter>(rule), everything, utcNow);
        if (filtered.Failure is { } failure)
        {
            return failure;
        }
        var found = await filtered.Value!.OrderBy(s => s.Id).Select(s => s.Id).Take(MostItems + 1).ToListAsync(cancellationToken);
        if (found.Count > MostItems)
        {
            return Failure.Invalid("SetTooLarge", "rule", MostItems);
        }
        await SetWriting.LockAsync(db, setId, utcNow, cancellationToken);
        var held = await db.SetItems.Where(i => i.SetId == setId).Select(i => new { i.Id, i.SampleId }).ToListAsync(cancellationToken);
        var kept = found.ToHashSet();
        var gone = held.Where(h => !kept.Contains(h.SampleId)).Select(h => h.Id).ToList();
        foreach (var chunk in gone.Chunk(500))
        {
            await db.SetItems.Where(i => chunk.Contains(i.Id)).ExecuteDeleteAsync(cancellationToken);
        }
        var there = held.Select(h => h.SampleId).ToHashSet();
        var fresh = found.Where(id => !there.Contains(id)).ToList();
        var added = await SetWriting.AppendAsync(db, setId, await SetWriting.EndAsync(db, setId, cancellationToken), fresh, actor, utcNow, cancellationToken);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var chunk in fresh.Chunk(1000))
        {
            codes.UnionWith(await db.Samples.Where(s => chunk.Contains(s.Id)).Select(s => s.BizCode).Distinct().ToListAsync(cancellationToken));
        }
        await SetWriting.FinishAsync(db, setId, codes, cancellationToken);
        if (added > 0 || gone.Count > 0)
        {
            db.AuditEntries.Add(AuditEntry.Of(actor, utcNow, "set.refresh", "set", setId, new { added, removed = gone.Count }));
            await db.SaveChangesAsync(cancellationToken);
        }
        return new RefreshedSet(added, gone.Count);
    }
}

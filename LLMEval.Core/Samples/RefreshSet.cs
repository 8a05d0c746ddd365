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

    /// <summary>The rule as it is kept: what its maker may not see is never in it, whoever asks later. Null where they may see nothing of what it names: no business line at all would mean every one.</summary>
    public static string? Write(SampleFilter filter, Actor maker)
    {
        if (maker.BizCodes is not { } codes)
        {
            return Json.Write(filter);
        }
        List<string> seen = [.. codes, ""];
        var named = filter.BizCodes.Count > 0 ? seen.Intersect(filter.BizCodes, StringComparer.Ordinal).ToList() : seen;
        return named.Count > 0 ? Json.Write(filter with { BizCodes = named }) : null;
    }

    public static Failure NothingSeen(SampleFilter rule) => Failure.Invalid("BizUnknown", nameof(rule.BizCodes), rule.BizCodes[0]);

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
        var position = await SetWriting.LockAsync(db, setId, utcNow, cancellationToken);
        var held = await db.SetItems.Where(i => i.SetId == setId).Select(i => new { i.Id, i.SampleId }).ToListAsync(cancellationToken);
        var kept = found.ToHashSet();
        var gone = held.Where(h => !kept.Contains(h.SampleId)).Select(h => h.Id).ToList();
        foreach (var chunk in gone.Chunk(500))
        {
            await db.SetItems.Where(i => chunk.Contains(i.Id)).ExecuteDeleteAsync(cancellationToken);
        }
        var there = held.Select(h => h.SampleId).ToHashSet();
        var fresh = found.Where(id => !there.Contains(id)).ToList();
        var added = await SetWriting.AppendAsync(db, setId, position, fresh, actor, utcNow, cancellationToken);
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

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>Keeps each version's k of n, its interval and its verdict in step with its generations, in the transaction that changed them.</summary>
internal static class ReproductionTally
{
    /// <summary>Takes the task's row for this transaction, so that whoever changes its generations does so one after the other and counts all of them.</summary>
    public static async Task<bool> LockAsync(LLMEvalDbContext db, long taskId, CancellationToken cancellationToken) =>
        await db.ReproductionTasks.Where(t => t.Id == taskId).ExecuteUpdateAsync(u => u.SetProperty(t => t.Times, t => t.Times), cancellationToken) == 1;

    /// <summary>Counts one version anew and ends it where all was asked or, if the task stops early, where enough was.</summary>
    public static async Task UpdateAsync(LLMEvalDbContext db, long taskId, int armIndex, CancellationToken cancellationToken)
    {
        var task = await db.ReproductionTasks.AsNoTracking().Where(t => t.Id == taskId)
            .Select(t => new { t.CriterionJson, t.P0, t.P1, t.StopsEarly, LastArm = db.ReproductionArms.Where(a => a.TaskId == taskId).Max(a => a.Index) }).FirstAsync(cancellationToken);
        var times = await db.ReproductionArms.Where(a => a.TaskId == taskId && a.Index == armIndex).Select(a => a.Times).FirstAsync(cancellationToken);
        var counts = await db.ReproductionGenerations.Where(g => g.TaskId == taskId && g.ArmIndex == armIndex)
            .GroupBy(g => g.Verdict).Select(g => new { Verdict = g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var done = counts.Sum(c => c.Count);
        var bad = counts.Where(c => c.Verdict == GenerationVerdict.Bad).Sum(c => c.Count);
        var graded = bad + counts.Where(c => c.Verdict == GenerationVerdict.Good).Sum(c => c.Count);
        var interval = graded == 0 ? null : Intervals.Wilson(bad, graded, Estimate.DefaultLevel);
        // A model that changed under the same name is another version: what was counted of both decides nothing about either.
        var isOneModel = await db.ReproductionGenerations.Where(g => g.TaskId == taskId && g.ArmIndex == armIndex && g.ResponseModel != null).Select(g => g.ResponseModel).Distinct().CountAsync(cancellationToken) <= 1;
        var verdict = isOneModel ? VerdictRule.Of(task.P0, task.P1, Json.Read<Criterion>(task.CriterionJson)).VerdictOf(bad, graded) : ReproductionVerdict.Undecided;
        var isClear = task.StopsEarly && verdict != ReproductionVerdict.Undecided;
        var (rate, low, high, isEnded, endedEarly) = (interval?.Value, interval?.Low, interval?.High, done >= times || isClear, isClear && done < times);
        await db.ReproductionArms.Where(a => a.TaskId == taskId && a.Index == armIndex).ExecuteUpdateAsync(
            u => u.SetProperty(a => a.Bad, bad).SetProperty(a => a.Graded, graded).SetProperty(a => a.Rate, rate).SetProperty(a => a.Low, low).SetProperty(a => a.High, high)
                .SetProperty(a => a.Verdict, verdict),
            cancellationToken);
        // By itself: MySQL lets an assignment see what one before it in the same statement has set.
        await db.ReproductionArms.Where(a => a.TaskId == taskId && a.Index == armIndex && !a.IsEnded)
            .ExecuteUpdateAsync(u => u.SetProperty(a => a.IsEnded, isEnded).SetProperty(a => a.EndedEarly, endedEarly), cancellationToken);
        if (armIndex == task.LastArm)
        {
            await db.ReproductionTasks.Where(t => t.Id == taskId).ExecuteUpdateAsync(u => u.SetProperty(t => t.Verdict, verdict), cancellationToken);
        }
    }
}

using LLMEval.Core.Data;
using LLMEval.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>Keeps a task's k of n and its interval in step with its generations, in the transaction that changed them.</summary>
internal static class ReproductionTally
{
    /// <summary>Takes the task's row for this transaction, so that whoever changes its generations does so one after the other and counts all of them.</summary>
    public static async Task<bool> LockAsync(LLMEvalDbContext db, long taskId, CancellationToken cancellationToken) =>
        await db.ReproductionTasks.Where(t => t.Id == taskId).ExecuteUpdateAsync(u => u.SetProperty(t => t.Times, t => t.Times), cancellationToken) == 1;

    public static async Task UpdateAsync(LLMEvalDbContext db, long taskId, CancellationToken cancellationToken)
    {
        var counts = await db.ReproductionGenerations.Where(g => g.TaskId == taskId && g.Verdict != GenerationVerdict.Undecided)
            .GroupBy(g => g.Verdict).Select(g => new { Verdict = g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var graded = counts.Sum(c => c.Count);
        var bad = counts.Where(c => c.Verdict == GenerationVerdict.Bad).Sum(c => c.Count);
        var interval = graded == 0 ? null : Intervals.Wilson(bad, graded, Estimate.DefaultLevel);
        var (rate, low, high) = (interval?.Value, interval?.Low, interval?.High);
        await db.ReproductionTasks.Where(t => t.Id == taskId).ExecuteUpdateAsync(
            u => u.SetProperty(t => t.Bad, bad).SetProperty(t => t.Graded, graded).SetProperty(t => t.Rate, rate).SetProperty(t => t.Low, low).SetProperty(t => t.High, high), cancellationToken);
    }
}

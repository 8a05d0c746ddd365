using LLMEval.Core.Common;
using LLMEval.Core.Data;

namespace LLMEval.Core.Reproduction;

/// <summary>Which tasks an actor may see: those of their business lines, and those of none.</summary>
internal static class ReproductionAccess
{
    public static IQueryable<ReproductionTask> VisibleReproductions(this LLMEvalDbContext db, Actor actor) =>
        actor.BizCodes is { } codes ? db.ReproductionTasks.Where(t => t.BizCode == "" || codes.Contains(t.BizCode)) : db.ReproductionTasks;
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;

namespace LLMEval.Core.Samples;

/// <summary>Which sets an actor may see: those all of whose business lines are theirs. A set without items belongs to no line and is seen by all who may see sets.</summary>
public static class SetAccess
{
    /// <summary>Without deleted ones.</summary>
    public static IQueryable<EvaluationSet> VisibleSets(this LLMEvalDbContext db, Actor actor) => db.VisibleSetsEvenDeleted(actor).Where(s => s.DeletedAt == null);

    /// <summary>With deleted ones: what was made with a set outlives it.</summary>
    public static IQueryable<EvaluationSet> VisibleSetsEvenDeleted(this LLMEvalDbContext db, Actor actor) =>
        actor.BizCodes is { } codes
            ? db.EvaluationSets.Where(s => !db.SetScopes.Any(scope => scope.SetId == s.Id && !codes.Contains(scope.BizCode)))
            : db.EvaluationSets;
}

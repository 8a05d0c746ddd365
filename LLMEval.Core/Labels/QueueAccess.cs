using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;

namespace LLMEval.Core.Labels;

internal static class QueueAccess
{
    /// <summary>Queues with a message of a business line that the actor may see: all of them to those who manage or adjudicate, else those that they may work on.</summary>
    public static IQueryable<LabelQueue> VisibleQueues(this LLMEvalDbContext db, Actor actor)
    {
        var queues = db.LabelQueues.AsQueryable();
        if (actor.BizCodes is { } codes)
        {
            queues = queues.Where(q => q.Scopes.Any(s => codes.Contains(s.BizCode)));
        }
        return actor.May(Permissions.LabelsManage) || actor.May(Permissions.LabelsAdjudicate) ? queues
            : actor.May(Permissions.LabelsWrite) ? queues.OpenTo(actor)
            : queues.Where(q => false);
    }

    /// <summary>Queues that the actor may label in: assigned to them, or to nobody in particular.</summary>
    public static IQueryable<LabelQueue> OpenTo(this IQueryable<LabelQueue> queues, Actor actor) =>
        queues.Where(q => q.Assignees.Count == 0 || q.Assignees.Any(a => a.UserId == actor.UserId));
}

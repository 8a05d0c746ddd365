using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Overview;

/// <summary>How much there is, each counted up to <see cref="Page.CountCap"/> + 1; null where the actor may not look.</summary>
public sealed record OverviewCounts(int? Sessions, int? Messages, int? Labels, int? Sets, int? Runs, int? Reproductions)
{
    public bool IsEmpty => this is { Sessions: 0 or null, Sets: 0 or null, Runs: 0 or null };
}

public sealed record RecentRun(long Id, string Name, string SetName, RunState State, DateTime CreatedAt);

public sealed record RecentReproduction(long Id, string Answer, string TargetName, ReproductionState State, DateTime CreatedAt);

/// <summary>What the first page shows. Counts stop at the cap, so that they cost the same on a small and on a large database.</summary>
public sealed class OverviewQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    private const int Recent = 5;

    public async Task<OverviewCounts> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var messages = db.Messages.Visible(actor);
        var labels = actor.BizCodes is null ? db.Labels : db.Labels.Where(l => messages.Any(m => m.Id == l.MessageId));
        return new OverviewCounts(
            await UpToCapAsync(db.Sessions.Visible(actor), actor, Permissions.SessionsView, cancellationToken),
            await UpToCapAsync(messages, actor, Permissions.SessionsView, cancellationToken),
            await UpToCapAsync(labels, actor, Permissions.SessionsView, cancellationToken),
            await UpToCapAsync(VisibleSets(db, actor), actor, Permissions.SetsView, cancellationToken),
            await UpToCapAsync(VisibleRuns(db, actor), actor, Permissions.RunsView, cancellationToken),
            await UpToCapAsync(db.VisibleReproductions(actor), actor, Permissions.ReproductionsView, cancellationToken));
    }

    public async Task<IReadOnlyList<RecentRun>> RunsAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.RunsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await VisibleRuns(db, actor).OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Take(Recent)
            .Select(r => new RecentRun(r.Id, r.Name, r.SetName, r.State, r.CreatedAt)).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<RecentReproduction>> ReproductionsAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.VisibleReproductions(actor).AsNoTracking().OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Take(Recent)
            .Select(r => new RecentReproduction(r.Id, r.BadAnswerPreview == "" ? r.QuestionPreview : r.BadAnswerPreview, db.ReproductionArms.Where(a => a.TaskId == r.Id).OrderByDescending(a => a.Index).Select(a => a.TargetName).First(), r.State, r.CreatedAt)).ToListAsync(cancellationToken);
    }

    private static IQueryable<Samples.EvaluationSet> VisibleSets(LLMEvalDbContext db, Actor actor)
    {
        var sets = db.EvaluationSets.AsNoTracking().Where(s => s.DeletedAt == null);
        return actor.BizCodes is { } codes ? sets.Where(s => !db.SetScopes.Any(c => c.SetId == s.Id && !codes.Contains(c.BizCode))) : sets;
    }

    private static IQueryable<Run> VisibleRuns(LLMEvalDbContext db, Actor actor)
    {
        var runs = db.Runs.AsNoTracking().Where(r => r.State != RunState.Planning);
        return actor.BizCodes is { } codes ? runs.Where(r => !db.SetScopes.Any(c => c.SetId == r.SetId && !codes.Contains(c.BizCode))) : runs;
    }

    private static async Task<int?> UpToCapAsync<T>(IQueryable<T> source, Actor actor, string permission, CancellationToken cancellationToken) =>
        actor.May(permission) ? await source.Take(Page.CountCap + 1).CountAsync(cancellationToken) : null;
}

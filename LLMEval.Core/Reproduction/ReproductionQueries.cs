using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

public sealed class ReproductionQueries(IDbContextFactory<LLMEvalDbContext> contexts, SelfAddress self, TimeProvider clock)
{
    private const int MaxHistory = 100;

    /// <summary>Newest first.</summary>
    public async Task<Page<ReproductionRow>> PageAsync(ReproductionFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return Page<ReproductionRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = Matching(db, filter, actor);
        var total = await matching.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var descending = page.Descending != page.IsBackward;
        if ((page.Before ?? page.After) is { Instant: { } at, Id: var id })
        {
            matching = matching.Past(t => t.CreatedAt, t => t.Id, at, id, descending);
        }
        var rows = await Rows(db, matching.InOrder(t => t.CreatedAt, t => t.Id, descending).Take(page.Limit + 1)).ToListAsync(cancellationToken);
        var found = Page.Of(rows, page, row => Cursor.At(row.CreatedAt, row.Id), total);
        return found with { Items = await WithArmsAsync(db, found.Items, cancellationToken) };
    }

    public async Task<ReproductionRow?> RowAsync(long taskId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await RowAsync(db, taskId, actor, cancellationToken);
    }

    /// <summary>Null when there is none that the actor may see. Costs all answers of the task, at most <see cref="StartReproduction.MaxTimes"/> of each of <see cref="StartReproduction.MaxTargets"/> versions.</summary>
    public async Task<ReproductionDetail?> DetailAsync(long taskId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await RowAsync(db, taskId, actor, cancellationToken) is not { } row)
        {
            return null;
        }
        var task = await db.ReproductionTasks.AsNoTracking().FirstAsync(t => t.Id == taskId, cancellationToken);
        var plans = await db.ReproductionArms.AsNoTracking().Where(a => a.TaskId == taskId).Select(a => new { a.Index, a.PlanJson }).ToDictionaryAsync(a => a.Index, a => Json.Read<ArmPlan>(a.PlanJson), cancellationToken);
        var stored = await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == taskId).OrderBy(g => g.ArmIndex).ThenBy(g => g.Index)
            .Select(g => new
            {
                Row = new GenerationRow(
                    g.ArmIndex, g.Index, g.Status, g.Text, g.Verdict, g.Score, g.Explanation, g.JudgedByName, g.JudgedAt, g.Seed, g.DurationMs, g.Attempts, g.InputTokens, g.OutputTokens, g.ResponseModel,
                    g.ErrorType, g.ErrorDetail, g.At),
                g.ScoresJson,
            }).ToListAsync(cancellationToken);
        var generations = stored.ToLookup(g => g.Row.ArmIndex, g => g.ScoresJson is null ? g.Row : g.Row with { Scores = Json.Read<List<GenerationScore>>(g.ScoresJson) });
        var details = new List<ArmDetail>();
        foreach (var arm in row.Arms)
        {
            var request = await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == taskId && g.ArmIndex == arm.Index && g.RequestJson != null)
                .OrderBy(g => g.Index).Select(g => g.RequestJson).FirstOrDefaultAsync(cancellationToken);
            details.Add(ReproductionAnalysis.OfArm(task, arm, plans[arm.Index], [.. generations[arm.Index]], request));
        }
        return new ReproductionDetail(
            row, Json.Read<ReproductionCase>(task.CaseJson), Json.Read<Criterion>(task.CriterionJson), task.P0, task.P1, task.StopsEarly, task.OverridesJson, task.RecordedParametersJson, task.Comment, details,
            ReproductionAnalysis.Compare(row.Arms));
    }

    /// <summary>What came of a case so far, oldest first: a line per task and version, the last 100 tasks of it.</summary>
    public async Task<IReadOnlyList<CaseHistoryRow>> HistoryAsync(string caseKey, Actor actor, CancellationToken cancellationToken) =>
        (await HistoryAsync([caseKey], actor, cancellationToken))[caseKey].ToList();

    /// <summary>As for one case; by case.</summary>
    public async Task<ILookup<string, CaseHistoryRow>> HistoryAsync(IReadOnlyCollection<string> caseKeys, Actor actor, CancellationToken cancellationToken)
    {
        if (caseKeys.Count == 0 || !actor.May(Permissions.ReproductionsView))
        {
            return Array.Empty<CaseHistoryRow>().ToLookup(_ => "");
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var lines = await db.VisibleReproductions(actor).AsNoTracking().Where(t => caseKeys.Contains(t.CaseKey)).OrderByDescending(t => t.Id).Take(MaxHistory * caseKeys.Count)
            .Join(db.ReproductionArms, t => t.Id, a => a.TaskId, (t, a) => new { t.CaseKey, t.Id, a.Index, a.TargetName, a.TargetNumber, a.Bad, a.Graded, a.Verdict, t.State, t.CreatedAt, t.CheckId })
            .ToListAsync(cancellationToken);
        return lines.OrderBy(l => l.Id).ThenBy(l => l.Index).ToLookup(
            l => l.CaseKey,
            l => new CaseHistoryRow(l.Id, $"{l.TargetName}@{l.TargetNumber}", l.Bad, l.Graded, l.Verdict, l.State is not (ReproductionState.Pending or ReproductionState.Running), l.CreatedAt, l.CheckId));
    }

    /// <summary>What was sent and what came back, with the tries; of one generation, or, where <paramref name="index"/> is null, of the first <paramref name="take"/> of a version.</summary>
    public async Task<IReadOnlyList<GenerationDebug>> DebugAsync(long taskId, int armIndex, int? index, Actor actor, CancellationToken cancellationToken, int take = StartReproduction.MaxTimes)
    {
        if (!actor.May(Permissions.ReproductionsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var plan = await db.ReproductionArms.AsNoTracking().Where(a => a.TaskId == taskId && a.Index == armIndex && db.VisibleReproductions(actor).Any(t => t.Id == a.TaskId)).Select(a => a.PlanJson).FirstOrDefaultAsync(cancellationToken);
        if (plan is null)
        {
            return [];
        }
        var target = Json.Read<ArmPlan>(plan).Target;
        var found = await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == taskId && g.ArmIndex == armIndex && (index == null || g.Index == index)).OrderBy(g => g.Index).Take(take)
            .Select(g => new { g.Index, g.RequestJson, g.ResponseJson, g.Attempts, g.DurationMs, g.Seed, g.ErrorType, g.ErrorDetail, g.At, g.TraceJson, g.JudgeJson })
            .ToListAsync(cancellationToken);
        return [.. found.Select(g => new GenerationDebug(
            armIndex, g.Index, g.RequestJson, g.ResponseJson, g.Attempts, g.DurationMs, g.Seed, g.ErrorType, g.ErrorDetail, g.At,
            g.TraceJson is null ? [] : Json.Read<List<AttemptTrace>>(g.TraceJson), g.JudgeJson is null ? null : Json.Read<JudgeTrace>(g.JudgeJson), CurlCommand.Of(target, g.RequestJson, self)))];
    }

    private IQueryable<ReproductionTask> Matching(LLMEvalDbContext db, ReproductionFilter filter, Actor actor)
    {
        var matching = db.VisibleReproductions(actor).AsNoTracking();
        if (filter.State is { } state)
        {
            matching = matching.Where(t => t.State == state);
        }
        if (filter.Verdict is { } verdict)
        {
            matching = matching.Where(t => t.Verdict == verdict);
        }
        if (!string.IsNullOrWhiteSpace(filter.RobotId))
        {
            var robot = filter.RobotId.Trim();
            matching = matching.Where(t => t.RobotId == robot);
        }
        if (!string.IsNullOrWhiteSpace(filter.Person))
        {
            var person = filter.Person.Trim();
            matching = matching.Where(t => t.StartedByName.Contains(person));
        }
        if (filter.Started != TimeRange.Everything)
        {
            var (from, to) = filter.Started.Resolve(clock.GetUtcNow().UtcDateTime);
            matching = matching.Where(t => t.CreatedAt >= from && t.CreatedAt < to);
        }
        if (filter.MessageId is { } messageId)
        {
            matching = matching.Where(t => t.MessageId == messageId);
        }
        if (filter.CaseKey is { } caseKey)
        {
            matching = matching.Where(t => t.CaseKey == caseKey);
        }
        if (filter.CheckId is { } checkId)
        {
            matching = matching.Where(t => t.CheckId == checkId);
        }
        return filter.CheckRound is { } round ? matching.Where(t => t.CheckRound == round) : matching;
    }

    private static async Task<ReproductionRow?> RowAsync(LLMEvalDbContext db, long taskId, Actor actor, CancellationToken cancellationToken) =>
        await Rows(db, db.VisibleReproductions(actor).AsNoTracking().Where(t => t.Id == taskId)).FirstOrDefaultAsync(cancellationToken) is { } row
            ? (await WithArmsAsync(db, [row], cancellationToken))[0]
            : null;

    private static IQueryable<ReproductionRow> Rows(LLMEvalDbContext db, IQueryable<ReproductionTask> tasks) => tasks.Select(t => new ReproductionRow(
        t.Id, t.BizCode, t.RobotId, t.CaseKey, t.MessageId, t.SampleId, db.Messages.Where(m => m.Id == t.MessageId).Select(m => (long?)m.SessionId).FirstOrDefault(), t.SessionExternalId, t.MessageExternalId,
        t.QuestionPreview, t.BadAnswerPreview, t.State, t.Verdict, t.Severity, t.CreatedAt, t.FinishedAt, t.StartedByName, t.FailureCode, t.CheckId, t.CheckRound));

    private static async Task<IReadOnlyList<ReproductionRow>> WithArmsAsync(LLMEvalDbContext db, IReadOnlyList<ReproductionRow> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(r => r.Id).ToList();
        var arms = await db.ReproductionArms.AsNoTracking().Where(a => ids.Contains(a.TaskId)).OrderBy(a => a.TaskId).ThenBy(a => a.Index)
            .Select(a => new
            {
                a.TaskId,
                Row = new ArmRow(
                    a.Index, a.TargetVersionId, a.TargetName, a.TargetNumber, a.Times, db.ReproductionGenerations.Count(g => g.TaskId == a.TaskId && g.ArmIndex == a.Index), a.Bad, a.Graded, a.Rate, a.Low, a.High,
                    a.Verdict, a.IsEnded, a.EndedEarly),
            }).ToListAsync(cancellationToken);
        var byTask = arms.ToLookup(a => a.TaskId, a => a.Row);
        return [.. rows.Select(r => r with { Arms = [.. byTask[r.Id]] })];
    }
}

using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Statistics;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <param name="TargetVersionIds">One to <see cref="StartReproduction.MaxTargets"/>, in the order before to after: the last one's verdict is the task's.</param>
public sealed record ReproductionRequest(ReproductionSource Source, IReadOnlyList<long> TargetVersionIds, Criterion Criterion)
{
    /// <summary>Generations of each version at most, 1 to <see cref="StartReproduction.MaxTimes"/>; null takes <see cref="StartReproduction.DefaultTimes"/>.</summary>
    public int? Times { get; init; }
    public Severity Severity { get; init; } = Severity.Minor;

    /// <summary>Whether a version is asked no more once its verdict is clear.</summary>
    public bool StopsEarly { get; init; } = true;

    /// <summary>A JSON object laid over the parameters; a null in it takes one away. A seed there decides the draws of all generations.</summary>
    public JsonElement? Overrides { get; init; }

    /// <summary>Messages before the answer; null takes the source's own.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Asked in place of what was said; null leaves it.</summary>
    public IReadOnlyList<SampleMessage>? Context { get; init; }

    /// <summary>Given in place of what was known; null leaves it.</summary>
    public IReadOnlyList<SampleMemory>? Memory { get; init; }
    public string? Comment { get; init; }

    /// <summary>The case as an earlier task froze it, with what was recorded; its references are looked up anew.</summary>
    internal (ReproductionCase Case, string? RecordedParameters)? Frozen { get; init; }

    /// <summary>The regression check and its round that this is part of.</summary>
    internal (long CheckId, int Round)? Check { get; init; }
}

/// <summary>Freezes a bad case and asks target versions for its answer again, n times each, in the background.</summary>
public sealed class StartReproduction(
    IDbContextFactory<LLMEvalDbContext> contexts, TargetQueries targets, ScorerCatalog scorers, ReproductionJobs jobs, TimeProvider clock)
{
    public const int MaxTimes = 500;
    public const int MaxTargets = 5;
    public const int MaxMemory = 500;

    /// <summary>The task's id.</summary>
    public async Task<Result<long>> ExecuteAsync(ReproductionRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        if (Problem(request) is { } problem)
        {
            return problem;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await BadCases.FindAsync(db, request.Source, request.ContextLength, actor, cancellationToken) is not { } found)
        {
            return Failure.NotFound(request.Source.MessageId is null ? "BadCaseNotFound" : "BotMessageNotFound") with { Field = nameof(request.Source) };
        }
        if (request.Frozen is { } earlier)
        {
            found = found with { Case = earlier.Case with { References = found.Case.References, Baseline = null }, RecordedParameters = earlier.RecordedParameters };
        }
        var frozen = Edited(found.Case, request);
        var criterion = await CriterionAsync(request.Criterion, frozen, cancellationToken);
        if (criterion.Failure is { } wrongCriterion)
        {
            return wrongCriterion;
        }
        var overrides = request.Overrides is { ValueKind: not JsonValueKind.Undefined and not JsonValueKind.Null } given ? given : ChatParameters.None;
        var plans = await PlansAsync(request.TargetVersionIds, found, overrides, cancellationToken);
        if (plans.Failure is { } wrongPlan)
        {
            return wrongPlan;
        }
        var criterionJson = Json.Write(criterion.Value!);
        var baseline = await BaselineAsync(db, found.Key, criterionJson, request.TargetVersionIds, cancellationToken);
        var plan = baseline is null ? SeverityPlan.Of(request.Severity) : SeverityPlan.Of(request.Severity, baseline.Bad, baseline.Graded);
        if (!VerdictRule.Of(plan.P0, plan.P1, criterion.Value!).CanDecide)
        {
            return Failure.Invalid("CriterionJudgeUseless", nameof(Criterion.Sensitivity));
        }
        var task = TaskOf(request, found, frozen with { Baseline = plan.P1 > SeverityPlan.Of(request.Severity).P1 ? baseline : null }, plan, overrides, criterionJson, actor);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            db.ReproductionTasks.Add(task);
            await db.SaveChangesAsync(cancellationToken);
            db.ReproductionArms.AddRange(plans.Value!.Select((arm, index) => new ReproductionArm
            {
                TaskId = task.Id,
                Index = index,
                TargetVersionId = arm.Target.TargetVersionId,
                TargetName = arm.Target.Name,
                TargetNumber = arm.Target.Number,
                PlanJson = Json.Write(arm),
                Times = task.Times,
            }));
            db.AuditEntries.Add(AuditEntry.Of(actor, task.CreatedAt, "reproduction.start", "reproduction", task.Id, new { request.Source, targets = plans.Value!.Select(a => a.Target.Label), task.Times }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await jobs.ScheduleAsync(task.Id, cancellationToken);
        return task.Id;
    }

    /// <summary>What the severity needs at most; where people decide, what a fixed case needs, since they will not read three times as many.</summary>
    public static int DefaultTimes(SeverityPlan plan, CriterionKind kind) => kind == CriterionKind.Person ? plan.GoodsToFixed : plan.MostGenerations;

    private static Failure? Problem(ReproductionRequest request) =>
        request.TargetVersionIds.Count is 0 or > MaxTargets || request.TargetVersionIds.Distinct().Count() < request.TargetVersionIds.Count
            ? Failure.Invalid("ReproductionTargets", nameof(request.TargetVersionIds), MaxTargets)
        : request.Times is < 1 or > MaxTimes ? Failure.Invalid("NumberOutOfRange", nameof(request.Times), 1, MaxTimes)
        : request.ContextLength is < 0 or > CreateSet.MaxContextLength ? Failure.Invalid("NumberOutOfRange", nameof(request.ContextLength), 0, CreateSet.MaxContextLength)
        : request.Comment?.Length > ReproductionTask.MaxCommentLength ? Failure.Invalid("TextTooLong", nameof(request.Comment), ReproductionTask.MaxCommentLength)
        : request.Context is { } context && SampleDrafts.Problem(new SampleDraft(context), Actor.Nobody) is { } wrong ? wrong with { Field = nameof(request.Context) }
        : request.Memory is { } memory && (memory.Count > MaxMemory || memory.Any(m => string.IsNullOrWhiteSpace(m.Content) || m.Content.Length > AddSamplesToSet.MaxContentLength))
            ? Failure.Invalid("ReproductionMemory", nameof(request.Memory), MaxMemory, AddSamplesToSet.MaxContentLength)
        : null;

    private static ReproductionCase Edited(ReproductionCase frozen, ReproductionRequest request)
    {
        var context = request.Context is { } said && !said.Select(m => (m.Role, m.Content)).SequenceEqual(frozen.Turn.Context.Select(m => (m.Role, m.Content))) ? said : null;
        var memory = request.Memory is { } known && !known.Select(m => m.Content).SequenceEqual(frozen.Turn.Memory.Select(m => m.Content)) ? known : null;
        return frozen with
        {
            Turn = frozen.Turn with { Context = context ?? frozen.Turn.Context, Memory = memory ?? frozen.Turn.Memory },
            ContextIsEdited = context is not null,
            MemoryIsEdited = memory is not null,
        };
    }

    private async Task<Result<Criterion>> CriterionAsync(Criterion criterion, ReproductionCase frozen, CancellationToken cancellationToken)
    {
        var full = criterion.Checked(scorers, frozen.Turn.Recorded?.Text is not null, frozen.References.Count > 0);
        if (full.Failure is not null || full.Value!.JudgeVersionId is not { } judgeId)
        {
            return full;
        }
        return await targets.SnapshotAsync(judgeId, cancellationToken) is { Connector: not Connector.Recorded } judge
            ? full.Value with { JudgeName = judge.Label }
            : Failure.NotFound("TargetVersionNotFound", judgeId) with { Field = nameof(Criterion.JudgeVersionId) };
    }

    private async Task<Result<IReadOnlyList<ArmPlan>>> PlansAsync(IReadOnlyList<long> targetVersionIds, BadCase found, JsonElement overrides, CancellationToken cancellationToken)
    {
        var plans = new List<ArmPlan>();
        foreach (var id in targetVersionIds)
        {
            if (await targets.SnapshotAsync(id, cancellationToken) is not { } snapshot)
            {
                return Failure.NotFound("TargetVersionNotFound", id) with { Field = nameof(ReproductionRequest.TargetVersionIds) };
            }
            if (snapshot.Connector == Connector.Recorded)
            {
                // It would say the same bad answer each time, and that says nothing.
                return Failure.Invalid("ReproductionRecordedTarget", nameof(ReproductionRequest.TargetVersionIds), snapshot.Label);
            }
            var merged = ReproductionParameters.Merge(snapshot.Parameters, found.Case.Turn.Recorded?.Parameters, overrides);
            if (merged.Failure is { } wrong)
            {
                return wrong with { Field = nameof(ReproductionRequest.Overrides) };
            }
            plans.Add(new ArmPlan(snapshot with { Parameters = merged.Value!.Sent }, merged.Value.Sources, merged.Value.Seed, Transcripts.Version));
        }
        return plans;
    }

    /// <summary>The newest result of the case under the same criterion with a version that is not asked now; too few answers say nothing.</summary>
    private static async Task<Baseline?> BaselineAsync(LLMEvalDbContext db, string caseKey, string criterionJson, IReadOnlyList<long> asked, CancellationToken cancellationToken) =>
        await db.ReproductionTasks.AsNoTracking().Where(t => t.CaseKey == caseKey && t.CriterionJson == criterionJson && t.State == ReproductionState.Completed)
            .Join(db.ReproductionArms.Where(a => a.Graded >= 5 && !asked.Contains(a.TargetVersionId)), t => t.Id, a => a.TaskId, (t, a) => a)
            .OrderByDescending(a => a.TaskId).ThenByDescending(a => a.Index).Select(a => new Baseline(a.TaskId, a.TargetName + "@" + a.TargetNumber, a.Bad, a.Graded)).FirstOrDefaultAsync(cancellationToken);

    private ReproductionTask TaskOf(ReproductionRequest request, BadCase found, ReproductionCase frozen, SeverityPlan plan, JsonElement overrides, string criterionJson, Actor actor) => new()
    {
        BizCode = found.BizCode,
        RobotId = found.RobotId,
        CaseKey = found.Key,
        MessageId = found.MessageId,
        SampleId = found.SampleId,
        SessionExternalId = found.SessionExternalId,
        MessageExternalId = found.MessageExternalId,
        BadAnswerPreview = Preview.Of(frozen.Turn.Recorded?.Text ?? ""),
        QuestionPreview = Preview.Of(frozen.Turn.Context.LastOrDefault(m => m.Role == "user")?.Content ?? ""),
        CaseJson = Json.Write(frozen),
        OverridesJson = overrides.GetRawText(),
        RecordedParametersJson = found.RecordedParameters,
        CriterionJson = criterionJson,
        Comment = string.IsNullOrWhiteSpace(request.Comment) ? null : request.Comment.Trim(),
        Severity = request.Severity,
        P0 = plan.P0,
        P1 = plan.P1,
        StopsEarly = request.StopsEarly,
        Times = request.Times ?? DefaultTimes(plan, request.Criterion.Kind),
        State = ReproductionState.Pending,
        CreatedAt = clock.GetUtcNow().UtcDateTime,
        StartedById = actor.UserId,
        StartedByName = actor.Name,
        CheckId = request.Check?.CheckId,
        CheckRound = request.Check?.Round,
    };
}

using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <param name="MessageId">Any bot message that the actor may see.</param>
/// <param name="Times">1 to <see cref="StartReproduction.MaxTimes"/>.</param>
/// <param name="Overrides">A JSON object laid over the parameters; a null in it takes one away. A seed there decides the draws of all generations.</param>
public sealed record ReproductionRequest(
    long MessageId, long TargetVersionId, int Times, Criterion Criterion, JsonElement? Overrides = null, int ContextLength = CreateSet.DefaultContextLength);

/// <summary>Freezes a recorded turn and asks a target version for its answer again, n times, in the background.</summary>
public sealed class StartReproduction(
    IDbContextFactory<LLMEvalDbContext> contexts, TargetQueries targets, ScorerCatalog scorers, ReproductionJobs jobs, TimeProvider clock)
{
    public const int MaxTimes = 100;

    /// <summary>The task's id.</summary>
    public async Task<Result<long>> ExecuteAsync(ReproductionRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.ReproductionsStart) is { } refusal)
        {
            return refusal;
        }
        if (request.Times is < 1 or > MaxTimes)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.Times), 1, MaxTimes);
        }
        if (request.ContextLength is < 0 or > CreateSet.MaxContextLength)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.ContextLength), 0, CreateSet.MaxContextLength);
        }
        var criterion = request.Criterion.Checked(scorers);
        if (criterion.Failure is { } wrongCriterion)
        {
            return wrongCriterion;
        }
        if (await targets.SnapshotAsync(request.TargetVersionId, cancellationToken) is not { } snapshot)
        {
            return Failure.NotFound("TargetVersionNotFound", request.TargetVersionId) with { Field = nameof(request.TargetVersionId) };
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await RecordedTurns.OfAsync(db, [request.MessageId], request.ContextLength, actor, cancellationToken) is not [var turn])
        {
            return Failure.NotFound("BotMessageNotFound") with { Field = nameof(request.MessageId) };
        }
        var overrides = request.Overrides is { ValueKind: not JsonValueKind.Undefined and not JsonValueKind.Null } given ? given : ChatParameters.None;
        var merged = ReproductionParameters.Merge(snapshot.Parameters, ParametersOf(turn), overrides);
        if (merged.Failure is { } wrongParameters)
        {
            return wrongParameters with { Field = nameof(request.Overrides) };
        }
        var task = TaskOf(request, turn, snapshot, merged.Value!, overrides, criterion.Value!, actor);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            db.ReproductionTasks.Add(task);
            await db.SaveChangesAsync(cancellationToken);
            db.AuditEntries.Add(AuditEntry.Of(actor, task.CreatedAt, "reproduction.start", "reproduction", task.Id, new { request.MessageId, target = snapshot.Label, request.Times }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        await jobs.ScheduleAsync(task.Id, cancellationToken);
        return task.Id;
    }

    private ReproductionTask TaskOf(
        ReproductionRequest request, RecordedTurn turn, TargetSnapshot snapshot, ReproductionParameters.Merged parameters, JsonElement overrides, Criterion criterion, Actor actor) => new()
        {
            BizCode = turn.BizCode,
            RobotId = turn.RobotId,
            MessageId = turn.MessageId,
            SessionExternalId = turn.SessionExternalId,
            MessageExternalId = turn.MessageExternalId,
            BadAnswerPreview = Preview.Of(turn.Answer),
            CaseJson = Json.Write(new ReproductionCase(
                new Turn(turn.Context, turn.SystemPrompt, turn.Memory, new RecordedAnswer(turn.Answer, turn.Model, turn.LatencyMs, ParametersOf(turn)), turn.SessionExternalId, turn.MessageId),
                turn.Model, turn.PromptVersion, snapshot with { Parameters = parameters.Sent }, parameters.Sources, parameters.Seed, Transcripts.Version)),
            TargetVersionId = snapshot.TargetVersionId,
            TargetName = snapshot.Name,
            TargetNumber = snapshot.Number,
            OverridesJson = overrides.GetRawText(),
            ParametersJson = parameters.Sent.GetRawText(),
            RecordedParametersJson = turn.ParametersJson,
            CriterionJson = Json.Write(criterion),
            Times = request.Times,
            State = ReproductionState.Pending,
            CreatedAt = clock.GetUtcNow().UtcDateTime,
            StartedById = actor.UserId,
            StartedByName = actor.Name,
        };

    private static JsonElement? ParametersOf(RecordedTurn turn) => turn.ParametersJson is { } json ? Json.Read<JsonElement>(json) : null;
}

using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Reproduction;

/// <summary>Where a bad case comes from; exactly one is given. A trial's bad answer is the one of that run.</summary>
public sealed record ReproductionSource(long? MessageId = null, long? SampleId = null, long? TrialId = null)
{
    public static ReproductionSource OfMessage(long id) => new(MessageId: id);

    public static ReproductionSource OfSample(long id) => new(SampleId: id);

    public static ReproductionSource OfTrial(long id) => new(TrialId: id);
}

/// <summary>A bad case before anybody asks again.</summary>
/// <param name="Key">As <see cref="ReproductionTask.CaseKey"/>.</param>
/// <param name="RecordedParameters">As <see cref="ReproductionParameters.Recorded"/> says.</param>
/// <param name="TargetVersionId">The version that gave the bad answer, where it is one of ours.</param>
public sealed record BadCase(
    string Key, string BizCode, string RobotId, long? MessageId, long? SampleId, long? SessionId, string SessionExternalId, string MessageExternalId, DateTime? AnsweredAt,
    ReproductionCase Case, string? RecordedParameters, long? TargetVersionId, int ContextLength);

/// <summary>Finds a bad case by what it is known as, and freezes it.</summary>
internal static class BadCases
{
    /// <summary>Null when there is none that the actor may see.</summary>
    public static async Task<BadCase?> FindAsync(LLMEvalDbContext db, ReproductionSource source, int? contextLength, Actor actor, CancellationToken cancellationToken) => source switch
    {
        { MessageId: { } id, SampleId: null, TrialId: null } when actor.May(Permissions.SessionsView) => await OfMessageAsync(db, id, contextLength ?? CreateSet.DefaultContextLength, actor, cancellationToken),
        { SampleId: { } id, MessageId: null, TrialId: null } when actor.May(Permissions.SetsView) => await OfSampleAsync(db, id, contextLength, actor, cancellationToken),
        { TrialId: { } id, MessageId: null, SampleId: null } when actor.May(Permissions.RunsView) => await OfTrialAsync(db, id, contextLength, actor, cancellationToken),
        _ => null,
    };

    public static string KeyOf(long? messageId, long? sampleId) =>
        messageId is { } message ? string.Create(CultureInfo.InvariantCulture, $"message:{message}") : string.Create(CultureInfo.InvariantCulture, $"sample:{sampleId}");

    private static async Task<BadCase?> OfMessageAsync(LLMEvalDbContext db, long messageId, int contextLength, Actor actor, CancellationToken cancellationToken)
    {
        if (await RecordedTurns.OfAsync(db, [messageId], contextLength, actor, cancellationToken) is not [var turn])
        {
            return null;
        }
        var references = (await TakeSample.ReferencesAsync(db, [messageId], cancellationToken))[messageId].Distinct(StringComparer.Ordinal).ToList();
        var recorded = ReproductionParameters.Recorded(turn.ParametersJson, turn.RequestJson, turn.Model);
        var frozen = new ReproductionCase(
            new Turn(turn.Context, turn.SystemPrompt, turn.Memory, new RecordedAnswer(turn.Answer, turn.Model, turn.LatencyMs, recorded), turn.SessionExternalId, turn.MessageId), turn.Model, turn.PromptVersion)
        {
            RecordedRequestJson = turn.RequestJson,
            References = references,
        };
        return new BadCase(
            KeyOf(messageId, null), turn.BizCode, turn.RobotId, messageId, null, turn.SessionId, turn.SessionExternalId, turn.MessageExternalId, turn.SentAt, frozen, recorded?.GetRawText(), null, contextLength);
    }

    private static async Task<BadCase?> OfSampleAsync(LLMEvalDbContext db, long sampleId, int? contextLength, Actor actor, CancellationToken cancellationToken)
    {
        if (await db.VisibleSamplesEvenRemoved(actor).AsNoTracking().FirstOrDefaultAsync(s => s.Id == sampleId, cancellationToken) is not { } sample)
        {
            return null;
        }
        var said = sample.MessageId is { } messageId
            ? await db.Messages.AsNoTracking().Where(m => m.Id == messageId).Join(db.Sessions, m => m.SessionId, s => s.Id, (m, s) => new { m.SessionId, Session = s.ExternalId, Message = m.ExternalId }).FirstOrDefaultAsync(cancellationToken)
            : null;
        var request = sample.MessageId is { } known ? await db.Generations.AsNoTracking().Where(g => g.MessageId == known).Select(g => g.RequestJson).FirstOrDefaultAsync(cancellationToken) : null;
        var context = (IReadOnlyList<SampleMessage>)Json.Read<List<SampleMessage>>(sample.InputJson);
        if (contextLength is { } length && !sample.IsScript)
        {
            context = ContextCut.Of(context, length);
        }
        var recorded = ReproductionParameters.Recorded(sample.RecordedParametersJson, request, sample.RecordedModel);
        var turn = new Turn(
            context, sample.SystemPrompt, Json.Read<List<SampleMemory>>(sample.MemoryJson),
            sample.RecordedAnswer is { } answer ? new RecordedAnswer(answer, sample.RecordedModel, sample.RecordedLatencyMs, recorded) : null, said?.Session ?? sample.ClusterKey, sample.MessageId)
        {
            IsScript = sample.IsScript,
        };
        return new BadCase(
            KeyOf(said is null ? null : sample.MessageId, sample.Id), sample.BizCode, sample.RobotId, said is null ? null : sample.MessageId, sample.Id, said?.SessionId, said?.Session ?? "", said?.Message ?? sample.ExternalId ?? "",
            sample.AnsweredAt,
            new ReproductionCase(turn, sample.RecordedModel, sample.RecordedPromptVersion) { RecordedRequestJson = request, References = Json.Read<List<string>>(sample.ReferencesJson) },
            recorded?.GetRawText(), null, contextLength ?? sample.ContextLength);
    }

    private static async Task<BadCase?> OfTrialAsync(LLMEvalDbContext db, long trialId, int? contextLength, Actor actor, CancellationToken cancellationToken)
    {
        var trial = await db.Trials.AsNoTracking().Where(t => t.Id == trialId)
            .Join(RunQueries.Visible(db, actor), t => t.RunId, r => r.Id, (t, r) => new { t.SampleId, t.TargetIndex, t.Answer, t.RequestJson, t.ResponseModel, t.DurationMs, t.AnsweredAt, r.PlanJson })
            .FirstOrDefaultAsync(cancellationToken);
        if (trial?.Answer is not { } answer || await OfSampleAsync(db, trial.SampleId, contextLength, actor, cancellationToken) is not { } found)
        {
            return null;
        }
        var target = Json.Read<RunPlan>(trial.PlanJson).Targets[trial.TargetIndex];
        if (target.Connector == Connector.Recorded)
        {
            // It repeated what production said.
            return found;
        }
        var asked = ReproductionParameters.OfRequest(trial.RequestJson);
        var recorded = asked.Count == 0 ? null : ReproductionParameters.Recorded(Json.Write(asked), null, asked.ContainsKey(ReproductionParameters.Model) ? null : target.RequestModel);
        var turn = found.Case.Turn with { Recorded = new RecordedAnswer(answer, trial.ResponseModel ?? target.RequestModel, trial.DurationMs, recorded) };
        return found with
        {
            AnsweredAt = trial.AnsweredAt,
            TargetVersionId = target.TargetVersionId,
            RecordedParameters = recorded?.GetRawText(),
            Case = found.Case with { Turn = turn, RecordedModel = target.RequestModel, RecordedPromptVersion = null, RecordedRequestJson = trial.RequestJson, AnsweredBy = target.Label },
        };
    }
}

using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Samples;
using LLMEval.Core.Statistics;
using LLMEval.Core.Targets;

namespace LLMEval.Blazor.Api;

/// <param name="BizCode">Without it, the newest message with these ids of any visible business line.</param>
public sealed record ReproducedMessage(string? SessionId = null, string? MsgId = null, string? BizCode = null);

/// <summary>When an answer is bad; exactly one of its forms.</summary>
/// <param name="SimilarToRecorded">true, or the chrF similarity (0 to 100) from which an answer is bad.</param>
/// <param name="Judge">The target version that judges, <c>name@version</c>; with <paramref name="Rubric"/>.</param>
public sealed record CriterionBody(
    string? Scorer = null, JsonElement? Params = null, double? Threshold = null, IReadOnlyList<string>? Contains = null, string? Regex = null, string? Judge = null, string? Rubric = null,
    JsonElement? SimilarToRecorded = null, bool? Person = null)
{
    public async Task<Result<Criterion>> ToCriterionAsync(TargetQueries targets, Actor actor, CancellationToken cancellationToken)
    {
        var forms = new[] { Scorer is not null, Contains is not null, Regex is not null, Judge is not null, SimilarToRecorded is not null, Person is not null }.Count(given => given);
        if (forms != 1)
        {
            return Words.Refused(forms == 0 ? "{}" : "several", "criterion", "one of scorer, contains, regex, judge, similar_to_recorded, person");
        }
        if (Judge is not null)
        {
            var judge = await targets.FindVersionAsync(Judge, actor, cancellationToken);
            return judge.Failure is { } unknown ? unknown with { Field = "criterion.judge" } : Criterion.Judge(judge.Value!.TargetVersionId, Rubric ?? "");
        }
        return Scorer is not null ? new Criterion(CriterionKind.Scorer, Scorer, Threshold) { Options = Params }
            : Contains is not null ? Criterion.Contains(Contains)
            : Regex is not null ? Criterion.Matches(Regex)
            : Person is not null ? (Person.Value ? Criterion.Person : Words.Refused("false", "criterion.person", "true"))
            : SimilarToRecorded switch
            {
                { ValueKind: JsonValueKind.True } => Criterion.SimilarToRecorded(),
                { ValueKind: JsonValueKind.Number } similarity => Criterion.SimilarToRecorded(similarity.GetDouble()),
                { } odd => Words.Refused(odd.GetRawText(), "criterion.similar_to_recorded", "true or a number from 0 to 100"),
                null => throw new InvalidOperationException("One form was given."),
            };
    }
}

/// <param name="Targets">One to five, <c>name@version</c> or <c>name</c> for its newest; the last one's verdict is the task's.</param>
/// <param name="Times">Generations of each version at most; without it, what the severity needs. It stops early once the verdict is clear.</param>
/// <param name="Params">Laid over the parameters that production recorded; null takes one away.</param>
/// <param name="Memory">Memory given in place of what was known then: texts.</param>
public sealed record ReproductionBody(
    ReproducedMessage? Message = null, IReadOnlyList<string>? Targets = null, int? Times = null, JsonElement? Params = null, int? ContextLength = null, IReadOnlyList<string>? Memory = null,
    CriterionBody? Criterion = null, Severity? Severity = null)
{
    /// <summary>Core's names of what a body calls otherwise.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        [nameof(ReproductionRequest.Source)] = "message",
        [nameof(ReproductionRequest.TargetVersionIds)] = "targets",
        [nameof(ReproductionRequest.Overrides)] = "params",
        ["Kind"] = "criterion",
        ["Metric"] = "criterion.scorer",
        ["MetricName"] = "criterion.scorer",
        ["Options"] = "criterion.params",
        ["Threshold"] = "criterion.threshold",
        ["Any"] = "criterion.contains",
        ["Pattern"] = "criterion.regex",
        ["Rubric"] = "criterion.rubric",
        ["JudgeVersionId"] = "criterion.judge",
    };

    /// <summary>The refusal with the field's name as the body has it.</summary>
    public static Failure Named(Failure failure) => failure.Field is { } field && Names.TryGetValue(field, out var name) ? failure with { Field = name } : failure;

    public async Task<Result<ReproductionRequest>> ToRequestAsync(ReproductionDrafts drafts, TargetQueries targets, Actor actor, CancellationToken cancellationToken)
    {
        if ((Message is null ? "message" : Message.SessionId is null ? "message.session_id" : Message.MsgId is null ? "message.msg_id" : Targets is null or { Count: 0 } ? "targets" : null) is { } missing)
        {
            return Failure.Invalid("FieldMissing", missing, missing);
        }
        if ((Words.Empty(Targets, "targets") ?? Words.Empty(Memory, "memory") ?? Words.Empty(Criterion?.Contains, "criterion.contains") ?? Words.Unknown(Severity, "severity")) is { } problem)
        {
            return problem;
        }
        if (await drafts.FindAsync(Message!.SessionId!, Message.MsgId!, actor, cancellationToken, Message.BizCode) is not { } messageId)
        {
            return Failure.NotFound("BotMessageNotFound") with { Field = "message" };
        }
        var versions = new List<long>();
        foreach (var reference in Targets!)
        {
            var found = await targets.FindVersionAsync(reference, actor, cancellationToken);
            if (found.Failure is { } unknown)
            {
                return unknown with { Field = "targets" };
            }
            versions.Add(found.Value!.TargetVersionId);
        }
        var criterion = await (Criterion ?? new CriterionBody(SimilarToRecorded: JsonElement.Parse("true"))).ToCriterionAsync(targets, actor, cancellationToken);
        return criterion.Failure is { } refused ? refused : new ReproductionRequest(ReproductionSource.OfMessage(messageId), versions, criterion.Value!)
        {
            Times = Times,
            Severity = Severity ?? Core.Statistics.Severity.Minor,
            Overrides = Params,
            ContextLength = ContextLength,
            Memory = Memory is null ? null : [.. Memory.Select(text => new SampleMemory(null, text, null))],
        };
    }
}

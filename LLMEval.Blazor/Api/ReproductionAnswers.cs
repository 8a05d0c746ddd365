using System.Text.Json;
using System.Text.Json.Serialization;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Targets;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Api;

/// <param name="Kind">Only_here is sent and not recorded, only_recorded the other way round.</param>
/// <param name="Note">Why it differs, in words.</param>
public sealed record ParameterDiffAnswer(
    string Key, string Kind, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Here, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Recorded,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Note);

public sealed record GenerationScoreAnswer(string Metric, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Value, string? Reason, string? UnscoredBecause);

/// <param name="Index">From 0 within its target.</param>
/// <param name="Text">Null where nothing was answered.</param>
public sealed record RepeatedAnswer(
    int Index, string Target, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Text, string Verdict, IReadOnlyList<GenerationScoreAnswer> Scores,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? LatencyMs, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] UsageAnswer? Usage);

public sealed record AttemptAnswer(int Number, int StartedMs, int DurationMs, ReplyStatus Status, string? Error);

public sealed record TimingsAnswer(int? DurationMs, IReadOnlyList<AttemptAnswer> Attempts);

/// <summary>What went over the wire for one generation, in their order.</summary>
public sealed record GenerationDebugAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Request, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Response, int Attempts, TimingsAnswer Timings);

public sealed record ReproducedTargetAnswer(
    string Target, ReproductionVerdict Verdict, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Rate, int Bad, int N,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<double>? Interval, string Method);

/// <summary>A reproduction as it stands; figures are the last target's, <see cref="ByTarget"/> has each one's.</summary>
/// <param name="Parameters">Exactly as sent with the first question.</param>
/// <param name="N">Generations with a verdict.</param>
/// <param name="Interval">95 %, Wilson; null while nothing has a verdict.</param>
public sealed record ReproductionAnswer(
    string Id, ReproductionState State, ReproducedMessage Message, JsonElement Parameters, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? RecordedParameters,
    IReadOnlyList<ParameterDiffAnswer> ParameterDiff, IReadOnlyList<RepeatedAnswer> Generations, ReproductionVerdict Verdict, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Rate, int Bad, int N,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyList<double>? Interval, string Method, IReadOnlyList<GenerationDebugAnswer> Debug, IReadOnlyList<ReproducedTargetAnswer> ByTarget)
{
    /// <summary>Null when there is none that the actor may see.</summary>
    public static async Task<ReproductionAnswer?> OfAsync(long taskId, ReproductionQueries queries, IStringLocalizer<ReproductionTexts> texts, Actor actor, CancellationToken cancellationToken)
    {
        if (await queries.DetailAsync(taskId, actor, cancellationToken) is not { } task)
        {
            return null;
        }
        var debug = new List<GenerationDebugAnswer>();
        foreach (var arm in task.Arms)
        {
            debug.AddRange((await queries.DebugAsync(taskId, arm.Row.Index, null, actor, cancellationToken)).Select(Of));
        }
        var last = task.Arms[^1];
        return new ReproductionAnswer(
            task.Row.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), task.Row.State, new ReproducedMessage(task.Row.SessionExternalId, task.Row.MessageExternalId, task.Row.BizCode),
            JsonElement.Parse(last.ParametersJson), task.RecordedParametersJson is { } recorded ? JsonElement.Parse(recorded) : null,
            [.. last.Parameters.Select(p => new ParameterDiffAnswer(
                p.Key, JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Difference.ToString()), p.Here is { } here ? JsonElement.Parse(here) : null, p.Recorded is { } theirs ? JsonElement.Parse(theirs) : null,
                p.Note == ParameterNote.None ? null : texts[$"Note_{p.Note}"].Value))],
            [.. task.Arms.SelectMany(arm => arm.Generations.Select(g => Of(g, arm.Row.Label)))],
            last.Row.Verdict, last.Row.Rate, last.Row.Bad, last.Row.Graded, IntervalOf(last.Row), MethodOf(task), debug,
            [.. task.Arms.Select(arm => new ReproducedTargetAnswer(arm.Row.Label, arm.Row.Verdict, arm.Row.Rate, arm.Row.Bad, arm.Row.Graded, IntervalOf(arm.Row), MethodOf(task)))]);
    }

    private static RepeatedAnswer Of(GenerationRow g, string target) => new(
        g.Index, target, g.Text, g.Verdict.ToString().ToLowerInvariant(), [.. g.Scores.Select(s => new GenerationScoreAnswer(s.Metric, s.Value, s.Explanation, s.UnscoredBecause))], g.DurationMs,
        g.InputTokens is null && g.OutputTokens is null ? null : new UsageAnswer(g.InputTokens, g.OutputTokens));

    private static GenerationDebugAnswer Of(GenerationDebug d) => new(
        Raw(d.RequestJson), Raw(d.ResponseJson), d.Attempts,
        new TimingsAnswer(d.DurationMs, [.. d.Trace.Select(t => new AttemptAnswer(t.Number, t.StartedMs, t.DurationMs, t.Status, t.ErrorType))]));

    private static double[]? IntervalOf(ArmRow row) => row is { Low: { } low, High: { } high } ? [low, high] : null;

    private static string MethodOf(ReproductionDetail task) => FormattableString.Invariant($"sprt p0={task.P0:0.###} p1={task.P1:0.###} alpha=0.05 beta=0.05; interval wilson 0.95");

    /// <summary>What is no JSON (an endpoint's HTML, a broken body) is given as the text it was.</summary>
    private static JsonElement? Raw(string? text)
    {
        try
        {
            return text is null ? null : JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}

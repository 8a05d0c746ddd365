using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Statistics;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

/// <summary>What the stored answers of a task say: arithmetic only, no database.</summary>
internal static class ReproductionAnalysis
{
    /// <param name="requestJson">The first request that was sent; null before.</param>
    public static ArmDetail OfArm(ReproductionTask task, ArmRow row, ArmPlan plan, IReadOnlyList<GenerationRow> generations, string? requestJson)
    {
        var frozen = Json.Read<ReproductionCase>(task.CaseJson);
        var recorded = ReproductionParameters.Members(ReproductionParameters.Parsed(task.RecordedParametersJson));
        var overrides = ReproductionParameters.Members(ReproductionParameters.Parsed(task.OverridesJson));
        var sent = requestJson is null ? Planned(plan.Target) : ReproductionParameters.OfRequest(requestJson);
        var parameters = ParameterComparison.Of(sent, recorded, plan.Sources, overrides);
        var prompt = PromptComparison.Of(requestJson, frozen.RecordedRequestJson);
        var groups = AnswerGroups.Of([.. generations.Select(g => g.Status == ReplyStatus.Answered ? g.Text ?? "" : null)]);
        var test = VerdictRule.Of(task.P0, task.P1, Json.Read<Criterion>(task.CriterionJson)).Test;
        return new ArmDetail(
            row, plan, JsonSerializer.Serialize(new SortedDictionary<string, JsonElement>(sent.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal), Json.Stored), requestJson is not null,
            parameters, prompt, ParameterComparison.Verdict(parameters, recorded.Count > 0, prompt.IsEqual),
            [.. generations.Select((g, i) => g with { Group = groups.Groups[i] })], groups, generations.Select(g => g.ResponseModel).OfType<string>().Distinct(StringComparer.Ordinal).Count() > 1,
            test?.StateOf(row.Bad, row.Graded).LogLikelihoodRatio, test?.Lower, test?.Upper);
    }

    /// <summary>The first version with each later one, where both have answers.</summary>
    public static IReadOnlyList<BeforeAfter> Compare(IReadOnlyList<ArmRow> arms)
    {
        var before = arms[0];
        return [.. arms.Skip(1).Where(after => before.Graded > 0 && after.Graded > 0).Select(after =>
        {
            var fisher = TwoByTwo.Fisher(before.Bad, before.Graded, after.Bad, after.Graded);
            var boschloo = TwoByTwo.Boschloo(before.Bad, before.Graded, after.Bad, after.Graded);
            return new BeforeAfter(
                before.Index, after.Index, boschloo, fisher.Improved, fisher.Difference ?? 0, fisher.Low, fisher.High);
        })];
    }

    private static Dictionary<string, JsonElement> Planned(TargetSnapshot target)
    {
        var members = ReproductionParameters.Members(target.Parameters).ToDictionary(StringComparer.Ordinal);
        if (target.RequestModel is { } model)
        {
            members[ReproductionParameters.Model] = JsonSerializer.SerializeToElement(model);
        }
        return members;
    }
}

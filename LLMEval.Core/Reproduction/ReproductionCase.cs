using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Runs;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

/// <summary>Everything that decides a reproduction's questions, frozen when it starts.</summary>
/// <param name="Target">The version, with the parameters that are sent in place of its own.</param>
/// <param name="Sources">Where each sent parameter comes from.</param>
/// <param name="Seed">Given by override or version; null takes the task's id, so that another task asks other questions.</param>
public sealed record ReproductionCase(
    Turn Turn, string? RecordedModel, string? RecordedPromptVersion, TargetSnapshot Target, IReadOnlyDictionary<string, ParameterSource> Sources, int? Seed, int TranscriptVersion)
{
    public int SeedOf(long taskId, int index) => Seed is { } seed ? DerivedSeed.Of(seed, index) : DerivedSeed.Of((int)(taskId >> 31), (int)(taskId & int.MaxValue), index);
}

public enum CriterionKind { SimilarToRecorded, Contains, Person }

/// <summary>When a new answer counts as the old badness.</summary>
/// <param name="Metric">Of <see cref="CriterionKind.SimilarToRecorded"/>: a scorer that compares with a reference, which is the recorded bad answer here.</param>
/// <param name="Threshold">Bad from this similarity on.</param>
/// <param name="Any">Of <see cref="CriterionKind.Contains"/>: bad where any of these texts occurs, case ignored.</param>
public sealed record Criterion(CriterionKind Kind, string? Metric = null, double? Threshold = null, IReadOnlyList<string>? Any = null)
{
    public const string DefaultMetric = "chrf";
    public const double DefaultThreshold = 60;

    public static Criterion SimilarToRecorded(double threshold = DefaultThreshold) => new(CriterionKind.SimilarToRecorded, DefaultMetric, threshold);

    public static Criterion Contains(params IReadOnlyList<string> any) => new(CriterionKind.Contains, Any: any);

    public static Criterion Person { get; } = new(CriterionKind.Person);

    /// <summary>With its defaults filled in, or what is wrong with it.</summary>
    internal Result<Criterion> Checked(ScorerCatalog scorers)
    {
        switch (Kind)
        {
            case CriterionKind.SimilarToRecorded:
                var full = this with { Metric = Metric ?? DefaultMetric, Threshold = Threshold ?? DefaultThreshold, Any = null };
                if (scorers.Find(full.Metric) is not { NeedsReference: true } descriptor)
                {
                    return Failure.Invalid("CriterionMetricUnknown", nameof(Metric), full.Metric);
                }
                var metric = descriptor.Metrics[0];
                return !double.IsFinite(full.Threshold.Value) || full.Threshold < metric.Min || full.Threshold > metric.Max
                    ? Failure.Invalid("NumberOutOfRange", nameof(Threshold), metric.Min ?? 0, metric.Max ?? 0)
                    : full;
            case CriterionKind.Contains:
                var texts = (Any ?? []).Where(text => !string.IsNullOrWhiteSpace(text)).Distinct(StringComparer.Ordinal).ToList();
                return texts.Count is 0 or > 50 ? Failure.Invalid("CriterionTextsMissing", nameof(Any)) : new Criterion(CriterionKind.Contains, Any: texts);
            default:
                return Person;
        }
    }
}

public enum ParameterSource { Version, Recorded, Override }

/// <summary>What is sent: the version's parameters, over them what production recorded where the name is one that every endpoint knows, over these the overrides.</summary>
internal static class ReproductionParameters
{
    /// <summary>Recorded values of other names may mean something else, or nothing, to this endpoint. The recorded seed is left out: n times the same draw would be one observation.</summary>
    private static readonly HashSet<string> Known = ["temperature", "top_p", "max_tokens", "max_completion_tokens", "frequency_penalty", "presence_penalty", "stop"];

    private const string Seed = "seed";

    /// <param name="Sent">Without the seed, which each generation has its own of.</param>
    public sealed record Merged(JsonElement Sent, IReadOnlyDictionary<string, ParameterSource> Sources, int? Seed);

    public static Result<Merged> Merge(JsonElement version, JsonElement? recorded, JsonElement overrides)
    {
        if (overrides.ValueKind != JsonValueKind.Object)
        {
            return Failure.Invalid("TargetParametersNotAnObject");
        }
        var given = ChatParameters.Merge(ChatParameters.None, overrides);
        if (ChatParameters.Check(given) is { } failure)
        {
            return failure;
        }
        var all = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        var sources = new SortedDictionary<string, ParameterSource>(StringComparer.Ordinal);
        Put(version, ParameterSource.Version, _ => true);
        if (recorded is { ValueKind: JsonValueKind.Object } production)
        {
            Put(production, ParameterSource.Recorded, p => Known.Contains(p.Name) && IsSendable(p));
        }
        Put(overrides, ParameterSource.Override, _ => true);
        int? seed = all.Remove(Seed, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? (int)(number & int.MaxValue) : null;
        sources.Remove(Seed);
        return new Merged(JsonSerializer.SerializeToElement(all, Json.Stored), sources, seed);

        void Put(JsonElement from, ParameterSource source, Func<JsonProperty, bool> isWanted)
        {
            foreach (var parameter in from.EnumerateObject().Where(isWanted))
            {
                if (parameter.Value.ValueKind == JsonValueKind.Null)
                {
                    all.Remove(parameter.Name);
                    sources.Remove(parameter.Name);
                }
                else
                {
                    all[parameter.Name] = parameter.Value.Clone();
                    sources[parameter.Name] = source;
                }
            }
        }
    }

    private static bool IsSendable(JsonProperty parameter) =>
        parameter.Value.ValueKind != JsonValueKind.Null
        && ChatParameters.Check(JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [parameter.Name] = parameter.Value })) is null;
}

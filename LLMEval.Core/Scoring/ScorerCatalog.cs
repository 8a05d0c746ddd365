using System.Text.Json;
using LLMEval.Core.Common;

namespace LLMEval.Core.Scoring;

/// <summary>Every scorer there is, by kind.</summary>
public sealed class ScorerCatalog
{
    private readonly Dictionary<string, IScorerFactory> _factories;

    public ScorerCatalog(IEnumerable<IScorerFactory> factories)
    {
        _factories = factories.ToDictionary(f => f.Descriptor.Kind, StringComparer.Ordinal);
        All = [.. _factories.Values.Select(f => f.Descriptor)];
    }

    public IReadOnlyList<ScorerDescriptor> All { get; }

    public ScorerDescriptor? Find(string kind) => _factories.GetValueOrDefault(kind)?.Descriptor;

    /// <summary>A metric's definition, wherever it belongs; null for an unknown one.</summary>
    public MetricDefinition? Metric(string kind, string metric) => Find(kind)?.Metrics.FirstOrDefault(m => m.Name == metric);

    /// <summary>Rebuilds a scorer from what a plan stored.</summary>
    public Result<IScorer> Create(ScorerSpec spec)
    {
        if (!_factories.TryGetValue(spec.Kind, out var factory))
        {
            return Failure.Invalid("ScorerUnknown", "scorer", spec.Kind);
        }
        return spec.Version == factory.Descriptor.Version
            ? factory.Create(spec.Options)
            : Failure.Invalid("ScorerVersionUnknown", "scorer", spec.Kind, spec.Version, factory.Descriptor.Version);
    }

    /// <summary>Makes what a plan stores from what a person gave: the defaults with the given options over them, checked.</summary>
    public Result<ScorerSpec> Specify(string kind, JsonElement? options)
    {
        if (!_factories.TryGetValue(kind, out var factory))
        {
            return Failure.Invalid("ScorerUnknown", "scorer", kind);
        }
        var given = options is { ValueKind: not JsonValueKind.Undefined and not JsonValueKind.Null } o ? o : factory.Descriptor.DefaultOptions;
        var made = factory.Create(given);
        return made.Failure is { } failure ? failure : new ScorerSpec(kind, factory.Descriptor.Version, Merged(factory.Descriptor.DefaultOptions, given));
    }

    private static JsonElement Merged(JsonElement defaults, JsonElement given)
    {
        var all = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var option in defaults.EnumerateObject().Concat(given.EnumerateObject()))
        {
            all[option.Name] = option.Value.Clone();
        }
        return JsonSerializer.SerializeToElement(all, Json.Stored);
    }
}

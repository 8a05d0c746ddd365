using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Runs;

/// <summary>Everything that decides a run's outcome, frozen when it starts.</summary>
/// <param name="Epochs">Repeats of each (sample, target), at least 1.</param>
/// <param name="Seed">Every question's own seed is derived from it, the item's position, the target and the repeat.</param>
public sealed record RunPlan(long SetId, string SetName, int SetVersion, IReadOnlyList<TargetSnapshot> Targets, IReadOnlyList<ScorerSpec> Scorers, int Epochs, int Seed, int MaxParallel);

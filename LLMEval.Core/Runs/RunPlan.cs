using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Runs;

/// <summary>Everything that decides a run's outcome, frozen when it starts.</summary>
/// <param name="Epochs">Repeats of each (sample, target), at least 1.</param>
/// <param name="Seed">Every question's own seed is derived from it, the item's position, the target and the repeat.</param>
/// <param name="TranscriptVersion">The rules by which samples became questions: <see cref="Transcripts.Version"/> when the run started.</param>
public sealed record RunPlan(
    long SetId, string SetName, int SetVersion, IReadOnlyList<TargetSnapshot> Targets, IReadOnlyList<ScorerSpec> Scorers, int Epochs, int Seed, int MaxParallel, int TranscriptVersion)
{
    public int SeedOf(int position, int targetIndex, int epoch) => DerivedSeed.Of(Seed, position, targetIndex, epoch);
}

/// <summary>Seeds for single questions: the first 31 bits of the SHA-256 of the parts, so that neighbouring questions share nothing.</summary>
public static class DerivedSeed
{
    public static int Of(params ReadOnlySpan<int> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part.ToString(CultureInfo.InvariantCulture)).Append('|');
        }
        return BitConverter.ToInt32(SHA256.HashData(Encoding.ASCII.GetBytes(text.ToString()))) & int.MaxValue;
    }
}

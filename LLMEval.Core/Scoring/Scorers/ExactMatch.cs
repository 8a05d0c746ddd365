using System.Text.Json;
using LLMEval.Core.Common;

namespace LLMEval.Core.Scoring.Scorers;

/// <summary>1 when the normalised answer equals any normalised reference, else 0.</summary>
public sealed class ExactMatch(Punctuation punctuation) : IScorer
{
    public const string Kind = "exact_match";

    public static ScorerDescriptor Described { get; } = new(
        Kind, 1, [new MetricDefinition(Kind, 0, 1, HigherIsBetter: true, PassAt: 1)],
        JsonSerializer.SerializeToElement(new { ignore_punctuation = false }), NeedsReference: true);

    public ScorerDescriptor Descriptor => Described;

    public Task<IReadOnlyList<Score>> ScoreAsync(ScoringCase scoringCase, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Score>>([Of(scoringCase)]);

    private Score Of(ScoringCase scoringCase)
    {
        if (scoringCase.References.Count == 0)
        {
            return Score.Unscored(Kind, UnscoredReasons.NoReference);
        }
        if (string.IsNullOrWhiteSpace(scoringCase.Answer))
        {
            return Score.Unscored(Kind, UnscoredReasons.EmptyAnswer);
        }
        var answer = Characters.Normalise(scoringCase.Answer, punctuation);
        return new Score(Kind, scoringCase.References.Any(reference => Characters.Normalise(reference, punctuation) == answer) ? 1 : 0);
    }
}

public sealed class ExactMatchFactory : IScorerFactory
{
    public ScorerDescriptor Descriptor => ExactMatch.Described;

    public Result<IScorer> Create(JsonElement options)
    {
        var read = new ScorerOptions(ExactMatch.Kind, options);
        var punctuation = read.Flag("ignore_punctuation", false) ? Punctuation.Ignored : Punctuation.Kept;
        return read.Made(new ExactMatch(punctuation));
    }
}

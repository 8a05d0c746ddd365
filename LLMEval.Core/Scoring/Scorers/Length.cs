using System.Globalization;
using System.Text.Json;
using LLMEval.Core.Common;

namespace LLMEval.Core.Scoring.Scorers;

public enum CharacterUnit { Scalar, Grapheme }

/// <summary>The answer's length in characters, blanks at its ends left out: Unicode scalar values (code points), or on demand what a reader sees as one character (grapheme clusters).</summary>
public sealed class Length(CharacterUnit unit) : IScorer
{
    public const string Kind = "length";
    public const string Metric = "characters";

    public static ScorerDescriptor Described { get; } = new(
        Kind, 1, [new MetricDefinition(Metric, 0, null, HigherIsBetter: null)], JsonSerializer.SerializeToElement(new { unit = "scalar" }), NeedsReference: false);

    public ScorerDescriptor Descriptor => Described;

    public Task<IReadOnlyList<Score>> ScoreAsync(ScoringCase scoringCase, CancellationToken cancellationToken)
    {
        var answer = scoringCase.Answer.Trim();
        var score = answer.Length == 0
            ? Score.Unscored(Metric, UnscoredReasons.EmptyAnswer)
            : new Score(Metric, unit == CharacterUnit.Scalar ? answer.EnumerateRunes().Count() : new StringInfo(answer).LengthInTextElements);
        return Task.FromResult<IReadOnlyList<Score>>([score]);
    }
}

public sealed class LengthFactory : IScorerFactory
{
    public ScorerDescriptor Descriptor => Length.Described;

    public Result<IScorer> Create(JsonElement options)
    {
        var read = new ScorerOptions(Length.Kind, options);
        var unit = read.Choice("unit", "scalar", "scalar", "grapheme") == "scalar" ? CharacterUnit.Scalar : CharacterUnit.Grapheme;
        return read.Made(new Length(unit));
    }
}

using System.Text.Json;
using LLMEval.Core.Common;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Scoring.Scorers;

/// <summary>How varied an answer is in itself, and how much of it the bot has said before.</summary>
/// <remarks>
/// distinct_1 and distinct_2 (Li et al. 2016): distinct ÷ all n-grams of words; a word is one Han, kana or Hangul character, or a run of other letters and digits.
/// repetition: share of the answer's character 4-grams (white space left out) that occurred earlier in the same answer.
/// context_repetition: share of them that occurs in the bot's earlier messages of the context.
/// </remarks>
public sealed class Distinct : IScorer
{
    public const string Kind = "distinct";
    public const string Repetition = "repetition";
    public const string ContextRepetition = "context_repetition";
    private const int Gram = 4;

    public static ScorerDescriptor Described { get; } = new(
        Kind, 1,
        [
            new MetricDefinition("distinct_1", 0, 1, HigherIsBetter: true),
            new MetricDefinition("distinct_2", 0, 1, HigherIsBetter: true),
            new MetricDefinition(Repetition, 0, 1, HigherIsBetter: false),
            new MetricDefinition(ContextRepetition, 0, 1, HigherIsBetter: false),
        ],
        JsonSerializer.SerializeToElement(new { }), NeedsReference: false);

    public ScorerDescriptor Descriptor => Described;

    public Task<IReadOnlyList<Score>> ScoreAsync(ScoringCase scoringCase, CancellationToken cancellationToken) => Task.FromResult(Of(scoringCase));

    private static IReadOnlyList<Score> Of(ScoringCase scoringCase)
    {
        if (string.IsNullOrWhiteSpace(scoringCase.Answer))
        {
            return [.. Described.Metrics.Select(metric => Score.Unscored(metric.Name, UnscoredReasons.EmptyAnswer))];
        }
        var folded = Characters.Fold(scoringCase.Answer);
        var words = Characters.Words(folded);
        var grams = Grams(folded);
        return [Distinctness("distinct_1", words, 1), Distinctness("distinct_2", words, 2), Repeated(grams), RepeatedFromContext(grams, scoringCase.Input)];
    }

    private static Score Distinctness(string metric, List<string> words, int n)
    {
        var total = words.Count - n + 1;
        if (total <= 0)
        {
            return Score.Unscored(metric, UnscoredReasons.TooShort);
        }
        var distinct = Enumerable.Range(0, total).Select(i => string.Join('\u001f', words.Skip(i).Take(n))).Distinct(StringComparer.Ordinal).Count();
        return new Score(metric, (double)distinct / total);
    }

    private static Score Repeated(List<string> grams) => grams.Count == 0
        ? Score.Unscored(Repetition, UnscoredReasons.TooShort)
        : new Score(Repetition, 1 - (double)grams.Distinct(StringComparer.Ordinal).Count() / grams.Count);

    private static Score RepeatedFromContext(List<string> grams, IReadOnlyList<ChatMessage> context)
    {
        if (grams.Count == 0)
        {
            return Score.Unscored(ContextRepetition, UnscoredReasons.TooShort);
        }
        var earlier = context.Where(message => message.Role == ChatRole.Assistant && !string.IsNullOrWhiteSpace(message.Text)).ToList();
        if (earlier.Count == 0)
        {
            return Score.Unscored(ContextRepetition, UnscoredReasons.NoEarlierReply);
        }
        var said = earlier.SelectMany(message => Grams(Characters.Fold(message.Text))).ToHashSet(StringComparer.Ordinal);
        return new Score(ContextRepetition, (double)grams.Count(said.Contains) / grams.Count);
    }

    private static List<string> Grams(string folded)
    {
        var characters = Characters.WithoutWhiteSpace(folded).ConvertAll(char.ConvertFromUtf32);
        return [.. Enumerable.Range(0, Math.Max(0, characters.Count - Gram + 1)).Select(i => string.Concat(characters.Skip(i).Take(Gram)))];
    }
}

public sealed class DistinctFactory : IScorerFactory
{
    public ScorerDescriptor Descriptor => Distinct.Described;

    public Result<IScorer> Create(JsonElement options) => new ScorerOptions(Distinct.Kind, options).Made(new Distinct());
}

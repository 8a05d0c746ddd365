using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using LLMEval.Core.Common;

namespace LLMEval.Core.Scoring.Scorers;

/// <param name="WordOrder">0 is chrF, 2 is chrF++.</param>
/// <param name="KeepsWhiteSpace">Whether blanks are characters too.</param>
/// <param name="SmoothsWithEpsilon">Averages F over all orders as chrF++.py does, instead of over the orders that occur.</param>
public sealed record ChrfOptions(int CharOrder = 6, int WordOrder = 0, int Beta = 2, bool IgnoresCase = false, bool KeepsWhiteSpace = false, bool SmoothsWithEpsilon = false);

/// <summary>Character n-gram F score, 0 to 100, with the same value as sacreBLEU 2.6 for one sentence; the best of several references.</summary>
/// <remarks>Popović 2015 and 2017; sacreBLEU's <c>chrf.py</c>. A character is a code point. Sides that are both empty score 0, as there.</remarks>
public sealed class Chrf(ChrfOptions options) : IScorer
{
    public const string Kind = "chrf";
    private const double Epsilon = 1e-16;
    private const string AsciiPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    public static ScorerDescriptor Described { get; } = new(
        Kind, 1, [new MetricDefinition(Kind, 0, 100, HigherIsBetter: true)],
        JsonSerializer.SerializeToElement(new { char_order = 6, word_order = 0, beta = 2, lowercase = false, whitespace = false, eps_smoothing = false }), NeedsReference: true);

    public ScorerDescriptor Descriptor => Described;

    public Task<IReadOnlyList<Score>> ScoreAsync(ScoringCase scoringCase, CancellationToken cancellationToken)
    {
        var references = scoringCase.References.Where(reference => !string.IsNullOrWhiteSpace(reference)).ToList();
        var score = references.Count == 0 ? Score.Unscored(Kind, UnscoredReasons.NoReference)
            : string.IsNullOrWhiteSpace(scoringCase.Answer) ? Score.Unscored(Kind, UnscoredReasons.EmptyAnswer)
            : new Score(Kind, Sentence(scoringCase.Answer, references, options));
        return Task.FromResult<IReadOnlyList<Score>>([score]);
    }

    public static double Sentence(string answer, IReadOnlyList<string> references, ChrfOptions options)
    {
        var best = 0.0;
        foreach (var reference in references)
        {
            best = Math.Max(best, FScore(Statistics(answer, reference, options), options));
        }
        return best;
    }

    /// <summary>Over all sentences together: counts are summed before the F score. One reference each.</summary>
    public static double Corpus(IEnumerable<(string Answer, string Reference)> pairs, ChrfOptions options)
    {
        var sums = new (int Answer, int Reference, int Common)[options.CharOrder + options.WordOrder];
        foreach (var (answer, reference) in pairs)
        {
            var own = Statistics(answer, reference, options);
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] = (sums[i].Answer + own[i].Answer, sums[i].Reference + own[i].Reference, sums[i].Common + own[i].Common);
            }
        }
        return FScore(sums, options);
    }

    private static (int Answer, int Reference, int Common)[] Statistics(string answer, string reference, ChrfOptions options)
    {
        if (options.IgnoresCase)
        {
            answer = answer.ToLowerInvariant();
            reference = reference.ToLowerInvariant();
        }
        var statistics = new (int, int, int)[options.CharOrder + options.WordOrder];
        var symbols = new Dictionary<string, char>(StringComparer.Ordinal);
        Count(Encode(CharactersOf(answer, options), symbols), Encode(CharactersOf(reference, options), symbols), options.CharOrder, statistics.AsSpan());
        if (options.WordOrder > 0)
        {
            symbols.Clear();
            Count(Encode(WordsOf(answer), symbols), Encode(WordsOf(reference), symbols), options.WordOrder, statistics.AsSpan(options.CharOrder));
        }
        return statistics;
    }

    private static double FScore(ReadOnlySpan<(int Answer, int Reference, int Common)> statistics, ChrfOptions options)
    {
        double factor = options.Beta * options.Beta;
        double smoothed = 0, precisions = 0, recalls = 0;
        var orders = 0;
        foreach (var (answer, reference, common) in statistics)
        {
            var precision = answer > 0 ? (double)common / answer : Epsilon;
            var recall = reference > 0 ? (double)common / reference : Epsilon;
            var denominator = factor * precision + recall;
            smoothed += denominator > 0 ? (1 + factor) * precision * recall / denominator : Epsilon;
            if (answer > 0 && reference > 0)
            {
                precisions += precision;
                recalls += recall;
                orders++;
            }
        }
        if (options.SmoothsWithEpsilon)
        {
            return 100 * smoothed / statistics.Length;
        }
        if (orders == 0 || precisions + recalls == 0)
        {
            return 0;
        }
        var (p, r) = (precisions / orders, recalls / orders);
        return 100 * (1 + factor) * p * r / (factor * p + r);
    }

    private static IEnumerable<string> CharactersOf(string text, ChrfOptions options) =>
        text.EnumerateRunes().Where(rune => options.KeepsWhiteSpace || !Characters.IsWhiteSpace(rune.Value)).Select(rune => rune.ToString());

    // A word's last, else its first, ASCII punctuation mark is a word of its own; never both (sacreBLEU issue 124).
    private static IEnumerable<string> WordsOf(string text)
    {
        foreach (var word in SplitOnWhiteSpace(text))
        {
            var isLong = word.Length > (char.IsHighSurrogate(word[0]) ? 2 : 1);
            if (isLong && AsciiPunctuation.Contains(word[^1]))
            {
                yield return word[..^1];
                yield return word[^1..];
            }
            else if (isLong && AsciiPunctuation.Contains(word[0]))
            {
                yield return word[..1];
                yield return word[1..];
            }
            else
            {
                yield return word;
            }
        }
    }

    private static IEnumerable<string> SplitOnWhiteSpace(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var isGap = i == text.Length || Characters.IsWhiteSpace(text[i]);
            if (isGap && start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
            else if (!isGap && start < 0)
            {
                start = i;
            }
        }
    }

    // Each distinct token becomes one char, so that an n-gram is a slice of a string and counting allocates little.
    private static string Encode(IEnumerable<string> tokens, Dictionary<string, char> symbols) =>
        string.Concat(tokens.Select(token =>
        {
            ref var symbol = ref CollectionsMarshal.GetValueRefOrAddDefault(symbols, token, out var isKnown);
            return isKnown ? symbol : symbol = (char)symbols.Count;
        }));

    private static void Count(string answer, string reference, int maxOrder, Span<(int Answer, int Reference, int Common)> statistics)
    {
        for (var n = 1; n <= maxOrder; n++)
        {
            var inAnswer = Math.Max(0, answer.Length - n + 1);
            var inReference = Math.Max(0, reference.Length - n + 1);
            var left = new Dictionary<string, int>(inReference, StringComparer.Ordinal);
            var bySlice = left.GetAlternateLookup<ReadOnlySpan<char>>();
            for (var i = 0; i < inReference; i++)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(bySlice, reference.AsSpan(i, n), out _)++;
            }
            var common = 0;
            for (var i = 0; i < inAnswer; i++)
            {
                ref var remaining = ref CollectionsMarshal.GetValueRefOrNullRef(bySlice, answer.AsSpan(i, n));
                if (!Unsafe.IsNullRef(ref remaining) && remaining > 0)
                {
                    remaining--;
                    common++;
                }
            }
            // Without n-grams in the reference, those of the answer do not count either.
            statistics[n - 1] = (inReference > 0 ? inAnswer : 0, inReference, common);
        }
    }
}

public sealed class ChrfFactory : IScorerFactory
{
    public ScorerDescriptor Descriptor => Chrf.Described;

    public Result<IScorer> Create(JsonElement options)
    {
        var read = new ScorerOptions(Chrf.Kind, options);
        var chrf = new ChrfOptions(
            read.Whole("char_order", 6, 1, 20), read.Whole("word_order", 0, 0, 10), read.Whole("beta", 2, 1, 10),
            read.Flag("lowercase", false), read.Flag("whitespace", false), read.Flag("eps_smoothing", false));
        return read.Made(new Chrf(chrf));
    }
}

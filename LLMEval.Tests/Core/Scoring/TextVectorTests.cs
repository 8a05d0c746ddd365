using System.Text.Json;
using LLMEval.Core.Scoring.Scorers;

namespace LLMEval.Tests.Core.Scoring;

/// <summary>Values of sacreBLEU 2.6 on our own sentence pairs, given there with six decimals.</summary>
public class TextVectorTests
{
    private const double Tolerance = 1e-6;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Vectors", "text");

    private static readonly Dictionary<string, JsonElement> Pairs = File.ReadLines(Path.Combine(Folder, "pairs-text-metrics.jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(pair => pair.GetProperty("pair_id").GetString()!);

    private static readonly Dictionary<string, ChrfOptions> Variants = new()
    {
        ["sacrebleu_chrF2 (char 6, word 0, beta 2)"] = new(),
        ["sacrebleu_chrF2++ (word 2)"] = new(WordOrder: 2),
        ["sacrebleu_chrF2 keep whitespace"] = new(KeepsWhiteSpace: true),
        ["sacrebleu_chrF2 lowercase"] = new(IgnoresCase: true),
    };

    public static TheoryData<string> PairIds => [.. Pairs.Keys];

    [Theory, MemberData(nameof(PairIds))]
    public void Sentence_ReferencePair_HasSacreBleusValue(string id)
    {
        var pair = Pairs[id];
        var (answer, reference) = (pair.GetProperty("candidate").GetString()!, pair.GetProperty("reference").GetString()!);

        Assert.All(Variants, variant =>
            Assert.Equal(pair.GetProperty("expected").GetProperty(variant.Key).GetDouble(), Chrf.Sentence(answer, [reference], variant.Value), Tolerance));
    }

    [Theory, InlineData("zh"), InlineData("en")]
    public void Corpus_ReferencePairs_HasSacreBleusValue(string language)
    {
        var corpus = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "pairs-corpus-and-tokenizers.json"))).RootElement.GetProperty("corpus").GetProperty(language);
        var pairs = Pairs.Values.Where(pair => pair.GetProperty("lang").GetString() == language)
            .Select(pair => (pair.GetProperty("candidate").GetString()!, pair.GetProperty("reference").GetString()!)).ToList();

        Assert.Equal(corpus.GetProperty("corpus_chrF2").GetProperty("score").GetDouble(), Chrf.Corpus(pairs, new ChrfOptions()), Tolerance);
        Assert.Equal(corpus.GetProperty("corpus_chrF2++").GetProperty("score").GetDouble(), Chrf.Corpus(pairs, new ChrfOptions(WordOrder: 2)), Tolerance);
    }

    [Fact]
    public void Vectors_AllPairs_AreCovered() => Assert.Equal(111, PairIds.Count);
}

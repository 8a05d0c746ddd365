using System.Text.Json;
using LLMEval.Core.Scoring;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Core.Scoring;

public class ScorerTests
{
    private static readonly ScorerCatalog Catalog = new ServiceCollection().AddScoring().BuildServiceProvider().GetRequiredService<ScorerCatalog>();

    private static async Task<Dictionary<string, Score>> ScoreAsync(string kind, string answer, string[] references, string options = "{}", params ChatMessage[] input)
    {
        var spec = Catalog.Specify(kind, JsonElement.Parse(options));
        Assert.Null(spec.Failure);
        var scorer = Catalog.Create(spec.Value!);
        var scores = await scorer.Value!.ScoreAsync(new ScoringCase(input, references, answer), default);
        Assert.Equal(scorer.Value.Descriptor.Metrics.Select(m => m.Name), scores.Select(s => s.Metric));
        return scores.ToDictionary(s => s.Metric);
    }

    [Theory]
    [InlineData("　Ｈｅｌｌｏ\n World ", "hello world", "{}", 1.0)]
    [InlineData("在的。", "在的", "{}", 0.0)]
    [InlineData("在的。", "在的", """{"ignore_punctuation":true}""", 1.0)]
    [InlineData("Σίσυφος", "ΣΊΣΥΦΟΣ", "{}", 1.0)]
    [InlineData("no", "yes", "{}", 0.0)]
    public async Task ExactMatch_NormalisedTexts_AreCompared(string answer, string reference, string options, double expected) =>
        Assert.Equal(expected, (await ScoreAsync("exact_match", answer, ["别的", reference], options))["exact_match"].Value);

    [Theory, InlineData("exact_match"), InlineData("chrf")]
    public async Task ReferenceScorers_WithoutReferenceOrAnswer_AreUnscoredWithAReason(string kind)
    {
        Assert.Equal((null, UnscoredReasons.NoReference), Outcome(Assert.Single(await ScoreAsync(kind, "在", [])).Value));
        Assert.Equal((null, UnscoredReasons.EmptyAnswer), Outcome(Assert.Single(await ScoreAsync(kind, " \n", ["在"])).Value));
    }

    [Fact]
    public async Task Chrf_SeveralReferences_TakesTheBest() =>
        Assert.Equal(100, (await ScoreAsync("chrf", "还没睡呢", ["完全不同", "还没睡呢"]))["chrf"].Value!.Value, 9);

    [Fact]
    public async Task Distinct_ChineseByCharacterLatinByWord_CountsNGrams()
    {
        var chinese = await ScoreAsync("distinct", "好好好，好的", []);
        var latin = await ScoreAsync("distinct", "the cat and The dog", []);

        Assert.Equal(2.0 / 5, chinese["distinct_1"].Value!.Value, 12);
        Assert.Equal(2.0 / 4, chinese["distinct_2"].Value!.Value, 12);
        Assert.Equal(4.0 / 5, latin["distinct_1"].Value!.Value, 12);
        Assert.Equal(1, latin["distinct_2"].Value);
    }

    [Fact]
    public async Task Distinct_AnswerThatRepeatsItself_ShowsRepetition()
    {
        var repeating = await ScoreAsync("distinct", "我会一直陪着你。我会一直陪着你。我会一直陪着你。", []);
        var plain = await ScoreAsync("distinct", "今天的月亮很圆，想和你一起看。", []);

        Assert.True(repeating["repetition"].Value > 0.6);
        Assert.Equal(0, plain["repetition"].Value);
        Assert.Equal(UnscoredReasons.NoEarlierReply, plain["context_repetition"].UnscoredBecause);
    }

    [Fact]
    public async Task Distinct_AnswerSaidBeforeByTheBot_ShowsContextRepetition()
    {
        ChatMessage[] context = [new(ChatRole.User, "我好累"), new(ChatRole.Assistant, "抱抱你，早点休息哦。"), new(ChatRole.User, "我升职了！")];

        var again = await ScoreAsync("distinct", "抱抱你，早点休息哦。", [], "{}", context);
        var fresh = await ScoreAsync("distinct", "恭喜你呀，今晚庆祝一下？", [], "{}", context);

        Assert.Equal(1, again["context_repetition"].Value);
        Assert.Equal(0, again["repetition"].Value);
        Assert.Equal(0, fresh["context_repetition"].Value);
    }

    [Fact]
    public async Task Distinct_ShortAnswer_IsUnscoredWhereNothingCanBeCounted()
    {
        var scores = await ScoreAsync("distinct", "嗯。", []);

        Assert.Equal(1, scores["distinct_1"].Value);
        Assert.Equal(UnscoredReasons.TooShort, scores["distinct_2"].UnscoredBecause);
        Assert.Equal(UnscoredReasons.TooShort, scores["repetition"].UnscoredBecause);
    }

    [Theory]
    [InlineData("""{"unit":"scalar"}""", 9)]
    [InlineData("""{"unit":"grapheme"}""", 3)]
    public async Task Length_FamilyEmoji_DependsOnTheUnit(string options, int expected) =>
        Assert.Equal(expected, (await ScoreAsync("length", " 好👨‍👩‍👧‍👦呀 ", [], options))["characters"].Value);

    [Fact]
    public void Specify_UnknownKindOptionOrValue_IsRefusedByName()
    {
        Assert.Equal("ScorerUnknown", Catalog.Specify("nope", null).Failure!.Code);
        var unknown = Catalog.Specify("chrf", JsonElement.Parse("""{"char_order":6,"words":2}""")).Failure!;
        Assert.Equal(("ScorerOptionUnknown", "words"), (unknown.Code, unknown.Field));
        var invalid = Catalog.Specify("chrf", JsonElement.Parse("""{"char_order":"six"}""")).Failure!;
        Assert.Equal(("ScorerOptionInvalid", "char_order"), (invalid.Code, invalid.Field));
        Assert.Equal("ScorerOptionsNotAnObject", Catalog.Specify("length", JsonElement.Parse("[]")).Failure!.Code);
        Assert.Equal("ScorerVersionUnknown", Catalog.Create(new ScorerSpec("chrf", 99, default)).Failure!.Code);
    }

    [Fact]
    public void Specify_SomeOptions_StoresAllOfThem()
    {
        var spec = Catalog.Specify("chrf", JsonElement.Parse("""{"word_order":2}""")).Value!;

        Assert.Equal(("chrf", 1, 2, 6), (spec.Kind, spec.Version, spec.Options.GetProperty("word_order").GetInt32(), spec.Options.GetProperty("char_order").GetInt32()));
    }

    private static (double?, string?) Outcome(Score score) => (score.Value, score.UnscoredBecause);
}

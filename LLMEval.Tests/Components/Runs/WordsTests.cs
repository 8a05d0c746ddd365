using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Controls;
using LLMEval.Core.Data;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Components.Runs;

public sealed class WordsTests
{
    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task Codes_OfCore_AllHaveWords(string culture)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var pages = new PageContext(database, culture);
        var codes = pages.Get<CodeTexts>();
        var scorers = pages.Get<ScorerCatalog>().All;

        Assert.All(UnscoredReasons.All, reason => Assert.NotEqual(reason, codes.Unscored(reason)));
        Assert.All(scorers, s => Assert.NotEqual((s.Kind, null), (codes.Scorer(s.Kind), codes.ScorerHelp(s.Kind))));
        Assert.All(scorers.SelectMany(s => s.Metrics), m => Assert.NotEqual((m.Name, null), (codes.Metric(m.Name), codes.MetricHelp(m.Name))));
        Assert.All(scorers.SelectMany(s => s.DefaultOptions.EnumerateObject()), o => Assert.NotEqual(o.Name, codes.Option(o.Name)));
        Assert.All(new[] { 401, 403, 404, 408, 429, 500, 302, 400 }.Select(status => ErrorClassifier.OfStatus(status, null).ErrorType), type => Assert.NotEqual(type, codes.Error(type)));
        Assert.Equal("http_999", codes.Error("http_999"));
        Assert.Null(codes.Caution("ok"));
    }

    [Theory]
    [InlineData(0.4231, 0.3511, 0.4899, "0.42 [0.35, 0.49]")]
    [InlineData(35.17, 33.58, 36.81, "35.2 [33.6, 36.8]")]
    [InlineData(0.9082, 0.9031, 0.9133, "0.908 [0.903, 0.913]")]
    [InlineData(49.2, 39.6, 58.9, "49 [40, 59]")]
    [InlineData(1.0, null, null, "1")]
    [InlineData(null, null, null, "–")]
    public void Numbers_WithInterval_SayNoMoreThanTheWidthAllows(double? value, double? low, double? high, string shown)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en");

        Assert.Equal(shown, Numbers.WithInterval(value, low, high));
    }

    [Theory]
    [InlineData("我今天很高兴呀", "我今天很难过呀", "我今天很|-高兴|+难过|呀")]
    [InlineData("good night my dear", "good morning my dear", "good |-night|+morning| my dear")]
    [InlineData("完全不同的话", "nothing alike here", "")]
    public void Diff_GoesByWordsAndByChineseCharacters(string from, string to, string shown) =>
        Assert.Equal(shown, string.Join('|', AnswerDiff.Of(from, to).Select(p => (p.Kind switch { DiffKind.Added => "+", DiffKind.Removed => "-", _ => "" }) + p.Text)));
}

using System.Text.Json;
using LLMEval.Core.Reproduction;

namespace LLMEval.Tests.Core.Reproduction;

public sealed class ParameterComparisonTests
{
    [Theory]
    [InlineData("""{"temperature":1}""", """{"temperature":1.0}""", "temperature", ParameterDifference.Equal, ParameterNote.None, false)]
    [InlineData("""{"temperature":0.9}""", """{"temperature":0.2}""", "temperature", ParameterDifference.Different, ParameterNote.Overridden, true)]
    [InlineData("""{"seed":5}""", """{"seed":7}""", "seed", ParameterDifference.Different, ParameterNote.OwnSeed, false)]
    [InlineData("""{"seed":5}""", "{}", "seed", ParameterDifference.OnlyHere, ParameterNote.OwnSeed, false)]
    [InlineData("{}", """{"top_p":1}""", "top_p", ParameterDifference.OnlyRecorded, ParameterNote.DefaultValue, false)]
    [InlineData("{}", """{"top_p":0.5}""", "top_p", ParameterDifference.OnlyRecorded, ParameterNote.NotSendable, true)]
    [InlineData("{}", """{"stream":true}""", "stream", ParameterDifference.OnlyRecorded, ParameterNote.Transport, false)]
    [InlineData("{}", """{"top_k":5}""", "top_k", ParameterDifference.OnlyRecorded, ParameterNote.NotKnown, true)]
    [InlineData("""{"top_k":5}""", "{}", "top_k", ParameterDifference.OnlyHere, ParameterNote.VersionOnly, true)]
    [InlineData("""{"max_tokens":9}""", """{"max_completion_tokens":9}""", "max_tokens", ParameterDifference.OnlyHere, ParameterNote.OtherName, false)]
    [InlineData("""{"max_tokens":9}""", """{"max_completion_tokens":8}""", "max_completion_tokens", ParameterDifference.OnlyRecorded, ParameterNote.NotSendable, true)]
    [InlineData("""{"model":"m"}""", """{"model":"m-2024-08-06"}""", "model", ParameterDifference.Different, ParameterNote.DatedModel, false)]
    [InlineData("""{"model":"m"}""", """{"model":"m-large"}""", "model", ParameterDifference.Different, ParameterNote.OtherModel, true)]
    [InlineData("{}", """{"model":"m"}""", "model", ParameterDifference.OnlyRecorded, ParameterNote.OtherModel, true)]
    [InlineData("{}", """{"stop":null}""", "stop", ParameterDifference.OnlyRecorded, ParameterNote.DefaultValue, false)]
    public void Row_EachDifference_IsExplained(string here, string recorded, string key, ParameterDifference difference, ParameterNote note, bool matters)
    {
        var sources = new Dictionary<string, ParameterSource> { ["temperature"] = ParameterSource.Override };

        var row = ParameterComparison.Of(Members(here), Members(recorded), sources, Members("{}")).Single(r => r.Key == key);

        Assert.Equal((difference, note, matters), (row.Difference, row.Note, row.Matters));
    }

    [Fact]
    public void Row_TakenAway_SaysSo()
    {
        var row = Assert.Single(ParameterComparison.Of(Members("{}"), Members("""{"temperature":0.5}"""), new Dictionary<string, ParameterSource>(), Members("""{"temperature":null}""")));

        Assert.Equal((ParameterDifference.OnlyRecorded, ParameterNote.TakenAway, true), (row.Difference, row.Note, row.Matters));
    }

    [Fact]
    public void Verdict_OfParametersAndPrompt_IsTheWorseOfBoth()
    {
        var equal = ParameterComparison.Of(Members("""{"temperature":1}"""), Members("""{"temperature":1}"""), new Dictionary<string, ParameterSource>(), Members("{}"));
        var different = ParameterComparison.Of(Members("""{"temperature":0.1}"""), Members("""{"temperature":1}"""), new Dictionary<string, ParameterSource>(), Members("{}"));

        Assert.Equal(SameLogic.Same, ParameterComparison.Verdict(equal, true, true));
        Assert.Equal(SameLogic.SameParameters, ParameterComparison.Verdict(equal, true, null));
        Assert.Equal(SameLogic.Different, ParameterComparison.Verdict(equal, true, false));
        Assert.Equal(SameLogic.Different, ParameterComparison.Verdict(different, true, null));
        Assert.Equal(SameLogic.Unknown, ParameterComparison.Verdict([], false, null));
    }

    [Fact]
    public void Prompt_PartsAndTexts_CompareByWhatTheySay()
    {
        var texts = """{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]}""";
        var parts = """{"messages":[{"role":"system","content":[{"type":"text","text":"be "},{"type":"text","text":"kind"}]},{"role":"user","content":"hi"}]}""";

        Assert.True(PromptComparison.Of(texts, parts).IsEqual);
        Assert.False(PromptComparison.Of(texts, """{"messages":[{"role":"user","content":"hi"}]}""").IsEqual);
        Assert.Null(PromptComparison.Of(texts, null).IsEqual);
        Assert.Null(PromptComparison.Of(texts, "not json").IsEqual);
    }

    [Fact]
    public void Recorded_RequestAndParameters_AreOneObject()
    {
        var recorded = ReproductionParameters.Recorded("""{"temperature":0.3}""", """{"model":"x","temperature":0.9,"top_p":0.5,"messages":[]}""", "m");

        Assert.Equal("""{"model":"m","temperature":0.3,"top_p":0.5}""", recorded?.GetRawText());
        Assert.Null(ReproductionParameters.Recorded(null, "not json", null));
    }

    [Fact]
    public void Groups_NearlyEqualAnswers_AreOne()
    {
        var groups = AnswerGroups.Of(["good night, sleep well dear", "Good night! Sleep well, dear.", null, "go away", "", "good night, sleep well dear"]);

        Assert.Equal([0, 0, null, 1, 2, 0], groups.Groups);
        Assert.Equal((4, 0.4, false), (groups.Distinct, groups.MostCommonShare, groups.IsLowDiversity));
        Assert.True(AnswerGroups.Of(["a", "a", "a", "b", "c"]).IsLowDiversity);
        Assert.False(AnswerGroups.Of(["a", "a", "a", "a"]).IsLowDiversity);
        Assert.Equal(0, AnswerGroups.Of([]).MostCommonShare);
    }

    [Fact]
    public void Merge_BothNamesOfOneLimit_SendsTheRecordedOne()
    {
        var merged = ReproductionParameters.Merge(JsonElement.Parse("""{"max_tokens":100,"top_k":3}"""), JsonElement.Parse("""{"max_completion_tokens":50,"temperature":0.2}"""), JsonElement.Parse("""{"temperature":0.7}"""));

        Assert.Equal("""{"max_completion_tokens":50,"temperature":0.7,"top_k":3}""", merged.Value!.Sent.GetRawText());
        Assert.Equal(
            [("max_completion_tokens", ParameterSource.Recorded), ("temperature", ParameterSource.Override), ("top_k", ParameterSource.Version)], merged.Value.Sources.Select(s => (s.Key, s.Value)));
    }

    private static IReadOnlyDictionary<string, JsonElement> Members(string json) => ReproductionParameters.Members(JsonElement.Parse(json));
}

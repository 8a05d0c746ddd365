using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class SampleStoreTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Add_AgainAndAfterRemoval_IsTheSameSampleWithItsOwnTags(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var draft = PoolHost.Draft("question", " topic // sleep ", "topic/sleep", "x") with { BizCode = "companion", ExternalId = "e-1" };
        var first = await pool.AddAsync([draft, draft with { Tags = ["other"] }, draft with { BizCode = "game" }]);
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.RemoveTags) { SampleIds = [first[0]], Tags = ["x"] });
        await pool.OperateAsync(new PoolOperationRequest(PoolWork.Remove) { SampleIds = [first[0]] });
        Assert.Equal([first[2]], await pool.FoundAsync(new SampleFilter()));

        var again = await pool.AddAsync([draft with { ExternalId = "e-2" }, PoolHost.Draft("new")]);

        Assert.Equal(first[0], first[1]);
        Assert.Equal(first[0], again[0]);
        Assert.Equal([first[0], first[2], again[1]], await pool.FoundAsync(new SampleFilter()));
        Assert.Equal(["topic/sleep"], await pool.TagsAsync(first[0]));
        Assert.Equal("e-1", (await pool.SampleAsync(first[0])).ExternalId);
        Assert.False((await pool.SampleAsync(first[0])).IsCompared);
    }

    [Fact]
    public void FromDraft_AndBack_KeepsEverythingThatADraftSays()
    {
        var at = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        var draft = new SampleDraft([new SampleMessage("system", "s"), new SampleMessage("user", "one"), new SampleMessage("assistant", "two"), new SampleMessage("user", "three\nlines")])
        {
            ExternalId = "e",
            BizCode = "b",
            RobotId = "r",
            UserId = "u",
            SystemPrompt = "p",
            Memory = [new SampleMemory("m", "likes tea", at)],
            RecordedAnswer = "answer",
            References = ["right", " ", "right", "also"],
            ExpectedBehaviour = "  be kind ",
            Tags = ["t"],
            ContextLength = 3,
            MetadataJson = """{"a":1}""",
        };

        var sample = SampleStore.FromDraft(draft, SampleOrigin.File, "f:1", 10, Actor.Operator([]), at).Sample;
        var back = SampleStore.DraftOf(sample, ["t"]);

        Assert.Equal(Json.Write(draft with { References = ["right", "also"], ExpectedBehaviour = "be kind" }), Json.Write(back));
        Assert.Equal(("three lines", 2, SampleOrigin.File, "f:1"), (sample.InputPreview, sample.ReferenceCount, sample.Origin, sample.OriginName));
        Assert.Equal(sample.Fingerprint, SampleStore.FromDraft(back, SampleOrigin.Typed, null, 5, Actor.Nobody, at.AddDays(1)).Sample.Fingerprint);
        Assert.Equal(sample.ClusterKey, SampleStore.Edited(sample, back with { References = ["else"] }, Actor.Nobody, at).ClusterKey);
    }

    /// <summary>Whatever a judge is shown or a bot is asked makes another sample of it.</summary>
    [Fact]
    public void Fingerprint_AnyOtherContent_IsAnother()
    {
        var draft = PoolHost.Draft("q") with { References = ["a", "b"] };
        SampleDraft[] others =
        [
            draft with { Input = [new SampleMessage("system", "q")] }, draft with { Input = [new SampleMessage("user", "q ")] }, draft with { References = ["b", "a"] }, draft with { References = ["ab"] },
            draft with { SystemPrompt = "x" }, draft with { RecordedAnswer = "x" }, draft with { ExpectedBehaviour = "x" }, draft with { IsScript = true }, draft with { Memory = [new SampleMemory(null, "x", null)] },
            draft with { BizCode = "x" }, draft with { RobotId = "x" }, draft with { UserId = "x" }, draft with { MetadataJson = "{}" },
        ];

        var prints = others.Prepend(draft).Select(d => SampleStore.FromDraft(d, SampleOrigin.Typed, null, 10, Actor.Nobody, DateTime.UnixEpoch).Sample.Fingerprint).ToList();

        Assert.Equal(prints.Count, prints.Distinct().Count());
    }

    [Theory]
    [InlineData("u1 a1 u2", 10, "u1 a1 u2")]
    [InlineData("u1 a1 u2", 2, "a1 u2")]
    [InlineData("u1 a1 u2", 0, "u2")]
    [InlineData("s1 s2 u1 a1 u2", 1, "s1 s2 u2")]
    [InlineData("s1 u1 s2 a1 u2", 2, "s1 a1 u2")]
    [InlineData("s1 s2", 1, "s1 s2")]
    [InlineData("", 3, "")]
    public void ContextCut_Messages_KeepsTheLastAndTheHead(string messages, int length, string expected)
    {
        var input = messages.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(m => new SampleMessage(m[0] == 's' ? "system" : m[0] == 'u' ? "user" : "assistant", m)).ToList();

        Assert.Equal(expected, string.Join(' ', ContextCut.Of(input, length).Select(m => m.Content)));
    }
}

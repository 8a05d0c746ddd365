using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Exports.Sets;
using LLMEval.Core.Samples;

namespace LLMEval.Tests.Core.Collecting.Sets;

public sealed class SetRoundTripTests
{
    private static readonly SampleDraft Full = new(
        [new("user", "早"), new("assistant", "早呀，\n昨晚睡得好吗？\"好\""), new("user", "=没睡好, 怎么办")])
    {
        ExternalId = "q-1",
        BizCode = "companion",
        RobotId = "r-1",
        UserId = "u-1",
        SystemPrompt = "你是小暖。",
        Memory = [new("k-1", "养了一只猫", new DateTime(2026, 3, 1, 2, 3, 4, DateTimeKind.Utc)), new(null, "怕黑", null)],
        RecordedAnswer = "多喝热水。",
        References = ["想说说是什么让你睡不着吗？", "要不要一起做个深呼吸？"],
        ExpectedBehaviour = "先共情: 不说教。",
        Tags = ["topic/sleep", "difficulty/easy"],
        ContextLength = 7,
        MetadataJson = """{"source":"test","n":3}""",
    };

    private static readonly SampleDraft Plain = new([new("user", "[笑] 你好")]) { References = ["你好呀"] };

    private static readonly SampleDraft Script = new([new("user", "一"), new("user", "二, 三")]) { IsScript = true, ExpectedBehaviour = "记住一" };

    /// <summary>Formats that have a place for everything, if only in their metadata.</summary>
    public static TheoryData<SetFormat> Lossless =>
        [SetFormat.Jsonl, SetFormat.Csv, SetFormat.Xlsx, SetFormat.PromptfooYaml, SetFormat.PromptfooCsv, SetFormat.Langfuse, SetFormat.Phoenix, SetFormat.Inspect];

    [Theory]
    [MemberData(nameof(Lossless))]
    public async Task WriteAndRead_WhatHoldsEverything_LosesNothing(SetFormat format)
    {
        var read = await AgainAsync(format, new(Full, true), new(Plain, null), new(Script, false));

        Assert.Equal(Shown(Full), Shown(read[0]));
        Assert.Equal(Shown(Plain), Shown(read[1]));
        Assert.Equal(Shown(Script), Shown(read[2]));
    }

    [Theory]
    [InlineData(SetFormat.OpenAiEvals)]
    [InlineData(SetFormat.OpenAiChat)]
    [InlineData(SetFormat.OpenAiPreference)]
    [InlineData(SetFormat.ShareGpt)]
    [InlineData(SetFormat.Alpaca)]
    public async Task WriteAndRead_WhatIsForTraining_KeepsTheConversationAndItsAnswers(SetFormat format)
    {
        var read = Assert.Single(await AgainAsync(format, new SetFileItem(Full, true)));

        Assert.Equal(Full.Input.Select(m => (m.Role, m.Content)), read.Input.Select(m => (m.Role, m.Content)));
        Assert.Equal(Full.SystemPrompt, read.SystemPrompt);
        Assert.Equal(Full.References[0], read.References[0]);
        var hasPairs = format is SetFormat.OpenAiPreference or SetFormat.ShareGpt or SetFormat.Alpaca;
        Assert.Equal(hasPairs ? Full.RecordedAnswer : null, read.RecordedAnswer);
    }

    [Theory]
    [InlineData(SetFormat.OpenAiPreference, null, 0)]
    [InlineData(SetFormat.OpenAiPreference, false, 0)]
    [InlineData(SetFormat.OpenAiPreference, true, 1)]
    [InlineData(SetFormat.OpenAiChat, true, 1)]
    public async Task Write_WhatMakesNoPair_IsSkippedAndCounted(SetFormat format, bool? isBad, int written)
    {
        using var stream = new MemoryStream();

        var result = await SetFileWriter.WriteAsync(new[] { new SetFileItem(Full, isBad), new SetFileItem(Full with { References = [], RecordedAnswer = null }, isBad) }.ToAsyncEnumerable(), format, "s", stream, default);

        Assert.Equal(new WrittenSet(written, 2 - written), result);
    }

    [Fact]
    public async Task WriteAndRead_KtoTags_KeepsWhatPeopleThought()
    {
        var read = await AgainAsync(SetFormat.ShareGpt, new(Plain with { References = [], RecordedAnswer = "坏" }, true), new(Plain with { References = [], RecordedAnswer = "好" }, false));

        Assert.Equal([("坏", 0), ("好", 1)], read.Select(d => (d.RecordedAnswer, d.References.Count)));
    }

    [Fact]
    public async Task Write_ForSpreadsheets_GuardsWhatTheyWouldExecute()
    {
        using var stream = new MemoryStream();

        await SetFileWriter.WriteAsync(new[] { new SetFileItem(Full, null) }.ToAsyncEnumerable(), SetFormat.Csv, "s", stream, default);

        Assert.Contains(",\"'=没睡好, 怎么办\",", Encoding.UTF8.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhatPromptfooItselfWrites_IsTakenWithItsAssertions_AndWrittenBack()
    {
        const string Yaml = """
            prompts: ["Write a tweet about {{topic}}", "Funny: {{topic}}"]
            providers: [openai:gpt-5-mini]
            tests:
              - vars: {topic: bananas}
              - vars: &v {topic: avocado toast}
                assert:
                  - {type: icontains, value: avocado}
                  - {type: llm-rubric, value: ensure that the output is funny}
                threshold: 0.5
              - vars: {topic: [new york, paris], language: 12}
            """;
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Yaml));

        var drafts = (await new SetFileReader(new ImportOptions()).ReadAsync(stream, SetFormat.PromptfooYaml, null, default).ToListAsync()).ConvertAll(l => l.Draft!);
        var again = await AgainAsync(SetFormat.PromptfooYaml, [.. drafts.Select(d => new SetFileItem(d, null))]);

        Assert.Equal(["bananas", "avocado toast", "new york", "paris"], drafts.Select(d => d.Input.Single().Content));
        Assert.Equal("ensure that the output is funny", drafts[1].ExpectedBehaviour);
        Assert.Equal("""{"promptfoo":{"threshold":0.5,"assert":[{"type":"icontains","value":"avocado"}]}}""", drafts[1].MetadataJson);
        Assert.Equal("""{"promptfoo":{"vars":{"language":12}}}""", drafts[3].MetadataJson);
        Assert.Equal(drafts.Select(Shown), again.Select(Shown));
    }

    private static async Task<List<SampleDraft>> AgainAsync(SetFormat format, params SetFileItem[] items)
    {
        using var stream = new MemoryStream();
        var written = await SetFileWriter.WriteAsync(items.ToAsyncEnumerable(), format, "my set", stream, default);
        Assert.Equal(items.Length, written.Written);
        var name = format switch { SetFormat.PromptfooYaml => "x.yaml", _ => "x" };
        stream.Position = 0;
        Assert.Equal(format, await ImportSet.DetectAsync(stream, name, default));
        stream.Position = 0;
        var lines = await new SetFileReader(new ImportOptions()).ReadAsync(stream, format, null, default).ToListAsync();
        Assert.Empty(lines.Where(l => l.Rejection is not null).Select(l => $"{l.Number}: {l.Rejection!.Reason}"));
        return lines.ConvertAll(l => l.Draft!);
    }

    // Objects of JSON have no order.
    private static string Shown(SampleDraft draft)
    {
        var shown = SetItemJson.Write(draft);
        if (shown["metadata"] is JsonObject metadata)
        {
            shown["metadata"] = new JsonObject(metadata.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        }
        return shown.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }
}

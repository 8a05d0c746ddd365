using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Samples;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Collecting.Sets;

/// <summary>Every real question set is read without a rejection, with what its questions are asked by.</summary>
public sealed class RealQuestionSetsTests
{
    [RealDataFact]
    public async Task Read_RealQuestionSets_TakesEveryLine()
    {
        var cpsy = await ReadAsync("cpsycoune-zh.jsonl", 154);
        Assert.All(cpsy, d => Assert.Single(d.References));
        Assert.Equal(["user", "assistant", "user"], cpsy.First(d => d.Input.Count == 3).Input.Select(m => m.Role));
        Assert.All(await ReadAsync("mtbench-en.jsonl", 80), d => Assert.True(d is { IsScript: true, Input.Count: 2 }));
        Assert.All(await ReadAsync("emobench-zh-en.jsonl", 400), d => Assert.Contains("A) ", d.Input[^1].Content, StringComparison.Ordinal));
        Assert.All(await ReadAsync("memory-probe-zh.jsonl", 63), d => Assert.NotNull(d.UserId));
        await ReadAsync("memory-probe-en.jsonl", 63);
        await ReadAsync("llmzoo-zh.jsonl", 35);
        await ReadAsync("vicuna80-en.jsonl", 40);
    }

    private static async Task<List<SampleDraft>> ReadAsync(string name, int count)
    {
        await using var stream = File.OpenRead(Path.Combine(Tools.SharedData!, "question-sets", name));
        Assert.Equal(SetFormat.Jsonl, await ImportSet.DetectAsync(stream, name, default));
        stream.Position = 0;
        var lines = await new SetFileReader(new ImportOptions()).ReadAsync(stream, SetFormat.Jsonl, null, default).ToListAsync();
        Assert.Equal(count, lines.Count(l => l.Draft is not null));
        Assert.Equal(count, lines.Count);
        return lines.ConvertAll(l => l.Draft!);
    }
}

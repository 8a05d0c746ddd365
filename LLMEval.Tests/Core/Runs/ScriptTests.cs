using LLMEval.Core.Common;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Targets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace LLMEval.Tests.Core.Runs;

/// <summary>Scripts: the user's messages asked one after the other.</summary>
public sealed class ScriptTests
{
    [Fact]
    public async Task Ask_Script_AsksEachMessageWithItsOwnAnswersSoFar()
    {
        var script = new Script((transcript, _, _) => Task.FromResult(Script.Reply($"answer {transcript.Messages.Count(m => m.Role == ChatRole.User)}") with { Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 3 } }));
        var turn = Turn("system:rules", "assistant:welcome", "user:one", "assistant:written with the script", "user:two", "system:it is night", "user:three", "assistant:left out");

        var reply = await AskAsync(script, turn);

        Assert.Equal(
            [
                "system:rules assistant:welcome user:one",
                "system:rules assistant:welcome user:one assistant:answer 1 user:two",
                "system:rules assistant:welcome user:one assistant:answer 1 user:two assistant:answer 2 system:it is night user:three",
            ], script.Asked.Select(a => string.Join(' ', a.Transcript.Messages.Select(m => $"{m.Role}:{m.Text}"))));
        Assert.Equal((ReplyStatus.Answered, "answer 3", 3, 9.0), (reply.Status, reply.Text, reply.Attempts, reply.Duration.TotalMilliseconds));
        Assert.Equal((30L, 9L), (reply.Usage!.InputTokenCount!.Value, reply.Usage.OutputTokenCount!.Value));
    }

    [Fact]
    public async Task Ask_ScriptBrokenInTheMiddle_EndsThereAndKeepsWhatItCost()
    {
        var script = new Script((transcript, _, _) => Task.FromResult(
            transcript.Messages[^1].Text == "two" ? Script.Refusal() with { Attempts = 4 } : Script.Reply("fine") with { Usage = new UsageDetails { InputTokenCount = 10 } }));

        var reply = await AskAsync(script, Turn("user:one", "user:two", "user:three"));

        Assert.Equal(2, script.Asked.Count);
        Assert.Equal((ReplyStatus.Failed, "http_500", 5, 6.0), (reply.Status, reply.ErrorType, reply.Attempts, reply.Duration.TotalMilliseconds));
        Assert.Equal(10, reply.Usage?.InputTokenCount);
    }

    [Fact]
    public async Task Ask_ShortContext_IsCutAtEachStep()
    {
        var script = new Script((_, _, _) => Task.FromResult(Script.Reply("a")));

        await AskAsync(script, Turn("user:one", "user:two", "user:three"), contextLength: 2);

        Assert.Equal(["user:one", "assistant:a user:two", "assistant:a user:three"], script.Asked.Select(a => string.Join(' ', a.Transcript.Messages.Select(m => $"{m.Role}:{m.Text}"))));
    }

    [Theory]
    [InlineData(true, Connector.Recorded)]
    [InlineData(false, Connector.OpenAI)]
    public async Task Ask_RecordedAnswerOrNoScript_IsAskedOnce(bool isScript, Connector connector)
    {
        var script = new Script();

        await AskAsync(script, Turn("user:one", "assistant:said", "user:two") with { IsScript = isScript }, connector);

        Assert.Equal(3, Assert.Single(script.Asked).Transcript.Messages.Count);
    }

    private static Turn Turn(params string[] messages) =>
        new([.. messages.Select(m => m.Split(':')).Select(m => new SampleMessage(m[0], m[1]))], null, [], null, null, null) { IsScript = true };

    private static Task<TargetReply> AskAsync(Script script, Turn turn, Connector connector = Connector.OpenAI, int? contextLength = null)
    {
        var snapshot = new TargetSnapshot(1, "bot", 1, connector, null, null, null, Json.Read<System.Text.Json.JsonElement>("{}"), MemoryPolicy.AsKnown, contextLength, 1, 10, "f");
        return new TrialExecutor(TimeProvider.System, NullLogger<TrialExecutor>.Instance).AskAsync(new ScriptedTarget(snapshot, script), turn, null, CancellationToken.None);
    }
}

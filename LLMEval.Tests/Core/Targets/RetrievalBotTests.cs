using System.Text;
using System.Text.Json.Nodes;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Core.Targets.Replay;
using LLMEval.Tests.Support;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Core.Targets;

public class RetrievalBotTests
{
    private static readonly string[] Sleep = ["睡了没", "还没呢，在等你。", "我今天好累", "辛苦啦，抱抱你。"];
    private static readonly string[] Work = ["我升职了！", "恭喜恭喜，今晚庆祝一下！", "周末加班好累", "周末也要休息呀。"];

    [Theory, OnSqlite, OnMySql]
    public async Task Answer_TemperatureZero_IsTheReplyToTheMostSimilarTurn(DatabaseProvider provider)
    {
        await using var corpus = await CorpusAsync(provider);

        Assert.Equal("恭喜恭喜，今晚庆祝一下！", await corpus.AskAsync("retrieval-1", "昨天升职了呢", temperature: 0));
        Assert.Equal("还没呢，在等你。", await corpus.AskAsync("retrieval-2", "你睡了没呀", temperature: 0));
        Assert.Equal("Fine, thanks!", await corpus.AskAsync("retrieval-1", "HOW ARE you", temperature: 0));
    }

    [Fact]
    public async Task Answer_SameSeed_IsTheSameAndOtherSeedsDiffer()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);
        var texts = new List<string>();
        for (var seed = 0; seed < 30; seed++)
        {
            texts.Add(await corpus.AskAsync("retrieval-2", "今天好累啊", temperature: 2, seed: seed));
            Assert.Equal(texts[^1], await corpus.AskAsync("retrieval-2", "今天好累啊", temperature: 2, seed: seed));
        }

        Assert.True(texts.Distinct().Count() >= 2);
    }

    [Fact]
    public async Task Answer_ForARecordedTurn_NeverGivesAReplyOfThatSession()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);

        var (session, messages) = await corpus.Database.SessionAsync("s-9", robot: "r-9", contents: ["睡了没", "我是要被测的回答"]);
        Assert.Equal("我是要被测的回答", await corpus.AskAsync("retrieval-1", "睡了没", temperature: 0));
        Assert.Equal("还没呢，在等你。", await corpus.AskAsync("retrieval-1", "睡了没", temperature: 0, source: messages[1].Id));
        Assert.Equal("companion", session.BizCode);
    }

    [Fact]
    public async Task Answer_FromAnotherBusinessLine_IsNeverGiven()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);
        var (_, messages) = await corpus.Database.SessionAsync("s-9", biz: "other", contents: ["早", "早安"]);
        await corpus.Database.SessionAsync("s-10", biz: "other", contents: ["睡了没", "另一条业务线的回答"]);

        Assert.DoesNotContain("另一条", await corpus.AskAsync("retrieval-1", "睡了没", temperature: 0, bizCodes: ["companion"]));
        Assert.Equal("另一条业务线的回答", await corpus.AskAsync("retrieval-1", "睡了没", temperature: 0, source: messages[1].Id));
    }

    [Fact]
    public async Task Answer_SecondVersion_PrefersTheSameBotAndAvoidsWhatWasSaid()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);
        await corpus.Database.SessionAsync("s-8", robot: "robot-8", contents: ["睡了没", "没睡，我是八号。"]);
        ChatMessage[] afterSaying = [new(ChatRole.User, "睡了没"), new(ChatRole.Assistant, "没睡，我是八号。"), new(ChatRole.User, "睡了没")];

        Assert.Equal("没睡，我是八号。", await corpus.AskAsync("retrieval-2", [new(ChatRole.System, "You are robot-8."), new(ChatRole.User, "睡了没")], temperature: 0));
        Assert.Equal("还没呢，在等你。", await corpus.AskAsync("retrieval-2", afterSaying, temperature: 0));
        Assert.Equal("没睡，我是八号。", await corpus.AskAsync("retrieval-1", afterSaying, temperature: 0));
    }

    [Fact]
    public async Task Answer_NothingSimilar_StillAnswers_AndEmptyCorpusSaysSo()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);
        Assert.NotEmpty(await corpus.AskAsync("retrieval-1", "Ж", temperature: 0));

        await using var empty = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var services = TargetServices.Over(empty);
        await Assert.ThrowsAsync<EmptyCorpusException>(() => services.GetRequiredService<RetrievalBot>().GetResponseAsync("hi"));
    }

    [Fact]
    public async Task Answer_CutByTokensOrStop_SaysWhy()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);
        var bot = corpus.Services.GetRequiredService<RetrievalBot>();

        var cut = await bot.GetResponseAsync("我升职了", new ChatOptions { Temperature = 0, MaxOutputTokens = 3 });
        var stopped = await bot.GetResponseAsync("我升职了", new ChatOptions { Temperature = 0, StopSequences = ["，"] });

        Assert.Equal(("恭喜恭", ChatFinishReason.Length, 3), (cut.Text[..3], cut.FinishReason, cut.Usage!.OutputTokenCount));
        Assert.Equal(("恭喜恭喜", ChatFinishReason.Stop, 4, 4), (stopped.Text, stopped.FinishReason, stopped.Usage!.InputTokenCount, stopped.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task Target_InProcess_AnswersWithTheRecordOfWhatWasAsked()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);
        var added = await corpus.Services.GetRequiredService<AddTarget>().ExecuteAsync(new TargetRequest("bot", null, Connector.Retrieval, new(Model: "retrieval-1")), corpus.Database.Admin, default);
        var snapshot = await corpus.Services.GetRequiredService<TargetQueries>().SnapshotAsync(added.Value, default);

        var reply = await corpus.Services.GetRequiredService<TargetFactory>().Create(snapshot!).AskAsync(new Transcript([new ChatMessage(ChatRole.User, "睡了没")], Seed: 5), default);

        Assert.Equal((ReplyStatus.Answered, "retrieval-1", 1), (reply.Status, reply.ResponseModel, reply.Attempts));
        Assert.Equal(5, JsonNode.Parse(reply.RequestJson!)!["parameters"]!["seed"]!.GetValue<int>());
    }

    [Fact]
    public async Task Target_Recorded_RepeatsProduction()
    {
        var snapshot = new TargetSnapshot(1, "r", 1, Connector.Recorded, null, null, null, ChatParameters.None, MemoryPolicy.AsKnown, null, 1, 1, "");
        var target = new RecordedTarget(snapshot);

        Assert.Equal((ReplyStatus.Answered, "嗯", "m"), Outcome(await target.AskAsync(new Transcript([], RecordedAnswer: new RecordedAnswer("嗯", "m", 12, null)), default)));
        Assert.Equal(ReplyStatus.Misconfigured, (await target.AskAsync(new Transcript([]), default)).Status);
    }

    [Theory]
    [InlineData("{oops", 400, null)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}]}""", 400, null)]
    [InlineData("""{"model":"gpt-9","messages":[{"role":"user","content":"hi"}]}""", 404, "model_not_found")]
    [InlineData("""{"model":"retrieval-1","messages":[]}""", 400, null)]
    [InlineData("""{"model":"retrieval-1","messages":[{"role":"robot","content":"hi"}]}""", 400, null)]
    [InlineData("""{"model":"retrieval-1","temperature":9,"messages":[{"role":"user","content":"hi"}]}""", 400, null)]
    [InlineData("""{"model":"retrieval-1","messages":[{"role":"user","content":"hi"}]}""", 409, "empty_corpus")]
    public async Task Compat_UnfitRequest_IsRefusedInOpenAIsShape(string body, int status, string? code)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var services = TargetServices.Over(database);

        var reply = await services.GetRequiredService<OpenAICompat>().CompleteAsync(new MemoryStream(Encoding.UTF8.GetBytes(body)), database.Admin, default);

        Assert.Equal((status, code), (reply.Status, reply.Body!["error"]!["code"]?.GetValue<string>()));
        Assert.NotEmpty(reply.Body["error"]!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Compat_Stream_AddsUpToTheSameAnswer()
    {
        await using var corpus = await CorpusAsync(DatabaseProvider.Sqlite);
        var compat = corpus.Services.GetRequiredService<OpenAICompat>();
        const string Asked = """{"model":"retrieval-1","temperature":0,"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":[{"type":"text","text":"我升职了"}]}]}""";

        var reply = await compat.CompleteAsync(new MemoryStream(Encoding.UTF8.GetBytes(Asked)), corpus.Database.Admin, default);
        var events = new List<string>();
        await foreach (var item in reply.Events!)
        {
            events.Add(item);
        }

        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].ConvertAll(e => JsonNode.Parse(e)!);
        Assert.Equal("恭喜恭喜，今晚庆祝一下！", string.Concat(chunks.Select(c => c["choices"]!.AsArray().FirstOrDefault()?["delta"]?["content"]?.GetValue<string>())));
        Assert.Equal("stop", chunks[^2]["choices"]![0]!["finish_reason"]!.GetValue<string>());
        Assert.Equal(4, chunks[^1]["usage"]!["prompt_tokens"]!.GetValue<int>());
    }

    private static (ReplyStatus, string?, string?) Outcome(TargetReply reply) => (reply.Status, reply.Text, reply.ResponseModel);

    private static async Task<Corpus> CorpusAsync(DatabaseProvider provider)
    {
        var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync("s-1", contents: Sleep);
        await database.SessionAsync("s-2", robot: "r-2", contents: Work);
        await database.SessionAsync("s-3", robot: "r-3", contents: ["How are you?", "Fine, thanks!"]);
        return new Corpus(database, TargetServices.Over(database));
    }

    private sealed record Corpus(TestDatabase Database, ServiceProvider Services) : IAsyncDisposable
    {
        public Task<string> AskAsync(string model, string text, float temperature, int seed = 1, long? source = null, string[]? bizCodes = null) =>
            AskAsync(model, [new(ChatRole.User, text)], temperature, seed, source, bizCodes);

        public async Task<string> AskAsync(string model, ChatMessage[] messages, float temperature, int seed = 1, long? source = null, string[]? bizCodes = null)
        {
            var options = new ChatOptions { ModelId = model, Temperature = temperature, Seed = seed, AdditionalProperties = [] };
            if (source is { } id)
            {
                options.AdditionalProperties[RetrievalBot.SourceMessageId] = id;
            }
            if (bizCodes is not null)
            {
                options.AdditionalProperties[RetrievalBot.BizCodes] = bizCodes;
            }
            return (await Services.GetRequiredService<RetrievalBot>().GetResponseAsync(messages, options)).Text;
        }

        public async ValueTask DisposeAsync()
        {
            await Services.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}

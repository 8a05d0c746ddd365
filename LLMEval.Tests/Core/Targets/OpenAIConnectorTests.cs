using System.Diagnostics;
using System.Text.Json;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Core.Targets;

/// <summary>The OpenAI connector against a real Kestrel: what is sent, what is recorded, what is tried again.</summary>
public class OpenAIConnectorTests
{
    private const string Key = "sk-very-secret-123";

    private static readonly Transcript Question = new([new ChatMessage(ChatRole.System, "你是小艾"), new ChatMessage(ChatRole.User, "睡了没 👋 \"hi\"")], Seed: 7);

    [Fact]
    public async Task Ask_PlainAnswer_IsReadAndRecordedExactly()
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Answer("还没呢👨‍👩‍👧"));
        await using var target = await TargetAsync(fake, """{"temperature":0.8,"max_tokens":64,"stop":["。"],"top_p":0.9,"repetition_penalty":1.05,"chat_template_kwargs":{"enable_thinking":false}}""");

        var reply = await target.AskAsync(Question);

        Assert.Equal((ReplyStatus.Answered, "还没呢👨‍👩‍👧", "m-1-2026", 1), (reply.Status, reply.Text, reply.ResponseModel, reply.Attempts));
        Assert.Equal((11, 3), (reply.Usage!.InputTokenCount, reply.Usage.OutputTokenCount));
        var sent = Assert.Single(fake.Bodies);
        Assert.Equal(sent, reply.RequestJson);
        Assert.Contains("还没呢", reply.ResponseJson);
        var body = JsonElement.Parse(sent);
        Assert.Equal("m-1", body.GetProperty("model").GetString());
        Assert.Equal("睡了没 👋 \"hi\"", body.GetProperty("messages")[1].GetProperty("content").GetString());
        Assert.Equal("system", body.GetProperty("messages")[0].GetProperty("role").GetString());
        Assert.Equal("0.8", body.GetProperty("temperature").GetRawText());
        Assert.Equal((64, 7), (body.GetProperty("max_tokens").GetInt32(), body.GetProperty("seed").GetInt32()));
        Assert.Equal("1.05", body.GetProperty("repetition_penalty").GetRawText());
        Assert.False(body.GetProperty("chat_template_kwargs").GetProperty("enable_thinking").GetBoolean());
        Assert.False(body.TryGetProperty("metadata", out _));
        Assert.Equal("Bearer " + Key, Assert.Single(fake.Authorizations));
        Assert.Equal("/v1/chat/completions", Assert.Single(fake.Paths));
        Assert.DoesNotContain(Key, reply.RequestJson);
    }

    [Fact]
    public async Task Ask_TooManyRequests_WaitsAsLongAsAskedThenAnswers()
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Error(429, "rate_limit_exceeded", "slow down", retryAfter: 1), FakeOpenAI.Answer("好"));
        await using var target = await TargetAsync(fake);
        var watch = Stopwatch.StartNew();

        var reply = await target.AskAsync(Question);

        Assert.Equal((ReplyStatus.Answered, 2), (reply.Status, reply.Attempts));
        Assert.InRange(watch.Elapsed.TotalSeconds, 1, 5);
        Assert.Equal(2, fake.Bodies.Count);
    }

    [Fact]
    public async Task Ask_ServerErrorThenAnswer_CountsTheAttempts()
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Raw(500, "<html>oops</html>"), FakeOpenAI.Abort(), FakeOpenAI.Answer("好"));
        await using var target = await TargetAsync(fake);

        var reply = await target.AskAsync(Question);

        Assert.Equal((ReplyStatus.Answered, "好", 3), (reply.Status, reply.Text, reply.Attempts));
    }

    [Fact]
    public async Task Ask_ErrorsThatStay_EndAfterTheLastAttempt()
    {
        await using var fake = await FakeOpenAI.StartAsync([.. Enumerable.Repeat(FakeOpenAI.Raw(503, "overloaded"), 9)]);
        await using var target = await TargetAsync(fake);

        var reply = await target.AskAsync(Question);

        Assert.Equal((ReplyStatus.Failed, "server_error", "overloaded", 3), (reply.Status, reply.ErrorType, reply.ErrorDetail, reply.Attempts));
        Assert.Equal(3, fake.Bodies.Count);
    }

    [Fact]
    public async Task Ask_NoAnswerInTime_IsTimedOut()
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Hang());
        await using var target = await TargetAsync(fake, timeoutSeconds: 1, attempts: 1);

        var reply = await target.AskAsync(Question);

        Assert.Equal((ReplyStatus.TimedOut, "timeout", 1), (reply.Status, reply.ErrorType, reply.Attempts));
        Assert.Equal(Assert.Single(fake.Bodies), reply.RequestJson);
        Assert.InRange(reply.Duration.TotalSeconds, 0.9, 10);
    }

    [Fact]
    public async Task Ask_CancelledByTheCaller_Throws()
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Hang());
        await using var target = await TargetAsync(fake);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.Target.AskAsync(Question, cancel.Token));
    }

    [Theory]
    [InlineData(401, "invalid_api_key", ReplyStatus.Misconfigured, "unauthorized")]
    [InlineData(403, "x", ReplyStatus.Misconfigured, "forbidden")]
    [InlineData(404, "model_not_found", ReplyStatus.Misconfigured, "not_found")]
    [InlineData(400, "bad", ReplyStatus.Misconfigured, "bad_request")]
    [InlineData(400, "content_filter", ReplyStatus.Filtered, "content_filter")]
    [InlineData(429, "insufficient_quota", ReplyStatus.RateLimited, "insufficient_quota")]
    [InlineData(302, "x", ReplyStatus.Misconfigured, "redirected")]
    public async Task Ask_ErrorThatWillNotPass_IsNotTriedAgain(int status, string code, ReplyStatus expected, string type)
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Error(status, code, $"wrong key {Key}"));
        await using var target = await TargetAsync(fake);

        var reply = await target.AskAsync(Question);

        Assert.Equal((expected, type, 1, "wrong key ***"), (reply.Status, reply.ErrorType, reply.Attempts, reply.ErrorDetail));
        Assert.DoesNotContain(Key, reply.ResponseJson);
    }

    [Theory, InlineData("{oops"), InlineData("""{"choices":[]}"""), InlineData("[]"), InlineData("")]
    public async Task Ask_AnswerThatIsNoCompletion_IsMalformedAndKept(string body)
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Raw(200, body));
        await using var target = await TargetAsync(fake);

        var reply = await target.AskAsync(Question);

        Assert.Equal((ReplyStatus.Failed, "malformed_response", 1, body), (reply.Status, reply.ErrorType, reply.Attempts, reply.ResponseJson));
    }

    [Fact]
    public async Task Ask_AnswerStoppedByAFilter_IsFiltered()
    {
        await using var fake = await FakeOpenAI.StartAsync(FakeOpenAI.Answer("", "content_filter"));
        await using var target = await TargetAsync(fake);

        Assert.Equal(ReplyStatus.Filtered, (await target.AskAsync(Question)).Status);
    }

    [Fact]
    public async Task Ask_NobodyListens_IsAConnectionFailure()
    {
        var fake = await FakeOpenAI.StartAsync();
        await using var target = await TargetAsync(fake, attempts: 2);
        await fake.DisposeAsync();

        var reply = await target.AskAsync(Question);

        Assert.Equal((ReplyStatus.Failed, "connection", 2), (reply.Status, reply.ErrorType, reply.Attempts));
    }

    [Fact]
    public async Task Ask_OwnAddress_IsResolvedAndNamesTheSourceMessage()
    {
        await using var fake = await FakeOpenAI.StartAsync();
        await using var target = await TargetAsync(fake, endpoint: "/demo/v1");

        var unheard = await target.AskAsync(Question);
        target.Services.GetRequiredService<SelfAddress>().Url = fake.Url;
        var reply = await target.AskAsync(Question with { SourceMessageId = 42 });

        Assert.Equal((ReplyStatus.Misconfigured, "no_self_address"), (unheard.Status, unheard.ErrorType));
        Assert.Equal("/demo/v1/chat/completions", Assert.Single(fake.Paths));
        Assert.Equal("42", JsonElement.Parse(reply.RequestJson!).GetProperty("metadata").GetProperty("source_message_id").GetString());
    }

    [Fact]
    public async Task Ask_ManyAtOnce_NeverExceedsTheVersionsParallelism()
    {
        var (current, highest) = (0, 0);
        var slow = new Func<Microsoft.AspNetCore.Http.HttpContext, Task>(async context =>
        {
            var now = Interlocked.Increment(ref current);
            InterlockedMax(ref highest, now);
            await Task.Delay(60);
            Interlocked.Decrement(ref current);
            await FakeOpenAI.Answer("好")(context);
        });
        await using var fake = await FakeOpenAI.StartAsync([.. Enumerable.Repeat(slow, 12)]);
        await using var target = await TargetAsync(fake);

        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => target.AskAsync(Question with { Seed = i })));

        Assert.All(replies, reply => Assert.Equal(ReplyStatus.Answered, reply.Status));
        // Each question kept its own record, though all shared one client.
        Assert.Equal(Enumerable.Range(0, 12), replies.Select(r => JsonElement.Parse(r.RequestJson!).GetProperty("seed").GetInt32()));
        Assert.InRange(highest, 1, 3);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; value > seen; seen = target)
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private static async Task<Asked> TargetAsync(FakeOpenAI fake, string parameters = "{}", int timeoutSeconds = 20, int attempts = 3, string? endpoint = null)
    {
        var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var services = TargetServices.Over(database, null, ("Runs:MaxAttempts", attempts.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("Runs:FirstWait", "00:00:00.020"));
        var added = await services.GetRequiredService<AddTarget>().ExecuteAsync(
            new TargetRequest("fake", null, Connector.OpenAI, new TargetVersionRequest(endpoint ?? new Uri(fake.Url, "/v1").ToString(), "m-1", Key, Parameters: JsonElement.Parse(parameters), MaxParallel: 3, TimeoutSeconds: timeoutSeconds)),
            database.Admin, default);
        var snapshot = await services.GetRequiredService<TargetQueries>().SnapshotAsync(added.Value, default);
        return new Asked(database, services, services.GetRequiredService<TargetFactory>().Create(snapshot!));
    }

    private sealed record Asked(TestDatabase Database, ServiceProvider Services, IChatTarget Target) : IAsyncDisposable
    {
        public Task<TargetReply> AskAsync(Transcript transcript) => Target.AskAsync(transcript, default);

        public async ValueTask DisposeAsync()
        {
            (Target as IDisposable)?.Dispose();
            await Services.DisposeAsync();
            await Database.DisposeAsync();
        }
    }
}

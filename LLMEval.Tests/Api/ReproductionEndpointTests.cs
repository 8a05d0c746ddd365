using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Tests.Core.Reproduction;
using LLMEval.Tests.Core.Targets;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class ReproductionEndpointTests
{
    private const string All = "/api/v1/reproductions";
    private const string Message = "\"message\":{\"biz_code\":\"companion\",\"session_id\":\"s-1\",\"msg_id\":\"m-2\"}";

    [Theory, OnSqlite, OnMySql]
    public async Task Reproduction_StartedAndRead_AnswersExactlyTheNamedFields(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.BadMessageAsync(parameters: """{"temperature":0.8,"top_k":9}""");
        await using var endpoint = await FakeOpenAI.StartAsync(FakeOpenAI.Error(500, "x", "down"));
        endpoint.Otherwise = FakeOpenAI.Answer("guess yourself");
        await using var app = await TestApp.StartAsync(database);
        await AddAsync(app, database, endpoint);
        var key = await app.AddKeyAsync(Permissions.ReproductionsStart, Permissions.ReproductionsView, Permissions.SessionsView, Permissions.TargetsView);

        var started = await SendAsync(app, key, HttpMethod.Post, All, $$"""{{{Message}},"targets":["bot@1","bot"],"times":4,"params":{"top_p":0.5},"criterion":{"contains":["GUESS"]},"severity":"minor"}""");
        Assert.Equal(HttpStatusCode.BadRequest, started.Status);
        started = await SendAsync(app, key, HttpMethod.Post, All, $$"""{{{Message}},"targets":["bot"],"times":4,"params":{"top_p":0.5},"criterion":{"contains":["GUESS"]},"severity":"minor"}""");
        Assert.Equal((HttpStatusCode.Created, "id"), (started.Status, Assert.Single(started.Body.EnumerateObject()).Name));
        var address = $"{All}/{started.Body.GetProperty("id").GetString()}";
        var task = await Eventually.IsSoAsync(
            async () => (await SendAsync(app, key, HttpMethod.Get, address)).Body, body => body.GetProperty("state").GetString() is not ("pending" or "running"), body => $"the task is {body}");

        Assert.Equal(
            ["id", "state", "message", "parameters", "recorded_parameters", "parameter_diff", "generations", "verdict", "rate", "bad", "n", "interval", "method", "debug", "by_target"], task.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("completed", "still_happens", 1d), (task.GetProperty("state").GetString(), task.GetProperty("verdict").GetString(), task.GetProperty("rate").GetDouble()));
        Assert.Equal((0.8, 0.5, "m"), (task.GetProperty("parameters").GetProperty("temperature").GetDouble(), task.GetProperty("parameters").GetProperty("top_p").GetDouble(), task.GetProperty("parameters").GetProperty("model").GetString()));
        var top = task.GetProperty("parameter_diff").EnumerateArray().Single(d => d.GetProperty("key").GetString() == "top_k");
        Assert.Equal(["key", "kind", "here", "recorded", "note"], top.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("only_recorded", 9, JsonValueKind.Null), (top.GetProperty("kind").GetString(), top.GetProperty("recorded").GetInt32(), top.GetProperty("here").ValueKind));
        var generation = task.GetProperty("generations")[0];
        Assert.Equal(["index", "target", "text", "verdict", "scores", "latency_ms", "usage"], generation.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("bot@1", "bad", 11), (generation.GetProperty("target").GetString(), generation.GetProperty("verdict").GetString(), generation.GetProperty("usage").GetProperty("input_tokens").GetInt32()));
        Assert.Equal(["request", "response", "attempts", "timings"], task.GetProperty("debug")[0].EnumerateObject().Select(p => p.Name));
        Assert.Contains(task.GetProperty("debug").EnumerateArray(), d => d.GetProperty("attempts").GetInt32() == 2 && d.GetProperty("timings").GetProperty("attempts").GetArrayLength() == 2);
        Assert.Equal(task.GetProperty("n").GetInt32(), task.GetProperty("by_target")[0].GetProperty("n").GetInt32());
        Assert.Single((await SendAsync(app, key, HttpMethod.Get, All + "?verdict=still_happens&state=completed")).Body.GetProperty("items").EnumerateArray());
        Assert.Empty((await SendAsync(app, key, HttpMethod.Get, All + "?verdict=fixed")).Body.GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"targets":["bot"]}""", 400, "message")]
    [InlineData("""{MESSAGE}""", 400, "targets")]
    [InlineData("""{"message":{"session_id":"s-1"},"targets":["bot"]}""", 400, "message.msg_id")]
    [InlineData("""{"message":{"session_id":"s-1","msg_id":"none"},"targets":["bot"]}""", 404, "message")]
    [InlineData("""{MESSAGE,"targets":["none"]}""", 404, "targets")]
    [InlineData("""{MESSAGE,"targets":[null]}""", 400, "targets")]
    [InlineData("""{MESSAGE,"targets":["bot"],"times":0}""", 400, "times")]
    [InlineData("""{MESSAGE,"targets":["bot","bot@1"]}""", 400, "targets")]
    [InlineData("""{MESSAGE,"targets":["bot"],"params":[1]}""", 400, "params")]
    [InlineData("""{MESSAGE,"targets":["bot"],"criterion":{}}""", 400, "criterion")]
    [InlineData("""{MESSAGE,"targets":["bot"],"criterion":{"contains":["a"],"regex":"b"}}""", 400, "criterion")]
    [InlineData("""{MESSAGE,"targets":["bot"],"criterion":{"regex":"("}}""", 400, "criterion.regex")]
    [InlineData("""{MESSAGE,"targets":["bot"],"criterion":{"similar_to_recorded":"much"}}""", 400, "criterion.similar_to_recorded")]
    [InlineData("""{MESSAGE,"targets":["bot"],"criterion":{"judge":"none","rubric":"cold"}}""", 404, "criterion.judge")]
    [InlineData("""{MESSAGE,"targets":["bot"],"criterion":{"scorer":"none","threshold":1}}""", 400, "criterion.scorer")]
    [InlineData("""{MESSAGE,"targets":["bot"],"memory":[""]}""", 400, "memory")]
    public async Task Start_BodyThatCannotBe_NamesTheField(string body, int status, string field)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.BadMessageAsync();
        await using var endpoint = await FakeOpenAI.StartAsync();
        await using var app = await TestApp.StartAsync(database);
        await AddAsync(app, database, endpoint);
        var key = await app.AddKeyAsync([.. Permissions.All.Where(p => p != Permissions.UsersManage)]);

        var refused = await SendAsync(app, key, HttpMethod.Post, All, body.Replace("MESSAGE", Message, StringComparison.Ordinal));

        Assert.Equal((status, field), ((int)refused.Status, refused.Body.GetProperty("field").GetString()));
        Assert.False(string.IsNullOrWhiteSpace(refused.Body.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Reproduction_WithoutTheScopeOrOfNobody_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.ReproductionsView);

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, key, HttpMethod.Post, All, "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, HttpMethod.Get, All + "/99")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, key, HttpMethod.Get, All + "?verdict=maybe")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, key, HttpMethod.Get, All + "?colour=red")).Status);
    }

    private static async Task AddAsync(TestApp app, TestDatabase database, FakeOpenAI endpoint) =>
        Assert.True((await app.Get<AddTarget>().ExecuteAsync(new TargetRequest("bot", null, Connector.OpenAI, new TargetVersionRequest(new Uri(endpoint.Url, "v1").ToString(), "m", MaxParallel: 1)), database.Admin, default)).IsOk);

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(TestApp app, string key, HttpMethod method, string address, string? body = null)
    {
        using var request = new HttpRequestMessage(method, address) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await app.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }
}

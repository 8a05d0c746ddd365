using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class ListEndpointTests
{
    private const string Recorded = """
        {"session_id":"s-1","biz_code":"companion","robot_id":"r-1","user_id":"u-1","tags":["night"],"messages":[
          {"msg_id":"m-1","sender_type":"user","content":"睡觉了嘛","send_time":"2026-01-20T23:02:11+08:00"},
          {"msg_id":"m-2","sender_type":"bot","content":"还没呢","send_time":"2026-01-20T23:02:14+08:00","generation":{"model":"m","prompt_version":"7","params":{"temperature":0.8},"latency_ms":812,"usage":{"input_tokens":412,"output_tokens":9}}}],
         "memory":[{"memory_id":"k-1","content":"用户习惯晚睡","created_at":"2026-01-01T10:00:00+08:00"}]}
        """;

    [Theory, OnSqlite, OnMySql]
    public async Task Messages_Searched_ArePagedByCursor(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync("a", contents: ["找我", "找我 bot", "别的", "找我 later"]);
        await database.SessionAsync("b", biz: "growth", user: "u-2", contents: ["找我 growth"]);
        await database.LabelAsync(messages[1], Verdict.Bad);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SessionsView);

        var first = await GetAsync(app, key, "/api/v1/messages?q=找我&biz_code=companion&limit=2");
        var second = await GetAsync(app, key, "/api/v1/messages?q=找我&biz_code=companion&limit=2&cursor=" + first.GetProperty("next_cursor").GetString());

        Assert.Equal(["找我 later", "找我 bot"], Texts(first, "content"));
        Assert.Equal(["找我"], Texts(second, "content"));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next_cursor").ValueKind);
        var hit = first.GetProperty("items")[1];
        Assert.Equal(("a", "m-2", "bot", 1), (hit.GetProperty("session_id").GetString(), hit.GetProperty("msg_id").GetString(), hit.GetProperty("sender_type").GetString(), hit.GetProperty("bad_count").GetInt32()));
        Assert.Equal("2026-03-15T19:01:00+08:00", hit.GetProperty("send_time").GetString());
        Assert.Equal(2, hit.GetProperty("snippet").GetProperty("marks")[0].GetProperty("length").GetInt32());
        Assert.Equal(["找我 growth"], Texts(await GetAsync(app, key, "/api/v1/messages?pair=u-2:r-1&pair=u-9:r-1"), "content"));
        Assert.Equal(["找我 growth"], Texts(await GetAsync(app, key, "/api/v1/messages?biz_code=grow&match=fuzzy"), "content"));
        Assert.Empty(Texts(await GetAsync(app, key, "/api/v1/messages?biz_code=grow"), "content"));
        Assert.Equal(["找我"], Texts(await GetAsync(app, key, "/api/v1/messages?q=找我&match=exact"), "content"));
        Assert.Equal(["找我 bot"], Texts(await GetAsync(app, key, "/api/v1/messages?session_id=a&msg_id=m-2&sender_type=bot"), "content"));
        Assert.Equal(["找我 later"], Texts(await GetAsync(app, key, "/api/v1/messages?q=later&from=2026-03-15T19:03:00%2B08:00&to=2026-03-15T11:03:01Z"), "content"));
        Assert.Empty(Texts(await GetAsync(app, key, "/api/v1/messages?q=later&to=2026-03-15T19:03:00"), "content"));
    }

    [Theory]
    [InlineData("/api/v1/messages?querry=x", "querry")]
    [InlineData("/api/v1/messages?limit=501", "limit")]
    [InlineData("/api/v1/messages?cursor=%21", "cursor")]
    [InlineData("/api/v1/messages?from=yesterday", "from")]
    [InlineData("/api/v1/messages?sender_type=robot", "sender_type")]
    [InlineData("/api/v1/messages?match=2", "match")]
    [InlineData("/api/v1/messages?pair=alone", "pair")]
    [InlineData("/api/v1/sessions?sort=size", "sort")]
    [InlineData("/api/v1/sessions?label=none", "label")]
    public async Task Lists_GivenWhatTheyCannotRead_NameIt(string address, string field)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        using var response = await SendAsync(app, await app.AddKeyAsync(Permissions.SessionsView), address);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Lists_WithoutTheScope_AreForbidden_AndOfAnotherBusinessLine_Empty()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("a");
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SessionsImport);

        foreach (var address in new[] { "/api/v1/messages", "/api/v1/sessions", "/api/v1/sessions/companion/a", "/api/v1/sessions/companion/a/messages", "/api/v1/sessions/companion/a/memory" })
        {
            using var response = await SendAsync(app, key, address);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Sessions_ListedAndRead_TellWhatWasRecorded(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        for (var i = 0; i < 3; i++)
        {
            await database.SessionAsync($"other-{i}", robot: "r-9", user: $"u-{i}");
        }
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SessionsView, Permissions.SessionsImport);
        using (var import = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ingest/sessions") { Content = new StringContent(Recorded.ReplaceLineEndings(" "), Encoding.UTF8, "application/x-ndjson"), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } })
        {
            Assert.True((await app.Client.SendAsync(import)).IsSuccessStatusCode);
        }

        var first = await GetAsync(app, key, "/api/v1/sessions?sort=started&limit=3");
        var rest = await GetAsync(app, key, "/api/v1/sessions?sort=started&limit=3&cursor=" + first.GetProperty("next_cursor").GetString());
        Assert.Equal(["s-1", "other-0", "other-1", "other-2"], Texts(first, "session_id").Concat(Texts(rest, "session_id")));
        Assert.Equal(["s-1"], Texts(await GetAsync(app, key, "/api/v1/sessions?tag=night&tag=day&user_id=u-1"), "session_id"));
        Assert.Equal(["other-0", "other-2"], Texts(await GetAsync(app, key, "/api/v1/sessions?pair=u-0:r-9&pair=u-2:r-9&pair=u-1:r-1&sort=started&from=2026-03-01"), "session_id"));

        var session = await GetAsync(app, key, "/api/v1/sessions/companion/s-1");
        Assert.Equal(("2026-01-20T23:02:11+08:00", 1), (session.GetProperty("started_at").GetString(), session.GetProperty("bot_message_count").GetInt32()));
        var messages = await GetAsync(app, key, "/api/v1/sessions/companion/s-1/messages?limit=1");
        Assert.Equal(["m-1"], Texts(messages, "msg_id"));
        messages = await GetAsync(app, key, "/api/v1/sessions/companion/s-1/messages?cursor=" + messages.GetProperty("next_cursor").GetString());
        Assert.Equal(["m-2"], Texts(messages, "msg_id"));
        var generation = messages.GetProperty("items")[0].GetProperty("generation");
        Assert.Equal((0.8, 9), (generation.GetProperty("params").GetProperty("temperature").GetDouble(), generation.GetProperty("usage").GetProperty("output_tokens").GetInt32()));
        Assert.Equal(["用户习惯晚睡"], Texts(await GetAsync(app, key, "/api/v1/sessions/companion/s-1/memory"), "content"));
        using var missing = await SendAsync(app, key, "/api/v1/sessions/companion/nothing/messages");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private static async Task<JsonElement> GetAsync(TestApp app, string key, string address)
    {
        using var response = await SendAsync(app, key, address);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestApp app, string key, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        return await app.Client.SendAsync(request);
    }

    private static IEnumerable<string> Texts(JsonElement list, string field) => list.GetProperty("items").EnumerateArray().Select(i => i.GetProperty(field).GetString()!);
}

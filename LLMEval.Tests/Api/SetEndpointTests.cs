using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class SetEndpointTests
{
    private const string Sets = "/api/v1/sets";
    private const string Lines = "application/x-ndjson";
    private const string Mixed = """
        [{"message":{"biz_code":"companion","session_id":"s-1","msg_id":"m-2"}},
         {"id":"q-1","input":[{"role":"user","content":"在吗"}],"reference":"在的","expected_behaviour":"温柔","tags":["topic/问候"],"context_length":3,"robot_id":"r-9","user_id":"u-9","biz_code":"companion",
          "system_prompt":"你是阿澈","memory":[{"memory_id":"k-1","content":"爱猫","created_at":"2026-01-01T10:00:00+08:00"}],"recorded_answer":"嗯","script":true,"metadata":{"a":[1]}}]
        """;

    [Theory, OnSqlite, OnMySql]
    public async Task Set_MadeFilledFrozenAndDeleted_TellsItself(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync();
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SetsView, Permissions.SetsEdit);
        const string name = "情感/100 题?#%2F";
        var set = $"{Sets}/{Uri.EscapeDataString(name)}";

        var made = await SendAsync(app, key, HttpMethod.Post, Sets, $$"""{"name":"{{name}}","purpose":"共情","tags":["topic/情感"],"context_length":5}""");
        Assert.Equal((HttpStatusCode.Created, set), (made.Status, made.Location));
        Assert.Equal((2, 0), Counts(await OkAsync(app, key, HttpMethod.Post, set + "/items", Mixed)));
        Assert.Equal((0, 2), Counts(await OkAsync(app, key, HttpMethod.Post, set + "/items", Mixed)));
        var read = await OkAsync(app, key, HttpMethod.Get, set);
        Assert.Equal((name, 2, 5, "companion"), (read.GetProperty("name").GetString(), read.GetProperty("item_count").GetInt32(), read.GetProperty("context_length").GetInt32(), read.GetProperty("biz_codes")[0].GetString()));
        Assert.Equal(JsonValueKind.String, read.GetProperty("id").ValueKind);

        var items = (await OkAsync(app, key, HttpMethod.Get, set + "/items")).GetProperty("items");
        Assert.Equal("m-2", items[0].GetProperty("message").GetProperty("msg_id").GetString());
        var draft = items[1];
        Assert.Equal(("q-1", "在的", true, "topic/问候"), (draft.GetProperty("external_id").GetString(), draft.GetProperty("reference")[0].GetString(), draft.GetProperty("script").GetBoolean(), draft.GetProperty("tags")[0].GetString()));
        Assert.Equal("2026-01-01T10:00:00+08:00", draft.GetProperty("memory")[0].GetProperty("created_at").GetString());
        Assert.Equal(1, draft.GetProperty("metadata").GetProperty("a")[0].GetInt32());

        var frozen = await SendAsync(app, key, HttpMethod.Post, set + "/versions");
        Assert.Equal((HttpStatusCode.Created, 1, true), (frozen.Status, frozen.Body.GetProperty("version").GetInt32(), frozen.Body.GetProperty("is_new").GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, key, HttpMethod.Post, set + "/versions")).Status);
        var item = $"{set}/items/{draft.GetProperty("id").GetString()}";
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(app, key, HttpMethod.Delete, item)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, HttpMethod.Delete, item)).Status);
        Assert.Single((await OkAsync(app, key, HttpMethod.Get, set + "/items")).GetProperty("items").EnumerateArray());
        Assert.Equal(2, (await OkAsync(app, key, HttpMethod.Get, set + "/versions/1/items")).GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, HttpMethod.Get, set + "/versions/7/items")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(app, key, HttpMethod.Delete, set)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, HttpMethod.Get, set)).Status);
        await OkAsync(app, key, HttpMethod.Post, Sets, $$"""{"name":"{{name}}"}""");
        Assert.Equal(name + " (2)", (await OkAsync(app, key, HttpMethod.Post, set + "/restore")).GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, HttpMethod.Post, set + "/restore")).Status);
        Assert.Equal(2, (await OkAsync(app, key, HttpMethod.Get, Sets + "?q=100")).GetProperty("items").GetArrayLength());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Items_TwelveHundredAsLines_ArePagedInTheirOrder(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SetsView, Permissions.SetsEdit);
        await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"many"}""");
        var lines = string.Join("\r\n", Enumerable.Range(0, 1200).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"input":[{"role":"user","content":"{{i}}"}]}""")));

        Assert.Equal((1200, 0), Counts(await OkAsync(app, key, HttpMethod.Post, Sets + "/many/items", "\uFEFF" + lines + "\n\n", Lines)));
        Assert.Equal((0, 1200), Counts(await OkAsync(app, key, HttpMethod.Post, Sets + "/many/items", lines, Lines)));
        await OkAsync(app, key, HttpMethod.Post, Sets + "/many/versions");

        foreach (var address in new[] { Sets + "/many/items?limit=500", Sets + "/many/versions/1/items?limit=500" })
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var page = await OkAsync(app, key, HttpMethod.Get, cursor is null ? address : $"{address}&cursor={cursor}");
                seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("input")[0].GetProperty("content").GetString()!));
                cursor = page.GetProperty("next_cursor").GetString();
            }
            while (cursor is not null);
            Assert.Equal(Enumerable.Range(0, 1200).Select(i => i.ToString(CultureInfo.InvariantCulture)), seen);
        }
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Items_OneOfThemBad_StoresNone(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync();
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SetsView, Permissions.SetsEdit);
        await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"set"}""");
        const string good = """{"input":[{"role":"user","content":"new"}]}""";
        const string missing = """{"message":{"biz_code":"companion","session_id":"s-1","msg_id":"m-9"}}""";

        var refused = await SendAsync(app, key, HttpMethod.Post, Sets + "/set/items", $"{good}\n\n{missing}\n", Lines);

        Assert.Equal((HttpStatusCode.BadRequest, 3, 1, "items[1].message"), (refused.Status, refused.Body.GetProperty("line").GetInt32(), refused.Body.GetProperty("index").GetInt32(), refused.Body.GetProperty("field").GetString()));
        Assert.Contains("m-9", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await OkAsync(app, key, HttpMethod.Get, Sets + "/set")).GetProperty("item_count").GetInt32());
        await using var db = database.Open();
        Assert.Empty(db.Samples);
    }

    [Theory]
    [InlineData("[]", "items")]
    [InlineData("5", "array")]
    [InlineData("[5]", "items[0]")]
    [InlineData("""{"items":[],"x":1}""", "'x'")]
    [InlineData("""[{"input":[{"role":"user","content":"a"}]},{"input":[]}]""", "items[1].input")]
    [InlineData("[{}]", "input is missing")]
    [InlineData("""[{"input":[{"role":"bot","content":"a"}]}]""", "items[0].input[0].role")]
    [InlineData("""[{"input":[{"role":"user"}]}]""", "items[0].input[0].content")]
    [InlineData("""[{"input":[{"role":"user","content":"a"}],"refrence":"b"}]""", "refrence")]
    [InlineData("""[{"input":[{"role":"user","content":"a"}],"reference":5}]""", "items[0].reference")]
    [InlineData("""[{"input":[{"role":"user","content":"a"}],"tags":[null]}]""", "items[0].tags[0]")]
    [InlineData("""[{"input":[{"role":"user","content":"a"}],"context_length":201}]""", "items[0].context_length")]
    [InlineData("""[{"input":[{"role":"user","content":"\ud800"}]}]""", "surrogate")]
    [InlineData("""[{"message":{"biz_code":"companion","session_id":"s-1"}}]""", "items[0].message.msg_id")]
    [InlineData("""[{"message":{"biz_code":"companion","session_id":"s-1","msg_id":"m-1"}}]""", "bot message")]
    [InlineData("""[{"message":{"biz_code":"companion","session_id":"s-1","msg_id":"m-2"},"tags":[]}]""", "message alone")]
    [InlineData("""[{"input":[{"role":"user","content":"a"}]}""", "not JSON")]
    public async Task Items_ThatCannotBe_AreRefusedByPlace(string body, string named)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SetsView, Permissions.SetsEdit);
        await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"set"}""");

        var refused = await SendAsync(app, key, HttpMethod.Post, Sets + "/set/items", body);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(named, JsonSerializer.Serialize(refused.Body, Json.Stored), StringComparison.Ordinal);
        Assert.Equal(0, (await OkAsync(app, key, HttpMethod.Get, Sets + "/set")).GetProperty("item_count").GetInt32());
    }

    [Theory]
    [InlineData("{}", "name")]
    [InlineData("""{"name":"x","nmae":1}""", "nmae")]
    [InlineData("""{"name":"x","tags":[null]}""", "tags")]
    [InlineData("""{"name":"x","context_length":"ten"}""", "“context_length” cannot be read. Expected a whole number.")]
    [InlineData("""{"name":"x","draw":5}""", "“draw” cannot be read. Expected an object.")]
    [InlineData("""{"name":7}""", "“name” cannot be read. Expected text.")]
    [InlineData("""{"name":".."}""", "name")]
    [InlineData("""{"name":"a\u0000b"}""", "name")]
    [InlineData("""{"name":"x","rule":{},"draw":{"rule":"random","size":1}}""", "clone_of")]
    [InlineData("""{"name":"x","rule":{"tags":"a and ("}}""", "rule.tags")]
    [InlineData("""{"name":"x","rule":{"label":"meh"}}""", "unlabelled")]
    [InlineData("""{"name":"x","rule":{"label":7}}""", "rule.label")]
    [InlineData("""{"name":"x","rule":{"added_last":"1w"}}""", "rule.added_last")]
    [InlineData("""{"name":"x","rule":{"set":"nothing"}}""", "rule.set")]
    [InlineData("""{"name":"x","draw":{"rule":"random"}}""", "draw.size")]
    [InlineData("""{"name":"x","draw":{"rule":"random","size":0}}""", "draw.size")]
    [InlineData("""{"name":"x","draw":{"rule":"worst_scored","size":1}}""", "draw.metric")]
    [InlineData("""{"name":"x","draw":{"rule":"random","size":1}}""", "draw.from")]
    [InlineData("""{"name":"x","clone_of":"nothing"}""", "clone_of")]
    [InlineData("""{"name":"x","clone_of":"y","purpose":"z"}""", "purpose")]
    public async Task Set_ThatCannotBe_IsRefusedByName(string body, string named)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);

        var refused = await SendAsync(app, await app.AddKeyAsync(Permissions.SetsEdit), HttpMethod.Post, Sets, body);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(named, JsonSerializer.Serialize(refused.Body, Json.Stored), StringComparison.Ordinal);
        Assert.DoesNotContain("LLMEval.", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_TooManyOrOfAnotherType_AreRefusedAndNothingIsStored()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SetsView, Permissions.SetsEdit);
        await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"set"}""");
        var many = Enumerable.Range(0, 5001).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"input":[{"role":"user","content":"{{i}}"}]}""")).ToList();

        var tooMany = await SendAsync(app, key, HttpMethod.Post, Sets + "/set/items", $"[{string.Join(',', many)}]");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooMany.Status);
        Assert.Contains("5000", tooMany.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(app, key, HttpMethod.Post, Sets + "/set/items", string.Join('\n', many), Lines)).Status);
        var text = await SendAsync(app, key, HttpMethod.Post, Sets + "/set/items", many[0], "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.Status);
        Assert.Contains(Lines, text.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await OkAsync(app, key, HttpMethod.Get, Sets + "/set")).GetProperty("item_count").GetInt32());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Sets_OfARuleADrawAndAClone_HoldWhatTheyFind(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SetsView, Permissions.SetsEdit);
        await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"all"}""");
        var items = Enumerable.Range(0, 9).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"input":[{"role":"user","content":"问 {{i}}"}],"tags":["{{(i < 4 ? "topic/a" : "topic/b")}}"]}"""));
        await OkAsync(app, key, HttpMethod.Post, Sets + "/all/items", $$"""{"items":[{{string.Join(',', items)}}]}""");

        var ruled = await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"ruled","rule":{"tags":"topic/a","set":"all","added_last":"24h"}}""");
        Assert.Equal((4, "all", "24h"), (ruled.GetProperty("item_count").GetInt32(), ruled.GetProperty("rule").GetProperty("set").GetString(), ruled.GetProperty("rule").GetProperty("added_last").GetString()));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(app, key, HttpMethod.Post, Sets + "/ruled/items", """{"input":[{"role":"user","content":"x"}]}""")).Status);
        var listed = await OkAsync(app, key, HttpMethod.Patch, Sets + "/ruled", """{"rule":null,"name":"list","purpose":"p"}""");
        Assert.Equal((false, 4, "p", 10), (listed.TryGetProperty("rule", out _), listed.GetProperty("item_count").GetInt32(), listed.GetProperty("purpose").GetString(), listed.GetProperty("context_length").GetInt32()));
        await OkAsync(app, key, HttpMethod.Patch, Sets + "/list", """{"tags":["t"]}""");
        Assert.Equal("p", (await OkAsync(app, key, HttpMethod.Patch, Sets + "/list", """{"context_length":3}""")).GetProperty("purpose").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, key, HttpMethod.Patch, Sets + "/list", """{"purpsoe":"p"}""")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(app, key, HttpMethod.Patch, Sets + "/list", """{"name":"all"}""")).Status);

        var drawn = await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"drawn","draw":{"rule":"stratified","strata":"tag","strata_tag":"topic","allocation":"equal","size":4,"seed":7,"from":{"set":"all"}}}""");
        var source = drawn.GetProperty("source");
        Assert.Equal((4, "draw", 9, 7), (drawn.GetProperty("item_count").GetInt32(), source.GetProperty("kind").GetString(), source.GetProperty("pool_size").GetInt32(), source.GetProperty("draw").GetProperty("seed").GetInt32()));
        var cloned = await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"cloned","clone_of":"drawn"}""");
        Assert.Equal((4, "drawn"), (cloned.GetProperty("item_count").GetInt32(), cloned.GetProperty("source").GetProperty("name").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, key, HttpMethod.Post, Sets, """{"name":"again","clone_of":"drawn","clone_version":3}""")).Status);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Versions_ThatDiffer_AreToldItemByItemAndRestored(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: ["hi", "hello", "how are you", "fine"]);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SetsView, Permissions.SetsEdit);
        const string set = Sets + "/set";
        await OkAsync(app, key, HttpMethod.Post, Sets, """{"name":"set"}""");
        const string message = """{"message":{"biz_code":"companion","session_id":"s-1","msg_id":"m-2"}}""";
        await OkAsync(app, key, HttpMethod.Post, set + "/items", $$"""[{{message}},{"input":[{"role":"user","content":"a"}]},{"input":[{"role":"user","content":"b"}]},{"input":[{"role":"user","content":"c"}]}]""");
        await OkAsync(app, key, HttpMethod.Post, set + "/versions");
        var items = (await OkAsync(app, key, HttpMethod.Get, set + "/items")).GetProperty("items");
        await database.LabelAsync(messages[1], Verdict.Bad, "good evening");
        Assert.Equal(1, (await OkAsync(app, key, HttpMethod.Post, set + "/items", message)).GetProperty("refreshed").GetInt32());
        foreach (var gone in new[] { items[1], items[2] })
        {
            await SendAsync(app, key, HttpMethod.Delete, $"{set}/items/{gone.GetProperty("id").GetString()}");
        }
        await OkAsync(app, key, HttpMethod.Post, set + "/items", """{"input":[{"role":"user","content":"d"}]}""");
        await OkAsync(app, key, HttpMethod.Post, set + "/versions");

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await OkAsync(app, key, HttpMethod.Get, $"{set}/versions/1/diff/2?limit=1{(cursor is null ? "" : "&cursor=" + cursor)}");
            Assert.Equal((1, 2, 1, 1), (page.GetProperty("added").GetInt32(), page.GetProperty("removed").GetInt32(), page.GetProperty("changed").GetInt32(), page.GetProperty("unchanged").GetInt32()));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("change").GetString()} {Said(i, "before")} {Said(i, "after")}"));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(["added  d", "removed a ", "removed b ", "changed hi hi"], seen);
        var changed = (await OkAsync(app, key, HttpMethod.Get, set + "/versions/1/diff/2?change=changed")).GetProperty("items")[0];
        Assert.Equal("good evening", changed.GetProperty("after").GetProperty("reference")[0].GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, HttpMethod.Get, set + "/versions/1/diff/3")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, key, HttpMethod.Get, set + "/versions/1/diff/2?change=2")).Status);

        Assert.Equal(4, (await OkAsync(app, key, HttpMethod.Post, set + "/versions/1/restore")).GetProperty("item_count").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, HttpMethod.Post, set + "/versions/9/restore")).Status);
        var versions = await OkAsync(app, key, HttpMethod.Get, set + "/versions?limit=1");
        var rest = await OkAsync(app, key, HttpMethod.Get, set + "/versions?limit=1&cursor=" + versions.GetProperty("next_cursor").GetString());
        Assert.Equal((2, 1, JsonValueKind.Null), (versions.GetProperty("items")[0].GetProperty("version").GetInt32(), rest.GetProperty("items")[0].GetProperty("version").GetInt32(), rest.GetProperty("next_cursor").ValueKind));

        static string Said(JsonElement change, string when) => change.TryGetProperty(when, out var sample) ? sample.GetProperty("input")[0].GetProperty("content").GetString()! : "";
    }

    [Fact]
    public async Task Sets_WithoutTheScopeOrTheBusinessLine_AreRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        await using var app = await TestApp.StartAsync(database);
        var (reader, writer) = (await app.AddKeyAsync(Permissions.SetsView), await app.AddKeyAsync(Permissions.SetsEdit));
        var made = await app.Get<CreateApiKey>().ExecuteAsync(new CreateApiKeyRequest("game", [Permissions.SetsView, Permissions.SetsEdit], ["game"]), database.Admin, default);
        var limited = made.Value!.Secret;
        const string message = """{"message":{"biz_code":"companion","session_id":"s-1","msg_id":"m-2"}}""";

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, reader, HttpMethod.Post, Sets, """{"name":"set"}""")).Status);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(app, writer, HttpMethod.Post, Sets, """{"name":"set"}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, limited, HttpMethod.Post, Sets + "/set/items", message)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, writer, HttpMethod.Post, Sets + "/set/items", message)).Status);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(app, writer, HttpMethod.Post, Sets + "/set/versions")).Status);
        foreach (var address in new[] { Sets, Sets + "/set", Sets + "/set/items", Sets + "/set/versions", Sets + "/set/versions/1/items", Sets + "/set/versions/1/diff/1" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, writer, HttpMethod.Get, address)).Status);
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, reader, HttpMethod.Get, address)).Status);
            Assert.Equal(address == Sets ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await SendAsync(app, limited, HttpMethod.Get, address)).Status);
        }
        foreach (var (method, address) in new[] { (HttpMethod.Delete, "/set"), (HttpMethod.Patch, "/set"), (HttpMethod.Post, "/set/items"), (HttpMethod.Delete, "/set/items/1"), (HttpMethod.Post, "/set/versions"), (HttpMethod.Post, "/set/versions/1/restore"), (HttpMethod.Post, "/set/restore") })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, reader, method, Sets + address, "{}")).Status);
            Assert.Contains((await SendAsync(app, limited, method, Sets + address, "{}")).Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
        }
        Assert.Equal("rule", (await SendAsync(app, limited, HttpMethod.Post, Sets, """{"name":"peek","rule":{"biz_codes":["companion"]}}""")).Body.GetProperty("field").GetString());
        Assert.Equal(0, (await OkAsync(app, limited, HttpMethod.Post, Sets, """{"name":"own","rule":{}}""")).GetProperty("item_count").GetInt32());
    }

    private static (int Added, int AlreadyThere) Counts(JsonElement added) => (added.GetProperty("added").GetInt32(), added.GetProperty("already_there").GetInt32());

    private static async Task<JsonElement> OkAsync(TestApp app, string key, HttpMethod method, string address, string? body = null, string type = "application/json")
    {
        var (status, answer, _) = await SendAsync(app, key, method, address, body, type);
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Created, $"{status} {answer}");
        return answer;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body, string? Location)> SendAsync(TestApp app, string key, HttpMethod method, string address, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, type) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await app.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), response.Headers.Location?.OriginalString);
    }
}

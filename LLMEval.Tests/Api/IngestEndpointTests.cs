using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class IngestEndpointTests
{
    private static readonly string Lines = string.Join('\n', Importing.Session("s-1", Importing.Message("m", "睡了没")), "{", Importing.Session("s-2", Importing.Message("m", "x", "robot")));

    [Fact]
    public async Task Post_Lines_AnswersCountsAndReasons()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SessionsImport);

        var first = await PostAsync(app, key, Encoding.UTF8.GetBytes(Lines));
        var second = await PostAsync(app, key, Zipped(Lines));

        Assert.Equal((3, 1, 0, 0), Counts(first));
        Assert.Equal((3, 0, 0, 1), Counts(second));
        var rejected = first.GetProperty("rejected").EnumerateArray().Select(r => (r.GetProperty("line").GetInt32(), r.GetProperty("reason").GetString()!)).ToList();
        Assert.Equal([2, 3], rejected.Select(r => r.Item1));
        Assert.Equal("messages[0].sender_type is 'robot'; expected user, bot, system or tool", rejected[1].Item2);
    }

    [Fact]
    public async Task Post_WithoutTheScope_IsForbidden()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SessionsView);
        using var request = Request(key, Encoding.UTF8.GetBytes(Lines));

        using var response = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static async Task<JsonElement> PostAsync(TestApp app, string key, byte[] body)
    {
        using var request = Request(key, body);
        using var response = await app.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static HttpRequestMessage Request(string key, byte[] body) => new(HttpMethod.Post, "/api/v1/ingest/sessions")
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") } },
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };

    private static (int, int, int, int) Counts(JsonElement answer) => (Count(answer, "read"), Count(answer, "new"), Count(answer, "updated"), Count(answer, "unchanged"));

    private static int Count(JsonElement answer, string name) => answer.GetProperty(name).GetInt32();

    private static byte[] Zipped(string text)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionMode.Compress))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return stream.ToArray();
    }
}

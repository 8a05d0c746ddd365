using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Api;

public sealed class LabelEndpointTests
{
    private const string Label = "/api/v1/messages/companion/s-1/m-2/label";

    [Theory, OnSqlite, OnMySql]
    public async Task Label_SetReadAndRetracted(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync();
        await database.LabelAsync(messages[1], Verdict.Good);
        await using var app = await TestApp.StartAsync(database);
        var key = await app.AddKeyAsync(Permissions.SessionsView, Permissions.LabelsWrite);

        var (status, set) = await SendAsync(app, key, HttpMethod.Put, Label, """{"verdict":"bad","score":2.5,"ground_truth":"更好","tags":["冷漠"],"comment":"why","version":0}""");
        Assert.Equal((HttpStatusCode.OK, "bad", "0-10", 1), (status, set!.Value.GetProperty("verdict").GetString(), set.Value.GetProperty("scale").GetString(), set.Value.GetProperty("version").GetInt32()));
        Assert.Equal(messages[1].Content, set.Value.GetProperty("prediction").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(app, key, HttpMethod.Put, Label, """{"verdict":"good","version":0}""")).Status);
        var read = (await SendAsync(app, key, HttpMethod.Get, Label + "s", null)).Body!.Value;
        Assert.Equal((2, true), (read.GetProperty("items").GetArrayLength(), read.GetProperty("is_disputed").GetBoolean()));
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(app, key, HttpMethod.Delete, Label, null)).Status);
        read = (await SendAsync(app, key, HttpMethod.Get, Label + "s", null)).Body!.Value;
        Assert.Equal((1, "good", "majority"), (read.GetProperty("items").GetArrayLength(), read.GetProperty("verdict").GetString(), read.GetProperty("source").GetString()));
    }

    [Theory]
    [InlineData("""{"score":3}""", "verdict")]
    [InlineData("""{"verdict":"bad","score":11}""", "score")]
    [InlineData("""{"verdict":"bad","scroe":1}""", "scroe")]
    [InlineData("""{"verdict":"so-so"}""", "verdict")]
    [InlineData("""{"verdict":"bad","tags":[null]}""", "tags")]
    public async Task Label_ThatCannotBe_IsRefusedByName(string body, string named)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        await using var app = await TestApp.StartAsync(database);

        var (status, problem) = await SendAsync(app, await app.AddKeyAsync(Permissions.LabelsWrite), HttpMethod.Put, Label, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(named, problem!.Value.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Label_WithoutTheRightOrTheMessage_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        await using var app = await TestApp.StartAsync(database);
        var (writer, reader) = (await app.AddKeyAsync(Permissions.LabelsWrite), await app.AddKeyAsync(Permissions.SessionsView));

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, reader, HttpMethod.Put, Label, """{"verdict":"bad"}""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, writer, HttpMethod.Get, Label + "s", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, writer, HttpMethod.Put, Label.Replace("m-2", "m-9", StringComparison.Ordinal), """{"verdict":"bad"}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, writer, HttpMethod.Put, Label.Replace("m-2", "m-1", StringComparison.Ordinal), """{"verdict":"bad"}""")).Status);
    }

    private static async Task<(HttpStatusCode Status, JsonElement? Body)> SendAsync(TestApp app, string key, HttpMethod method, string address, string? body)
    {
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await app.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonElement.Parse(text));
    }
}

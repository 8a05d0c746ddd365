using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using LLMEval.Blazor;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LLMEval.Tests.Api;

/// <summary>The built-in bot over the app's real Kestrel.</summary>
public sealed class DemoEndpointTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private WebApplication _app = null!;
    private string _key = "";

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await _database.SessionAsync(contents: ["睡了没", "还没呢，在等你。"]);
        _app = LLMEvalApp.Build(
            ["--urls=http://127.0.0.1:0", $"--DataDirectory={_database.Folder}", $"--ConnectionStrings:LLMEval={_database.Options.ConnectionString}"],
            builder => builder.Logging.ClearProviders());
        await _app.StartAsync();
        _key = await KeyAsync("demo", Permissions.RunsStart);
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Connector_OwnAddress_AnswersThroughTheWholeHttpPath()
    {
        var added = await _app.Services.GetRequiredService<AddTarget>().ExecuteAsync(
            new TargetRequest("built-in", null, Connector.OpenAI, new TargetVersionRequest("/demo/v1", "retrieval-2", _key)), _database.Admin, default);
        var snapshot = await _app.Services.GetRequiredService<TargetQueries>().SnapshotAsync(added.Value, default);

        var reply = await _app.Services.GetRequiredService<TargetFactory>().Create(snapshot!).AskAsync(new Transcript([new ChatMessage(ChatRole.User, "睡了没")], Seed: 3), default);

        Assert.Equal((ReplyStatus.Answered, "还没呢，在等你。", "retrieval-2"), (reply.Status, reply.Text, reply.ResponseModel));
        Assert.Contains("\"seed\":3", reply.RequestJson);
        Assert.Equal(3, reply.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task Completions_WithoutAKeyOrTheRight_AreRefused()
    {
        const string Body = """{"model":"retrieval-1","messages":[{"role":"user","content":"睡了没"}]}""";

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(null, Body)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("llme_wrong", Body)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(await KeyAsync("labels", Permissions.LabelsWrite), Body)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(_key, Body)).Status);
    }

    [Fact]
    public async Task Completions_KeyOfAnotherBusinessLine_HearNothingOfThisOne()
    {
        var key = await KeyAsync("elsewhere", Permissions.RunsStart, "elsewhere");

        var (status, text) = await PostAsync(key, """{"model":"retrieval-1","messages":[{"role":"user","content":"睡了没"}]}""");

        Assert.Equal((HttpStatusCode.Conflict, "empty_corpus"), (status, JsonNode.Parse(text)!["error"]!["code"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("{oops", HttpStatusCode.BadRequest)]
    [InlineData("""{"model":"gpt-9","messages":[{"role":"user","content":"x"}]}""", HttpStatusCode.NotFound)]
    [InlineData("""{"model":"retrieval-1","temperature":-1,"messages":[{"role":"user","content":"x"}]}""", HttpStatusCode.BadRequest)]
    public async Task Completions_UnfitRequest_HasOpenAIsErrorShape(string body, HttpStatusCode expected)
    {
        var (status, text) = await PostAsync(_key, body);

        Assert.Equal(expected, status);
        Assert.Equal("invalid_request_error", JsonNode.Parse(text)!["error"]!["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Completions_Streamed_AreServerSentEvents()
    {
        var (status, text) = await PostAsync(_key, """{"model":"retrieval-1","stream":true,"messages":[{"role":"user","content":"睡了没"}]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        var data = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(data, line => Assert.StartsWith("data: ", line));
        Assert.Equal("data: [DONE]", data[^1]);
        Assert.Equal("还没呢，在等你。", string.Concat(data[..^1].Select(d => JsonNode.Parse(d["data: ".Length..])!["choices"]![0]!["delta"]!["content"]?.GetValue<string>())));
    }

    [Theory]
    [InlineData("http://[::]:5080", "http://127.0.0.1:5080/")]
    [InlineData("http://*:5080", "http://127.0.0.1:5080/")]
    [InlineData("http://0.0.0.0:80", "http://127.0.0.1/")]
    [InlineData("http://localhost:5080", "http://localhost:5080/")]
    public void Loopback_WhateverIsListenedOn_IsReachableFromHere(string address, string expected) => Assert.Equal(expected, SelfAddressSetter.Loopback(address).ToString());

    private async Task<string> KeyAsync(string name, string scope, params string[] bizCodes)
    {
        var made = await _app.Services.GetRequiredService<CreateApiKey>().ExecuteAsync(new CreateApiKeyRequest(name, [scope], bizCodes), Actor.Operator(Permissions.All), default);
        return made.Value!.Secret;
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string? key, string body)
    {
        using var client = _app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_app.Services.GetRequiredService<SelfAddress>().Url!, "/demo/v1/chat/completions"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}

using System.Collections.Concurrent;
using System.Text;
using LLMEval.Core.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LLMEval.Tests.Core.Targets;

/// <summary>A real Kestrel on a free port that answers as it is told, one script a question, and keeps what it was asked.</summary>
internal sealed class FakeOpenAI : IAsyncDisposable
{
    /// <summary>Where a script finds what its own question said, in the context's items.</summary>
    public const string Body = "body";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _scripts = new();

    private FakeOpenAI()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync();
            context.Items[Body] = body;
            Bodies.Enqueue(body);
            Paths.Enqueue(context.Request.Path);
            Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
            await (_scripts.TryDequeue(out var script) ? script : Otherwise)(context);
        });
    }

    /// <summary>What it does once the scripts are used up.</summary>
    public Func<HttpContext, Task> Otherwise { get; set; } = Answer("ok");

    public ConcurrentQueue<string> Bodies { get; } = new();

    public ConcurrentQueue<string> Paths { get; } = new();

    public ConcurrentQueue<string> Authorizations { get; } = new();

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<FakeOpenAI> StartAsync(params Func<HttpContext, Task>[] scripts)
    {
        var fake = new FakeOpenAI();
        foreach (var script in scripts)
        {
            fake._scripts.Enqueue(script);
        }
        await fake._app.StartAsync();
        return fake;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public static Func<HttpContext, Task> Answer(string text, string reason = "stop") => Raw(200,
        $$$"""{"id":"c-1","object":"chat.completion","created":1,"model":"m-1-2026","choices":[{"index":0,"message":{"role":"assistant","content":{{{System.Text.Json.JsonSerializer.Serialize(text, Json.Stored)}}}},"finish_reason":"{{{reason}}}"}],"usage":{"prompt_tokens":11,"completion_tokens":3,"total_tokens":14}}""");

    public static Func<HttpContext, Task> Error(int status, string code, string message, int? retryAfter = null) =>
        Raw(status, $$$"""{"error":{"message":"{{{message}}}","type":"x","param":null,"code":"{{{code}}}"}}""", retryAfter);

    public static Func<HttpContext, Task> Raw(int status, string body, int? retryAfter = null) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        await context.Response.WriteAsync(body);
    };

    public static Func<HttpContext, Task> Hang() => context => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    public static Func<HttpContext, Task> Abort() => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };
}

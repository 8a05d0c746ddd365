using LLMEval.Core.Targets.Replay;

namespace LLMEval.Blazor.Api;

/// <summary>The built-in bot as an OpenAI-compatible server, so that the path real endpoints take can be tried without one.</summary>
internal static class DemoEndpoints
{
    public static void MapDemo(this IEndpointRouteBuilder app)
    {
        var demo = app.MapGroup("/demo/v1").RequireAuthorization().WithTags("Demo");
        demo.MapGet("/models", () => Results.Json(OpenAICompat.Models()));
        demo.MapPost("/chat/completions", CompleteAsync);
    }

    private static async Task<IResult> CompleteAsync(Caller caller, HttpContext context, OpenAICompat compat)
    {
        var reply = await compat.CompleteAsync(context.Request.Body, caller.Actor, context.RequestAborted);
        return reply.Events is { } events ? TypedResults.ServerSentEvents(events) : Results.Json(reply.Body, statusCode: reply.Status);
    }
}

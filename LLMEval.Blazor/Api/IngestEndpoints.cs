using System.Globalization;
using System.Text.Json.Serialization;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using Microsoft.AspNetCore.Mvc;

namespace LLMEval.Blazor.Api;

/// <param name="Rejected">The first thousand rejected lines; <paramref name="RejectedCount"/> counts them all.</param>
public sealed record IngestAnswer(long Read, long New, long Updated, long Unchanged, long RejectedCount, IReadOnlyList<RejectedAnswer> Rejected);

public sealed record RejectedAnswer(long Line, string Reason);

internal static class IngestEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/api/v1/ingest/sessions", IngestAsync)
            .RequireAuthorization(Permissions.SessionsImport)
            // The body is read as a stream, a batch at a time, so its length does not matter.
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .Accepts<SessionShape>("application/x-ndjson", "application/jsonl", "application/json", "*/*")
            .Produces<IngestAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithTags("ingest")
            .WithSummary("Store sessions, one JSON object a line, plain or gzip. Sending the same again updates, never doubles.");

    private static async Task<IResult> IngestAsync(HttpContext context, Caller caller, ImportFile import, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"api {context.TraceIdentifier}");
        var result = await import.ExecuteAsync(new ImportRequest(context.Request.Body, name), caller.Actor, null, cancellationToken);
        if (result is not { Value: { } report })
        {
            return result.Failure!.ToProblem(context);
        }
        var counts = report.Counts;
        var rejected = report.FirstRejected.Select(r => new RejectedAnswer(r.Line, r.Rejection.Reason)).ToList();
        return Results.Ok(new IngestAnswer(counts.Read, counts.New, counts.Updated, counts.Unchanged, counts.Rejected, rejected));
    }

    /// <summary>One line of the body, for the description of the API alone: reading is the streaming reader's.</summary>
    private sealed record SessionShape(
        [property: JsonRequired] string SessionId, [property: JsonRequired] string BizCode, [property: JsonRequired] string RobotId, [property: JsonRequired] string UserId, string? StartedAt,
        IReadOnlyList<string>? Tags, [property: JsonRequired] IReadOnlyList<MessageShape> Messages, IReadOnlyList<MemoryShape>? Memory);

    private sealed record MessageShape([property: JsonRequired] string MsgId, [property: JsonRequired] string SenderType, [property: JsonRequired] string Content, string? SendTime, object? Generation);

    private sealed record MemoryShape([property: JsonRequired] string MemoryId, [property: JsonRequired] string Content, string? CreatedAt, string? UpdatedAt);
}

using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;

namespace LLMEval.Blazor.Api;

/// <param name="Score">Within the scale of the business line.</param>
/// <param name="Prediction">The answer that was judged; without it, the message.</param>
/// <param name="Version">Of one's own label as it was read (0: there was none); a label that changed since is refused with 409. Without it, whatever is there is replaced.</param>
public sealed record LabelBody(Verdict? Verdict = null, double? Score = null, string? GroundTruth = null, string? Prediction = null, IReadOnlyList<string>? Tags = null, string? Comment = null, int? Version = null);

public sealed record LabelAnswer(
    string Annotator, Verdict Verdict, double? Score, string Scale, string? GroundTruth, string? Prediction, IReadOnlyList<string> Tags, string? Comment, DateTimeOffset UpdatedAt, int Version);

/// <param name="Verdict">What counts: settled, or the majority's; null on a tie.</param>
public sealed record LabelsAnswer(IReadOnlyList<LabelAnswer> Items, Verdict? Verdict, VerdictSource? Source, bool IsDisputed, string? SettledGroundTruth);

internal static class LabelEndpoints
{
    private const string Message = "/api/v1/messages/{bizCode}/{sessionId}/{msgId}";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPut(Message + "/label", SetAsync).RequireAuthorization(Permissions.LabelsWrite).Produces<LabelAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .WithTags("labels").WithSummary("Sets the caller's own label of a bot message; a key labels in the name of the account that made it.");
        endpoints.MapDelete(Message + "/label", RetractAsync).RequireAuthorization(Permissions.LabelsWrite).Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound).WithTags("labels").WithSummary("Takes the caller's own label back; its history stays.");
        endpoints.MapGet(Message + "/labels", ListAsync).RequireAuthorization(Permissions.SessionsView).Produces<LabelsAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound).WithTags("labels").WithSummary("Everybody's labels of a message, oldest first, and what counts of them.");
    }

    private static async Task<IResult> SetAsync(
        string bizCode, string sessionId, string msgId, LabelBody body, HttpContext context, Caller caller, LabelQueries labels, LabelSettings settings, LabelMessage verb, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (body.Verdict is not { } verdict)
        {
            return Failure.Invalid("VerdictUnknown", "verdict").ToProblem(context);
        }
        if (Words.Empty(body.Tags, "tags") is { } empty)
        {
            return empty.ToProblem(context);
        }
        if (await labels.FindMessageAsync(bizCode, sessionId, msgId, caller.Actor, cancellationToken) is not { } messageId)
        {
            return Failure.NotFound("MessageNotFound").ToProblem(context);
        }
        var prediction = body.Prediction ?? (await settings.OfMessageAsync(messageId, caller.Actor, cancellationToken))?.Answer;
        var result = await verb.ExecuteAsync(new LabelRequest(messageId, verdict, body.Score, body.GroundTruth, prediction, body.Tags, body.Comment, body.Version), caller.Actor, cancellationToken);
        return result.Value is { } label ? Results.Ok(Answer(label, clock)) : result.Failure!.ToProblem(context);
    }

    private static async Task<IResult> RetractAsync(string bizCode, string sessionId, string msgId, HttpContext context, Caller caller, LabelQueries labels, RetractLabel verb, CancellationToken cancellationToken)
    {
        if (await labels.FindMessageAsync(bizCode, sessionId, msgId, caller.Actor, cancellationToken) is not { } messageId)
        {
            return Failure.NotFound("MessageNotFound").ToProblem(context);
        }
        return (await verb.ExecuteAsync(messageId, null, caller.Actor, cancellationToken)).Failure is { } failure ? failure.ToProblem(context) : Results.NoContent();
    }

    private static async Task<IResult> ListAsync(string bizCode, string sessionId, string msgId, HttpContext context, Caller caller, LabelQueries labels, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (await labels.FindMessageAsync(bizCode, sessionId, msgId, caller.Actor, cancellationToken) is not { } messageId)
        {
            return Failure.NotFound("MessageNotFound").ToProblem(context);
        }
        var found = (await labels.OfMessagesAsync([messageId], caller.Actor, cancellationToken))[messageId];
        var verdict = await labels.VerdictAsync(messageId, caller.Actor, cancellationToken);
        return Results.Ok(new LabelsAnswer([.. found.Select(label => Answer(label, clock))], verdict?.Verdict, verdict?.Source, verdict?.IsDisputed ?? false, verdict?.SettledGroundTruth));
    }

    private static LabelAnswer Answer(LabelRow label, ZoneClock clock) => new(
        label.AnnotatorName, label.Verdict, label.Score, label.Scale.Word(), label.GroundTruth, label.Prediction, label.Tags, label.Comment, clock.WithOffset(label.UpdatedAt), label.Version);
}

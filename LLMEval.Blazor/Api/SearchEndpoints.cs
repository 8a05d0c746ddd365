using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Api;

/// <param name="Snippet">The part around the first hit, with what matched; only where a text was searched for.</param>
public sealed record MessageAnswer(
    string BizCode, string SessionId, string MsgId, string RobotId, string? RobotName, string UserId, string SenderType, string Content, DateTimeOffset SendTime, bool IsTimeInferred,
    DateTimeOffset UpdatedAt, int GoodCount, int BadCount, Snippet? Snippet);

internal static class SearchEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/v1/messages", ListAsync)
            .RequireAuthorization(Permissions.SessionsView)
            .Produces<ListAnswer<MessageAnswer>>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithTags("messages")
            .WithSummary("Messages, newest first: session_id, msg_id, biz_code*, robot_id*, user_id*, pair* (user:robot), sender_type, label, from, to, q, match (exact: q is the whole message; fuzzy: biz_code may be any part of the code; without it q may stand anywhere and biz_code is the whole code), limit, cursor. A page may hold fewer than limit, even none, and still have a next one.");

    private static async Task<IResult> ListAsync(HttpContext context, Caller caller, MessageSearchQueries messages, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context, "session_id", "msg_id", "biz_code", "robot_id", "user_id", "pair", "sender_type", "label", "from", "to", "q", "match");
        var match = query.Word<MatchWord>("match");
        var filter = new MessageSearchFilter
        {
            Text = query.One("q"),
            Match = match == MatchWord.Exact ? TextMatch.Exact : TextMatch.Contains,
            SessionId = query.One("session_id"),
            MsgId = query.One("msg_id"),
            BizCodes = query.Many("biz_code"),
            // Part of a code only where that was asked for: a script that names a line means that line.
            BizMatch = match == MatchWord.Fuzzy ? TextMatch.Contains : TextMatch.Exact,
            RobotIds = query.Many("robot_id"),
            UserIds = query.Many("user_id"),
            Pairs = query.Pairs("pair"),
            SenderType = query.Word<SenderType>("sender_type"),
            Label = query.Word("label", LabelState.Any),
            Range = query.Range(),
        };
        var page = query.Page();
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        var result = await messages.PageAsync(filter, page, caller.Actor, cancellationToken);
        return result.Value is { } found
            ? Results.Ok(new ListAnswer<MessageAnswer>([.. found.Page.Items.Select(hit => Answer(hit, filter.Text is not null, clock))], found.Page.Next?.ToString()))
            : result.Failure!.ToProblem(context);
    }

    private static MessageAnswer Answer(MessageHit hit, bool isFoundByText, ZoneClock clock) => new(
        hit.BizCode, hit.SessionId, hit.MsgId, hit.RobotId, hit.RobotName, hit.UserId, hit.SenderType.ToString().ToLower(CultureInfo.InvariantCulture), hit.Content,
        clock.WithOffset(hit.SentAt), hit.IsTimeInferred, clock.WithOffset(hit.UpdatedAt), hit.GoodCount, hit.BadCount, isFoundByText ? hit.Snippet : null);

    private enum MatchWord { Fuzzy, Exact }
}

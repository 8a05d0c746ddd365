using System.Globalization;
using System.Text.Json;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Sessions;

namespace LLMEval.Blazor.Api;

public sealed record SessionAnswer(
    string BizCode, string SessionId, string RobotId, string? RobotName, string UserId, int MessageCount, int MemoryCount, int GoodCount, int BadCount, IReadOnlyList<string> Tags,
    DateTimeOffset StartedAt, DateTimeOffset LastMessageAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Only where one session is asked for.</summary>
    public string? Lang { get; init; }
    public string? SystemPrompt { get; init; }
    public int? BotMessageCount { get; init; }
}

public sealed record UsageAnswer(int? InputTokens, int? OutputTokens);

public sealed record GenerationAnswer(string? Model, string? PromptVersion, JsonElement? Params, JsonElement? MemoryIds, int? LatencyMs, UsageAnswer? Usage, JsonElement? Request, JsonElement? Trace);

public sealed record TranscriptAnswer(string MsgId, string SenderType, string Content, DateTimeOffset SendTime, bool IsTimeInferred, DateTimeOffset UpdatedAt, GenerationAnswer? Generation);

public sealed record MemoryAnswer(string MemoryId, string Content, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);

internal static class SessionEndpoints
{
    private const string One = "/{bizCode}/{sessionId}";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var sessions = endpoints.MapGroup("/api/v1/sessions").RequireAuthorization(Permissions.SessionsView).WithTags("sessions")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        sessions.MapGet("", ListAsync).Produces<ListAnswer<SessionAnswer>>()
            .WithSummary("Sessions, newest first: from, to, biz_code*, user_id*, robot_id*, pair* (user:robot), tag*, label, sort (started, last, updated, messages; -… descending), limit, cursor.");
        sessions.MapGet(One, DetailAsync).Produces<SessionAnswer>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("One session.");
        sessions.MapGet(One + "/messages", MessagesAsync).Produces<ListAnswer<TranscriptAnswer>>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("Its messages in their order: limit, cursor.");
        sessions.MapGet(One + "/memory", MemoryAsync).Produces<ListAnswer<MemoryAnswer>>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("Its memory points, oldest first; 1,000 at most.");
    }

    private static async Task<IResult> ListAsync(HttpContext context, Caller caller, SessionQueries sessions, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context, "from", "to", "biz_code", "user_id", "robot_id", "pair", "tag", "label", "sort");
        var filter = new SessionFilter
        {
            Range = query.Range(),
            BizCodes = query.Many("biz_code"),
            UserIds = query.Many("user_id"),
            RobotIds = query.Many("robot_id"),
            Pairs = query.Pairs("pair"),
            Tags = query.Many("tag"),
            Label = query.Word("label", LabelState.Any),
        };
        var sort = query.One("sort") ?? "-" + SessionSort.Started;
        if (!SessionSort.All.Contains(sort.TrimStart('-')))
        {
            query.Refuse("sort", sort);
        }
        var page = query.Page() with { SortBy = sort.TrimStart('-'), Descending = sort.StartsWith('-') };
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        var found = await sessions.PageAsync(filter, page, caller.Actor, cancellationToken);
        return Results.Ok(new ListAnswer<SessionAnswer>([.. found.Items.Select(row => Answer(row, clock))], found.Next?.ToString()));
    }

    private static async Task<IResult> DetailAsync(string bizCode, string sessionId, HttpContext context, Caller caller, SessionQueries sessions, ZoneClock clock, CancellationToken cancellationToken) =>
        await sessions.FindAsync(bizCode, sessionId, caller.Actor, cancellationToken) is { } found
            ? Results.Ok(Answer(found.Row, clock) with { Lang = found.Language, SystemPrompt = found.SystemPrompt, BotMessageCount = found.BotMessageCount })
            : Missing(context);

    private static async Task<IResult> MessagesAsync(
        string bizCode, string sessionId, HttpContext context, Caller caller, SessionQueries sessions, TranscriptQueries transcripts, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context);
        var page = query.Page();
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        if (await sessions.FindAsync(bizCode, sessionId, caller.Actor, cancellationToken) is not { } session)
        {
            return Missing(context);
        }
        var from = page.After?.Number is { } ordinal and >= 0 and < int.MaxValue ? (int)ordinal + 1 : 0;
        var window = await transcripts.ForwardAsync(session.Row.Id, from, page.Limit, caller.Actor, cancellationToken);
        var next = window.HasLater ? Cursor.At((long)window.Messages[^1].Ordinal, window.Messages[^1].Id).ToString() : null;
        return Results.Ok(new ListAnswer<TranscriptAnswer>([.. window.Messages.Select(m => Answer(m, clock))], next));
    }

    private static async Task<IResult> MemoryAsync(
        string bizCode, string sessionId, HttpContext context, Caller caller, SessionQueries sessions, TranscriptQueries transcripts, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(bizCode, sessionId, caller.Actor, cancellationToken) is not { } session)
        {
            return Missing(context);
        }
        var points = await transcripts.MemoryAsync(session.Row.Id, caller.Actor, cancellationToken);
        return Results.Ok(new ListAnswer<MemoryAnswer>([.. points.Select(p => new MemoryAnswer(p.MemoryId, p.Content, clock.WithOffset(p.CreatedAt), clock.WithOffset(p.ChangedAt)))], null));
    }

    private static IResult Missing(HttpContext context) => Failure.NotFound("SessionNotFound").ToProblem(context);

    private static SessionAnswer Answer(SessionRow row, ZoneClock clock) => new(
        row.BizCode, row.SessionId, row.RobotId, row.RobotName, row.UserId, row.MessageCount, row.MemoryCount, row.GoodCount, row.BadCount, row.Tags,
        clock.WithOffset(row.StartedAt), clock.WithOffset(row.LastMessageAt), clock.WithOffset(row.UpdatedAt));

    private static TranscriptAnswer Answer(TranscriptMessage message, ZoneClock clock) => new(
        message.MsgId, message.SenderType.ToString().ToLower(CultureInfo.InvariantCulture), message.Content, clock.WithOffset(message.SentAt), message.IsTimeInferred, clock.WithOffset(message.UpdatedAt),
        message.Generation is not { } made ? null : new GenerationAnswer(
            made.Model, made.PromptVersion, Parsed(made.ParametersJson), Parsed(made.MemoryIdsJson), made.LatencyMs,
            made.InputTokens is null && made.OutputTokens is null ? null : new UsageAnswer(made.InputTokens, made.OutputTokens), Parsed(made.RequestJson), Parsed(made.TraceJson)));

    private static JsonElement? Parsed(string? json) => json is null ? null : JsonElement.Parse(json);
}

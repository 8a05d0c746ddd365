using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Resources;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Targets;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Api;

public sealed record ReproductionStartedAnswer(string Id);

public sealed record ReproductionLineAnswer(string Id, ReproductionState State, ReproducedMessage Message, ReproductionVerdict Verdict, int Bad, int N, string Target, string StartedBy, DateTimeOffset CreatedAt);

internal static class ReproductionEndpoints
{
    private const string All = "/api/v1/reproductions";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var tasks = endpoints.MapGroup("").WithTags("reproductions").ProducesProblem(StatusCodes.Status400BadRequest);
        tasks.MapPost(All, StartAsync).RequireAuthorization(Permissions.ReproductionsStart).Produces<ReproductionStartedAnswer>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Asks target versions for a recorded answer again, in the background. Without a criterion an answer is bad where it is similar to the recorded one.");
        tasks.MapGet(All + "/{id:long}", DetailAsync).RequireAuthorization(Permissions.ReproductionsView).Produces<ReproductionAnswer>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What was sent and answered so far, and the verdict.");
        tasks.MapGet(All, ListAsync).RequireAuthorization(Permissions.ReproductionsView).Produces<ListAnswer<ReproductionLineAnswer>>()
            .WithSummary("Reproductions, newest first: state, verdict, robot_id, person, from, to, limit, cursor.");
    }

    private static async Task<IResult> StartAsync(
        ReproductionBody body, HttpContext context, Caller caller, ReproductionDrafts drafts, TargetQueries targets, StartReproduction start, CancellationToken cancellationToken)
    {
        var request = await body.ToRequestAsync(drafts, targets, caller.Actor, cancellationToken);
        if (request.Failure is { } unreadable)
        {
            return unreadable.ToProblem(context);
        }
        var started = await start.ExecuteAsync(request.Value!, caller.Actor, cancellationToken);
        if (started.Failure is { } failure)
        {
            return ReproductionBody.Named(failure).ToProblem(context);
        }
        var id = started.Value.ToString(CultureInfo.InvariantCulture);
        return Results.Created($"{All}/{id}", new ReproductionStartedAnswer(id));
    }

    private static async Task<IResult> DetailAsync(
        long id, HttpContext context, Caller caller, ReproductionQueries queries, IStringLocalizer<ReproductionTexts> texts, CancellationToken cancellationToken) =>
        await ReproductionAnswer.OfAsync(id, queries, texts, caller.Actor, cancellationToken) is { } answer ? Results.Ok(answer) : Failure.NotFound("ReproductionNotFound").ToProblem(context);

    private static async Task<IResult> ListAsync(HttpContext context, Caller caller, ReproductionQueries queries, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context, "state", "verdict", "robot_id", "person", "from", "to");
        var filter = new ReproductionFilter(query.Word<ReproductionState>("state"), query.One("robot_id")) { Verdict = VerdictOf(query), Person = query.One("person"), Started = query.Range() };
        var page = query.Page();
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        var found = await queries.PageAsync(filter, page, caller.Actor, cancellationToken);
        return Results.Ok(new ListAnswer<ReproductionLineAnswer>(
            [.. found.Items.Select(row => new ReproductionLineAnswer(
                row.Id.ToString(CultureInfo.InvariantCulture), row.State, new ReproducedMessage(row.SessionExternalId, row.MessageExternalId, row.BizCode), row.Last.Verdict, row.Last.Bad, row.Last.Graded,
                row.Last.Label, row.StartedByName, clock.WithOffset(row.CreatedAt)))],
            found.Next?.ToString()));
    }

    // In addresses words are written as in answers: still_happens.
    private static ReproductionVerdict? VerdictOf(ListQuery query)
    {
        if (query.One("verdict") is not { } text)
        {
            return null;
        }
        var known = Enum.GetValues<ReproductionVerdict>().Where(v => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()) == text).ToList();
        if (known is [var verdict])
        {
            return verdict;
        }
        query.Refuse("verdict", text);
        return null;
    }
}

using System.Text.Json;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace LLMEval.Blazor.Api;

/// <summary>Evaluation sets. Their items: <see cref="SetItemEndpoints"/>; their versions: <see cref="SetVersionEndpoints"/>.</summary>
internal static class SetEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var sets = endpoints.MapGroup("").WithTags("sets").ProducesProblem(StatusCodes.Status400BadRequest);
        var read = sets.MapGroup("").RequireAuthorization(Permissions.SetsView);
        var write = sets.MapGroup("").RequireAuthorization(Permissions.SetsEdit).ProducesProblem(StatusCodes.Status409Conflict);
        read.MapGet(SetPaths.All, ListAsync).Produces<ListAnswer<SetAnswer>>().WithSummary("Evaluation sets, newest change first: q (part of the name), limit, cursor.");
        write.MapPost(SetPaths.All, CreateAsync).Produces<SetAnswer>(StatusCodes.Status201Created)
            .WithSummary("Makes a set: empty, of a rule, of a draw from the pool, or as the copy of another one.");
        read.MapGet(SetPaths.One, DetailAsync).Produces<SetAnswer>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("One set.");
        write.MapPatch(SetPaths.One, EditAsync).Accepts<SetPatchBody>("application/json").Produces<SetAnswer>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Changes what is given; a rule of null makes the set a list that keeps its items.");
        write.MapDelete(SetPaths.One, DeleteAsync).Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).WithSummary("Deletes the set, for 30 days in a way that can be undone.");
        write.MapPost(SetPaths.One + "/restore", RestoreAsync).Produces<SetAnswer>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Brings back the set of this name that was deleted last, under another name where this one is taken meanwhile.");
        SetItemEndpoints.Map(read, write);
        SetVersionEndpoints.Map(read, write);
        SetExportEndpoints.Map(read);
        SetExportEndpoints.MapPages(endpoints);
    }

    public static IResult Missing(HttpContext context) => Failure.NotFound("SetNotFound").ToProblem(context);

    /// <summary>200 with the set as it is now, or the refusal.</summary>
    public static async Task<IResult> AnswerAsync<T>(Result<T> result, long setId, HttpContext context, Caller caller, SetOutlineQueries sets, ZoneClock clock, CancellationToken cancellationToken) =>
        result.Failure is { } failure ? failure.ToProblem(context)
        : await sets.OfAsync(setId, caller.Actor, cancellationToken) is { } set ? Results.Ok(SetAnswer.Of(set, clock)) : Missing(context);

    private static async Task<IResult> ListAsync(HttpContext context, Caller caller, SetQueries sets, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context, "q");
        var page = query.Page();
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        var found = await sets.PageAsync(new SetFilter(query.One("q")), page, caller.Actor, cancellationToken);
        return Results.Ok(new ListAnswer<SetAnswer>([.. found.Items.Select(row => SetAnswer.Of(row, clock))], found.Next?.ToString()));
    }

    private static async Task<IResult> DetailAsync(string name, HttpContext context, Caller caller, SetOutlineQueries sets, ZoneClock clock, CancellationToken cancellationToken) =>
        await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is { } id && await sets.OfAsync(id, caller.Actor, cancellationToken) is { } set
            ? Results.Ok(SetAnswer.Of(set, clock))
            : Missing(context);

    private static async Task<IResult> CreateAsync(
        SetBody body, HttpContext context, Caller caller, SetOutlineQueries sets, CreateSet create, DrawSet draw, CloneSet clone, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (Problem(body) is { } problem)
        {
            return problem.ToProblem(context);
        }
        Task<long?> Find(string name) => sets.FindAsync(name.Trim(), caller.Actor, cancellationToken);
        var made = body.CloneOf is { } original ? await CloneAsync(original)
            : body.Draw is { } drawing ? await DrawAsync(drawing)
            : await MakeAsync();
        if (made.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        var set = await sets.OfAsync(made.Value, caller.Actor, cancellationToken);
        return Results.Created(SetPaths.Of(set?.Name ?? body.Name!.Trim()), set is null ? null : SetAnswer.Of(set, clock));

        CreateSetRequest Request() => new(body.Name ?? "", body.Purpose, body.Description, body.ContextLength ?? CreateSet.DefaultContextLength) { Tags = body.Tags ?? [] };

        async Task<Result<long>> MakeAsync()
        {
            var rule = await FilterAsync(body.Rule, "rule", clock, Find);
            return rule.Failure ?? await create.ExecuteAsync(Request() with { Rule = body.Rule is null ? null : rule.Value }, caller.Actor, cancellationToken);
        }

        async Task<Result<long>> DrawAsync(DrawBody drawing)
        {
            var (drawn, from) = (drawing.ToDraw(), await FilterAsync(drawing.From, "draw.from", clock, Find));
            if ((drawn.Failure ?? from.Failure) is { } refusal)
            {
                return refusal;
            }
            var result = await draw.ExecuteAsync(new DrawSetRequest(Request(), from.Value!, drawn.Value!), caller.Actor, cancellationToken);
            return result.Failure is not { } refused ? result.Value!.SetId
                // The verb calls its own fields so; those of the set to be made come as they are in the body.
                : refused.Field is nameof(SetDraw.Size) or nameof(SetDraw.Metric) or nameof(DrawSetRequest.From) ? refused with { Field = "draw." + refused.Field }
                : refused;
        }

        async Task<Result<long>> CloneAsync(string name)
        {
            if (await Find(name) is not { } setId)
            {
                return Failure.Invalid("SetNotFound", "clone_of");
            }
            var result = await clone.ExecuteAsync(new CloneSetRequest(setId, body.Name ?? "", body.CloneVersion), caller.Actor, cancellationToken);
            return result.Failure?.Code == "SetVersionNotFound" ? Failure.Invalid("SetVersionNotFound", "clone_version") : result;
        }
    }

    private static async Task<IResult> EditAsync(
        string name, JsonElement patch, HttpContext context, Caller caller, SetOutlineQueries sets, EditSet verb, ZoneClock clock, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        var body = Read(patch, json.Value.SerializerOptions);
        if (Words.Empty(body.Tags, "tags") is { } problem)
        {
            return problem.ToProblem(context);
        }
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id || await sets.OfAsync(id, caller.Actor, cancellationToken) is not { } set)
        {
            return Missing(context);
        }
        var rule = await FilterAsync(body.Rule, "rule", clock, other => sets.FindAsync(other.Trim(), caller.Actor, cancellationToken));
        if (rule.Failure is { } refusal)
        {
            return refusal.ToProblem(context);
        }
        bool Has(string field) => patch.TryGetProperty(field, out _);
        var request = new EditSetRequest(
            id, Has("name") ? body.Name ?? "" : set.Name, Has("purpose") ? body.Purpose : set.Purpose, Has("description") ? body.Description : set.Description,
            body.ContextLength ?? set.ContextLength, Has("tags") ? body.Tags ?? [] : set.Tags)
        {
            Rule = !Has("rule") ? set.Rule : body.Rule is null ? null : rule.Value,
        };
        return await AnswerAsync(await verb.ExecuteAsync(request, caller.Actor, cancellationToken), id, context, caller, sets, clock, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(string name, HttpContext context, Caller caller, SetOutlineQueries sets, DeleteSet verb, CancellationToken cancellationToken)
    {
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id)
        {
            return Missing(context);
        }
        return (await verb.ExecuteAsync(id, caller.Actor, cancellationToken)).Failure is { } failure ? failure.ToProblem(context) : Results.NoContent();
    }

    private static async Task<IResult> RestoreAsync(string name, HttpContext context, Caller caller, SetOutlineQueries sets, RestoreSet verb, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (await sets.FindDeletedAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id)
        {
            return Failure.NotFound("DeletedSetNotFound", RestoreSet.UndoPeriod.Days).ToProblem(context);
        }
        return await AnswerAsync(await verb.ExecuteAsync(id, caller.Actor, cancellationToken), id, context, caller, sets, clock, cancellationToken);
    }

    private static Failure? Problem(SetBody body)
    {
        if (new object?[] { body.Rule, body.Draw, body.CloneOf }.Count(way => way is not null) > 1)
        {
            return Failure.Invalid("SetMadeTwice", body.Rule is null ? "draw" : "rule");
        }
        if (body.CloneVersion is not null && body.CloneOf is null)
        {
            return Failure.Invalid("FieldMissing", "clone_of", "clone_of");
        }
        var copied = body.CloneOf is null ? null
            : body.Purpose is not null ? "purpose" : body.Description is not null ? "description" : body.Tags is not null ? "tags" : body.ContextLength is not null ? "context_length" : null;
        return copied is not null ? Failure.Invalid("CloneTakesAll", copied, copied) : Words.Empty(body.Tags, "tags");
    }

    private static async Task<Result<SampleFilter>> FilterAsync(SampleFilterBody? body, string field, ZoneClock clock, Func<string, Task<long?>> find) =>
        body is null ? new SampleFilter() : await body.ToFilterAsync(field, clock, find);

    // Read twice, since a record cannot tell a field that is null from one that is not there.
    private static SetPatchBody Read(JsonElement patch, JsonSerializerOptions options)
    {
        try
        {
            return patch.Deserialize<SetPatchBody>(options) ?? throw new JsonException("The body is null; expected an object.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException(e.Message, StatusCodes.Status400BadRequest, e);
        }
    }
}

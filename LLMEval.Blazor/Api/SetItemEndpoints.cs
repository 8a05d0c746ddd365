using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace LLMEval.Blazor.Api;

/// <summary>What is in sets: messages and drafts, added all or none.</summary>
internal static class SetItemEndpoints
{
    private const int MaxBodyBytes = 64 * 1024 * 1024;
    private static readonly string[] LineTypes = ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"];

    public static void Map(IEndpointRouteBuilder read, IEndpointRouteBuilder write)
    {
        read.MapGet(SetPaths.One + "/items", ListAsync).Produces<ListAnswer<SetItemAnswer>>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("The set's items in its order, whole: limit, cursor.");
        write.MapPost(SetPaths.One + "/items", AddAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .Accepts<ItemsShape>("application/json", [.. LineTypes, "*/*"])
            .Produces<AddedItemsAnswer>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .WithSummary("Adds items at the end, all or none: an array, {items}, one item, or one a line as NDJSON; at most 5,000 items and 64 MiB. What is in the set already stays once.");
        write.MapDelete(SetPaths.One + "/items/{id:long}", RemoveAsync).Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Takes an item out of the set; its versions keep it.");
    }

    /// <summary>A page of items with what their samples say.</summary>
    public static async Task<IResult> AnswerAsync(Page<SetItemRow> page, SampleContentQueries contents, Caller caller, ZoneClock clock, CancellationToken cancellationToken)
    {
        var samples = await contents.OfAsync([.. page.Items.Select(row => row.SampleId)], caller.Actor, cancellationToken);
        return Results.Ok(new ListAnswer<SetItemAnswer>([.. page.Items.Where(row => samples.ContainsKey(row.SampleId)).Select(row => SetItemAnswer.Of(row, samples[row.SampleId], clock))], page.Next?.ToString()));
    }

    private static async Task<IResult> ListAsync(
        string name, HttpContext context, Caller caller, SetOutlineQueries sets, SetItemQueries items, SampleContentQueries contents, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context);
        var page = query.Page();
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        return await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is { } id
            ? await AnswerAsync(await items.OfSetAsync(id, page, caller.Actor, cancellationToken), contents, caller, clock, cancellationToken)
            : SetEndpoints.Missing(context);
    }

    private static async Task<IResult> AddAsync(string name, HttpContext context, Caller caller, SetOutlineQueries sets, SetItemsReader reader, AddItemsToSet verb, CancellationToken cancellationToken)
    {
        var areLines = AreLines(context.Request.ContentType);
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id)
        {
            return SetEndpoints.Missing(context);
        }
        var read = areLines ? await reader.LinesAsync(context.Request.Body, cancellationToken) : await reader.JsonAsync(context.Request.Body, cancellationToken);
        if (read.IsTooMuch)
        {
            var texts = context.RequestServices.GetRequiredService<FailureTexts>();
            return Refused(null, null, null, "ItemsTooMany", texts.Of("ItemsTooMany", SetItemsReader.MaxItems), StatusCodes.Status413PayloadTooLarge);
        }
        if (read.Problem is { } problem)
        {
            return Refused(problem.Index, problem.Line, problem.Field, problem.Rejection.Code, problem.Rejection.Reason);
        }
        if (read.Items.Count == 0)
        {
            return Failure.Invalid("ItemsMissing", "items").ToProblem(context);
        }
        var result = await verb.ExecuteAsync(new AddItemsRequest(id, read.Items), caller.Actor, cancellationToken);
        return result is { Value: { } added } ? Results.Ok(new AddedItemsAnswer(added.Added, added.AlreadyThere, added.Refreshed)) : Refused(result.Failure!, read.Lines, context);
    }

    private static async Task<IResult> RemoveAsync(string name, long id, HttpContext context, Caller caller, SetOutlineQueries sets, RemoveFromSet verb, CancellationToken cancellationToken)
    {
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } setId)
        {
            return SetEndpoints.Missing(context);
        }
        var result = await verb.ExecuteAsync(new RemoveFromSetRequest(setId, [id]), caller.Actor, cancellationToken);
        return result.Failure is { } failure ? failure.ToProblem(context) : result.Value == 0 ? Failure.NotFound("SetItemNotFound").ToProblem(context) : Results.NoContent();
    }

    /// <summary>Core names the item by its place in the request; who sent lines looks for the line.</summary>
    private static IResult Refused(Failure failure, List<long> lines, HttpContext context)
    {
        if (failure.Field is not { } field || !field.StartsWith("items[", StringComparison.Ordinal)
            || !int.TryParse(field["items[".Length..field.IndexOf(']', StringComparison.Ordinal)], NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return failure.ToProblem(context);
        }
        var within = field[(field.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return Refused(index, lines.Count > index ? lines[index] : null, within, failure.Code, $"{within}: {context.RequestServices.GetRequiredService<FailureTexts>().Of(failure)}");
    }

    private static IResult Refused(int? index, long? line, string? field, string code, string sentence, int status = StatusCodes.Status400BadRequest)
    {
        var place = index is { } at ? string.Create(CultureInfo.InvariantCulture, $"items[{at}]") : null;
        var shown = line is { } number ? string.Create(CultureInfo.InvariantCulture, $"Line {number}: ") : place is null ? "" : place + ": ";
        var extensions = new Dictionary<string, object?> { ["code"] = code };
        foreach (var (name, value) in new (string, object?)[] { ("index", index), ("line", line), ("field", place is null || field is null ? place ?? field : $"{place}.{field}") })
        {
            if (value is not null)
            {
                extensions[name] = value;
            }
        }
        return Results.Problem(shown + sentence, statusCode: status, extensions: extensions);
    }

    private static bool AreLines(string? contentType)
    {
        var type = MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.Value?.ToLowerInvariant() : null;
        return LineTypes.Contains(type) || (type is "application/json" || type?.EndsWith("+json", StringComparison.Ordinal) == true ? false
            : throw new BadHttpRequestException($"Expected application/json or application/x-ndjson but got “{contentType}”.", StatusCodes.Status415UnsupportedMediaType));
    }

    /// <summary>For the description of the API alone: reading is the streaming reader's.</summary>
    private sealed record ItemsShape(IReadOnlyList<ItemShape> Items);

    private sealed record ItemShape(
        MessageName? Message, IReadOnlyList<TurnShape>? Input, IReadOnlyList<string>? Reference, string? ExpectedBehaviour, IReadOnlyList<string>? Tags, int? ContextLength, string? Id, string? BizCode,
        string? RobotId, string? UserId, string? SystemPrompt, IReadOnlyList<MemoryShape>? Memory, string? RecordedAnswer, bool? Script, object? Metadata);

    private sealed record TurnShape(string Role, string Content, string? MsgId, DateTimeOffset? SendTime);

    private sealed record MemoryShape(string? MemoryId, string Content, DateTimeOffset? CreatedAt);
}

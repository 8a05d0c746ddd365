using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Api;

/// <summary>Frozen versions of sets, what they hold and how they differ.</summary>
internal static class SetVersionEndpoints
{
    private const string All = SetPaths.One + "/versions";
    private const string One = All + "/{number:int}";

    public static void Map(IEndpointRouteBuilder read, IEndpointRouteBuilder write)
    {
        read.MapGet(All, ListAsync).Produces<ListAnswer<SetVersionAnswer>>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("The set's versions, newest first: limit, cursor.");
        write.MapPost(All, FreezeAsync).Produces<SetVersionAnswer>(StatusCodes.Status201Created).Produces<SetVersionAnswer>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Freezes what the set holds into a version (201); an unchanged set keeps its newest one (200).");
        read.MapGet(One + "/items", ItemsAsync).Produces<ListAnswer<SetItemAnswer>>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("A version's items in its order, whole: limit, cursor.");
        write.MapPost(One + "/restore", RestoreAsync).Produces<SetAnswer>().ProducesProblem(StatusCodes.Status404NotFound).WithSummary("Gives the set the items that the version holds; those that were in it go.");
        read.MapGet(One + "/diff/{to:int}", DiffAsync).Produces<SetDiffAnswer>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("What changed from the first version to the second, counted and item by item: change (added, removed, changed; without it all, in this order), limit, cursor.");
    }

    private static async Task<IResult> ListAsync(string name, HttpContext context, Caller caller, SetOutlineQueries sets, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context);
        var page = query.Page();
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id)
        {
            return SetEndpoints.Missing(context);
        }
        var found = await sets.VersionsAsync(id, page, caller.Actor, cancellationToken);
        return Results.Ok(new ListAnswer<SetVersionAnswer>([.. found.Items.Select(row => SetVersionAnswer.Of(row, clock))], found.Next?.ToString()));
    }

    private static async Task<IResult> FreezeAsync(string name, HttpContext context, Caller caller, SetOutlineQueries sets, FreezeSet verb, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id)
        {
            return SetEndpoints.Missing(context);
        }
        var result = await verb.ExecuteAsync(id, caller.Actor, cancellationToken);
        if (result is not { Value: { } frozen })
        {
            return result.Failure!.ToProblem(context);
        }
        if (await sets.VersionAsync(id, frozen.Number, caller.Actor, cancellationToken) is not { } version)
        {
            return VersionMissing(context);
        }
        var answer = SetVersionAnswer.Of(version, clock) with { IsNew = frozen.IsNew };
        return frozen.IsNew ? Results.Created(FormattableString.Invariant($"{SetPaths.Of(frozen.SetName)}/versions/{frozen.Number}/items"), answer) : Results.Ok(answer);
    }

    private static async Task<IResult> ItemsAsync(
        string name, int number, HttpContext context, Caller caller, SetOutlineQueries sets, SetItemQueries items, SampleContentQueries contents, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context);
        var page = query.Page();
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id)
        {
            return SetEndpoints.Missing(context);
        }
        return await sets.VersionAsync(id, number, caller.Actor, cancellationToken) is null
            ? VersionMissing(context)
            : await SetItemEndpoints.AnswerAsync(await items.OfVersionAsync(id, number, page, caller.Actor, cancellationToken), contents, caller, clock, cancellationToken);
    }

    private static async Task<IResult> RestoreAsync(string name, int number, HttpContext context, Caller caller, SetOutlineQueries sets, RestoreSet verb, ZoneClock clock, CancellationToken cancellationToken) =>
        await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is { } id
            ? await SetEndpoints.AnswerAsync(await verb.VersionAsync(id, number, caller.Actor, cancellationToken), id, context, caller, sets, clock, cancellationToken)
            : SetEndpoints.Missing(context);

    private static async Task<IResult> DiffAsync(
        string name, int number, int to, HttpContext context, Caller caller, SetOutlineQueries sets, SetDiffQueries diffs, SampleContentQueries contents, ZoneClock clock, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context, "change");
        var page = query.Page();
        var wanted = query.Word<SetChange>("change");
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        if (await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is not { } id)
        {
            return SetEndpoints.Missing(context);
        }
        if (await diffs.CountsAsync(id, number, to, caller.Actor, cancellationToken) is not { } counts)
        {
            return VersionMissing(context);
        }
        SetChange[] changes = wanted is { } one ? [one] : [SetChange.Added, SetChange.Removed, SetChange.Changed];
        var (rows, next) = await PageAsync(
            changes, page, change => change switch { SetChange.Added => counts.Added, SetChange.Removed => counts.Removed, _ => counts.Changed },
            (change, part) => diffs.PageAsync(id, number, to, change, part, caller.Actor, cancellationToken, counts));
        var samples = await contents.OfAsync([.. rows.SelectMany(row => new[] { row.Before?.Id, row.After?.Id }).OfType<long>().Distinct()], caller.Actor, cancellationToken);
        SampleAnswer? Answer(SampleDetail? sample) => sample is not null && samples.TryGetValue(sample.Id, out var content) ? SampleAnswer.Of(sample.Id, content, clock) : null;
        return Results.Ok(new SetDiffAnswer(
            counts.Added, counts.Removed, counts.Changed, counts.Unchanged, [.. rows.Select(row => new SetChangeAnswer(row.Change, row.Number, Answer(row.Before), Answer(row.After)))], next?.ToString()));
    }

    /// <summary>One list of several, one kind of change after the other. The cursor's key is the position, its id the kind.</summary>
    private static async Task<(List<SetDiffRow> Rows, Cursor? Next)> PageAsync(SetChange[] changes, PageRequest page, Func<SetChange, int> count, Func<SetChange, PageRequest, Task<Page<SetDiffRow>>> read)
    {
        var rows = new List<SetDiffRow>();
        var after = page.After;
        foreach (var change in changes.SkipWhile(c => after is not null && (long)c != after.Id).Where(c => count(c) > 0))
        {
            if (rows.Count == page.Limit)
            {
                return (rows, Cursor.At(-1L, (long)change));
            }
            // A version holds one item at a position: whatever its id, it was seen.
            var part = await read(change, new PageRequest(After: after is { Number: { } seen } ? Cursor.At(seen, long.MaxValue) : null, Take: page.Limit - rows.Count));
            rows.AddRange(part.Items);
            if (part.Next is { Number: { } position })
            {
                return (rows, Cursor.At(position, (long)change));
            }
            after = null;
        }
        return (rows, null);
    }

    private static IResult VersionMissing(HttpContext context) => Failure.NotFound("SetVersionNotFound").ToProblem(context);
}

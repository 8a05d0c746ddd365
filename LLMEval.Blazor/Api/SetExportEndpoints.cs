using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Exports;
using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Api;

/// <summary>A set as a file, for programs by its name and for people by its id. Streamed; leaving the page ends it.</summary>
internal static class SetExportEndpoints
{
    public static void Map(IEndpointRouteBuilder read) => read.MapGet(SetPaths.One + "/export", OfNameAsync).Produces(StatusCodes.Status200OK).ProducesProblem(StatusCodes.Status404NotFound)
        .WithSummary($"The set as a file: format ({SetFormats.Words}), version (a frozen one; without it, the set as it is now).");

    /// <summary>What people's pages link to.</summary>
    public static void MapPages(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Urls.ExportSetPath + "{id:long}/{format}", OfIdAsync).RequireAuthorization(Permissions.SetsView).ExcludeFromDescription();

    private static async Task<IResult> OfNameAsync(string name, HttpContext context, Caller caller, SetOutlineQueries sets, ExportSet exports, CancellationToken cancellationToken)
    {
        var query = new ListQuery(context, "format", "version");
        if (query.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        return await sets.FindAsync(SetPaths.Name(context, name), caller.Actor, cancellationToken) is { } id
            ? await WriteAsync(id, query.One("format") ?? "jsonl", query.One("version"), context, caller, exports, cancellationToken)
            : SetEndpoints.Missing(context);
    }

    private static Task<IResult> OfIdAsync(long id, string format, string? version, HttpContext context, Caller caller, ExportSet exports, CancellationToken cancellationToken) =>
        WriteAsync(id, format, version, context, caller, exports, cancellationToken);

    private static async Task<IResult> WriteAsync(long setId, string format, string? version, HttpContext context, Caller caller, ExportSet exports, CancellationToken cancellationToken)
    {
        if (!SetFormats.All.TryGetValue(format, out var file))
        {
            return Words.Refused(format, "format", SetFormats.Words).ToProblem(context);
        }
        int? number = null;
        if (!string.IsNullOrEmpty(version))
        {
            if (!int.TryParse(version, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var parsed))
            {
                return Failure.Invalid("ParameterInvalid", "version", "version", version).ToProblem(context);
            }
            number = parsed;
        }
        var export = new SetExport(setId, number, file.Format);
        var prepared = await exports.PrepareAsync(export, caller.Actor, cancellationToken);
        if (prepared.Failure is { } failure)
        {
            return failure.ToProblem(context);
        }
        return Results.Stream(stream => exports.WriteAsync(export, prepared.Value!, stream, caller.Actor, cancellationToken), file.Type, SetFormats.FileName(prepared.Value!, number, file.Ending));
    }
}

using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Exports;

namespace LLMEval.Blazor.Api;

/// <summary>What a list shows, as a file: the list's own query under another path. Streamed; leaving the page ends it.</summary>
internal static class ExportEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Urls.ExportSessionsPath + "{format}", SessionsAsync).RequireAuthorization(Permissions.SessionsView).ExcludeFromDescription();

    private static async Task<IResult> SessionsAsync(string format, HttpContext context, Caller caller, ExportSessions exports, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<ExportFormat>(format, ignoreCase: true, out var kind) || !Enum.IsDefined(kind) || char.IsDigit(format[0]))
        {
            return Results.NotFound();
        }
        // A grid says what it cannot read and shows the rest; a file with more in it than was asked for would be taken for the truth.
        var unreadable = new List<string>();
        var view = SessionFilterQuery.Read(key => [.. context.Request.Query[key].OfType<string>().Where(v => v.Length > 0).Distinct()], clock, unreadable);
        if (unreadable is [var first, ..])
        {
            return Core.Common.Failure.Invalid("ParameterInvalid", first, first, context.Request.Query[first].ToString()).ToProblem(context);
        }
        var export = new SessionExport(view.Filter, view.Sort, view.Descending, kind, clock.Zone);
        if (await exports.PrepareAsync(export, caller.Actor, cancellationToken) is { } failure)
        {
            return failure.ToProblem(context);
        }
        var name = string.Create(CultureInfo.InvariantCulture, $"sessions-{clock.ToZone(clock.UtcNow):yyyyMMdd-HHmmss}.{kind.ToString().ToLowerInvariant()}");
        var type = kind switch
        {
            ExportFormat.Csv => "text/csv; charset=utf-8",
            ExportFormat.Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _ => "application/x-ndjson",
        };
        return Results.Stream(stream => exports.WriteAsync(export, stream, caller.Actor, cancellationToken), type, name);
    }
}

using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Exports;
using LLMEval.Core.Labels;

namespace LLMEval.Blazor.Api;

/// <summary>Labels as a file, all of them or those of a queue. Streamed; leaving the page ends it.</summary>
internal static class LabelExportEndpoints
{
    private static readonly Dictionary<string, (LabelFormat Format, string Type)> Files = new(StringComparer.OrdinalIgnoreCase)
    {
        ["csv"] = (LabelFormat.Csv, "text/csv; charset=utf-8"),
        ["jsonl"] = (LabelFormat.Jsonl, "application/x-ndjson"),
        ["label-studio.json"] = (LabelFormat.LabelStudio, "application/json"),
        ["argilla.jsonl"] = (LabelFormat.Argilla, "application/x-ndjson"),
    };

    // Two permissions open it, either of them; Core asks.
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet(Urls.ExportLabels(null, "{file}"), WriteAsync).RequireAuthorization().ExcludeFromDescription();

    private static async Task<IResult> WriteAsync(string file, string? queue, HttpContext context, Caller caller, ExportLabels exports, ZoneClock clock, CancellationToken cancellationToken)
    {
        if (!Files.TryGetValue(file, out var kind))
        {
            return Results.NotFound();
        }
        long? queueId = null;
        if (!string.IsNullOrEmpty(queue))
        {
            if (!long.TryParse(queue, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                return Core.Common.Failure.Invalid("ParameterInvalid", "queue", "queue", queue).ToProblem(context);
            }
            queueId = id;
        }
        var export = new LabelExport(queueId, kind.Format, clock.Zone);
        if (await exports.PrepareAsync(export, caller.Actor, cancellationToken) is { } failure)
        {
            return failure.ToProblem(context);
        }
        var name = string.Create(CultureInfo.InvariantCulture, $"labels-{clock.ToZone(clock.UtcNow):yyyyMMdd-HHmmss}.{file.ToLowerInvariant()}");
        return Results.Stream(stream => exports.WriteAsync(export, stream, caller.Actor, cancellationToken), kind.Type, name);
    }
}

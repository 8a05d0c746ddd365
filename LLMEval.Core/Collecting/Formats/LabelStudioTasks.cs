using System.Runtime.CompilerServices;
using System.Text.Json;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>
/// Reads labels out of an array of Label Studio tasks, holding one task at a time: which message it is stands in the task's data, and each annotation is the label of who completed it.
/// Its results are told apart by their <c>from_name</c>: verdict, score, tags, ground_truth, prediction, comment. Cancelled annotations are no labels.
/// </summary>
internal static class LabelStudioTasks
{
    private static readonly string[] ValueNames = ["choices", "text", "number", "rating"];

    public static async IAsyncEnumerable<LabelLine> ReadAsync(Stream stream, ImportOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fields = new LabelFields(options.TimeZone);
        long number = 0;
        await foreach (var task in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(stream, JsonSerializerOptions.Default, cancellationToken))
        {
            number++;
            var (labels, rejection) = JsonLine.Read(task, root => LabelsJsonl.OfRecord(root, fields, Labels));
            var raw = task.GetRawText();
            foreach (var label in rejection is null ? labels! : [new LabelOrRejection(null, rejection)])
            {
                yield return new LabelLine(number, raw, label.Label, label.Rejection);
            }
        }
    }

    private static List<LabelOrRejection> Labels(JsonElement task, LabelFields fields)
    {
        if (!task.TryGetProperty("annotations", out var annotations) || annotations.ValueKind == JsonValueKind.Null || (annotations.ValueKind == JsonValueKind.Array && annotations.GetArrayLength() == 0))
        {
            // Nobody has labelled it yet.
            return [];
        }
        if (!task.TryGetProperty("data", out var data))
        {
            return [new(null, new Rejection(Rejection.Missing, "data", "object"))];
        }
        if (!fields.Json.IsObject(data, "data") || !fields.Json.IsArray(annotations, "annotations"))
        {
            return [new(null, fields.Problem)];
        }
        var place = fields.Place(data, "data.");
        if (fields.Problem is { } problem)
        {
            return [new(null, problem)];
        }
        var labels = new List<LabelOrRejection>();
        var index = 0;
        foreach (var annotation in annotations.EnumerateArray())
        {
            var at = JsonFields.Entry("annotations", index++);
            fields.Begin();
            if (!fields.Json.IsObject(annotation, at))
            {
                labels.Add(new(null, fields.Problem));
            }
            else if (!annotation.TryGetProperty("was_cancelled", out var cancelled) || cancelled.ValueKind != JsonValueKind.True)
            {
                labels.Add(Label(annotation, place, fields, at + "."));
            }
        }
        return labels;
    }

    private static LabelOrRejection Label(JsonElement annotation, MessagePlace place, LabelFields fields, string at)
    {
        var draft = new LabelDraft
        {
            Annotator = Annotator(annotation, fields, at),
            CreatedAt = fields.Text(annotation, "created_at", at),
            LabelledAt = fields.Text(annotation, "updated_at", at) ?? fields.Text(annotation, "created_at", at),
        };
        if (annotation.TryGetProperty("result", out var results) && fields.Json.IsArray(results, at + "result"))
        {
            foreach (var result in results.EnumerateArray())
            {
                Add(result, draft, fields, at + "result");
            }
        }
        return fields.Label(place, draft, at, "completed_by");
    }

    private static void Add(JsonElement result, LabelDraft draft, LabelFields fields, string at)
    {
        if (!fields.Json.IsObject(result, at) || fields.Text(result, "from_name", at + ".") is not { } name || !result.TryGetProperty("value", out var value) || !fields.Json.IsObject(value, at + ".value"))
        {
            return;
        }
        foreach (var kind in ValueNames)
        {
            if (value.TryGetProperty(kind, out var given))
            {
                draft.Set(name, fields.Values(given, $"{at}.value.{kind}"));
                break;
            }
        }
        if (name == "score" && result.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object)
        {
            draft.Scale = fields.Text(meta, "scale", at + ".meta.") ?? draft.Scale;
        }
    }

    /// <summary>Label Studio names people by id, or as an object with their e-mail address.</summary>
    private static string? Annotator(JsonElement annotation, LabelFields fields, string at)
    {
        if (!annotation.TryGetProperty("completed_by", out var by))
        {
            return null;
        }
        return by.ValueKind switch
        {
            JsonValueKind.Object => fields.Text(by, "email", at + "completed_by.") ?? (by.TryGetProperty("id", out var id) ? Name(id) : null),
            _ => Name(by),
        };

        string? Name(JsonElement value) => fields.Values(value, at + "completed_by") is [var name] ? name : null;
    }
}

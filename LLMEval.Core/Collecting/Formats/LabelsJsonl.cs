using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Reads labels out of JSON lines, holding one line at a time. Blank lines are passed over.</summary>
internal static class LabelsJsonl
{
    /// <param name="labelsOf">The labels of one line's object.</param>
    public static async IAsyncEnumerable<LabelLine> ReadAsync(
        Stream stream, ImportOptions options, Func<JsonElement, LabelFields, List<LabelOrRejection>> labelsOf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new LineReader(stream, options.MaxLineBytes);
        var fields = new LabelFields(options.TimeZone);
        while (await lines.ReadAsync(cancellationToken))
        {
            if (lines.Line.Span.IndexOfAnyExcept(" \t"u8) < 0)
            {
                continue;
            }
            var raw = Encoding.UTF8.GetString(lines.Line.Span);
            if (lines.IsTooLong)
            {
                yield return new LabelLine(lines.Number, raw, null, new Rejection(Rejection.LineTooLong, options.MaxLineBytes));
                continue;
            }
            var (labels, rejection) = JsonLine.Parse(lines.Line, root => OfRecord(root, fields, labelsOf));
            foreach (var label in rejection is null ? labels! : [new LabelOrRejection(null, rejection)])
            {
                yield return new LabelLine(lines.Number, raw, label.Label, label.Rejection);
            }
        }
    }

    /// <summary>The labels of one object; a rejection where it is no object, or says nothing of which message.</summary>
    public static (List<LabelOrRejection>?, Rejection?) OfRecord(JsonElement record, LabelFields fields, Func<JsonElement, LabelFields, List<LabelOrRejection>> labelsOf)
    {
        fields.Begin();
        if (record.ValueKind != JsonValueKind.Object)
        {
            return (null, new Rejection(Rejection.WrongType, "the line", JsonFields.Kind(record.ValueKind), "object"));
        }
        return (labelsOf(record, fields), null);
    }

    /// <summary>The label of a line in the neutral shape. Fields that a label does not have are passed over.</summary>
    public static List<LabelOrRejection> Label(JsonElement line, LabelFields fields)
    {
        var place = fields.Place(line);
        var draft = new LabelDraft { Annotator = fields.Text(line, "annotator"), LabelledAt = fields.Text(line, "labelled_at") };
        foreach (var property in line.EnumerateObject())
        {
            // The field decides whether a list may stand there.
            if (property.Name == "tags" && property.Value.ValueKind != JsonValueKind.Null)
            {
                draft.Set("tags", fields.Json.IsArray(property.Value, "tags") ? fields.Values(property.Value, "tags") : []);
            }
            else if (property.Name == "score")
            {
                draft.Set("score", fields.Values(property.Value, "score"));
            }
            else if (property.Name is "verdict" or "scale" or "ground_truth" or "prediction" or "comment")
            {
                draft.Set(property.Name, fields.Json.Text(property.Value, property.Name, int.MaxValue) is { } text ? [text] : []);
            }
        }
        return [fields.Label(place, draft)];
    }
}

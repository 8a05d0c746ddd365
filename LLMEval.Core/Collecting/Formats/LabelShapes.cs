using System.Text;
using System.Text.Json;
using CsvHelper;
using LLMEval.Core.Labels;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Tells by its beginning in which shape a source holds labels.</summary>
internal static class LabelShapes
{
    /// <summary>Enough for the first line's names, which come before its texts in what we write.</summary>
    public const int BeginningBytes = 64 * 1024;

    /// <summary>Null when these are no labels.</summary>
    public static LabelFormat? Of(ReadOnlyMemory<byte> beginning)
    {
        var text = beginning.Span.StartsWith(Encoding.UTF8.Preamble) ? beginning[Encoding.UTF8.Preamble.Length..] : beginning;
        var start = text.Span.IndexOfAnyExcept(" \t\r\n"u8);
        return start < 0 ? null : (char)text.Span[start] switch
        {
            '[' => HasName(text.Span, 2, name => name is "annotations" or "data") ? LabelFormat.LabelStudio : null,
            '{' => HasName(text.Span, 1, name => name is "fields" or "responses") ? LabelFormat.Argilla : HasName(text.Span, 1, name => name is "msg_id") ? LabelFormat.Jsonl : null,
            _ => HasColumns(beginning) ? LabelFormat.Csv : null,
        };
    }

    /// <summary>Whether the first object, at this depth, has such a field as far as the beginning reaches.</summary>
    private static bool HasName(ReadOnlySpan<byte> json, int depth, Func<string, bool> isIt)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true }));
        try
        {
            while (reader.Read() && !(reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth - 1))
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth && isIt(reader.GetString()!))
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Whoever reads it will say what is wrong with it.
        }
        return false;
    }

    private static bool HasColumns(ReadOnlyMemory<byte> csv)
    {
        try
        {
            using var reader = CsvReader.Create(csv);
            return reader.TryGetFieldIndex("msg_id", out _) && reader.TryGetFieldIndex("verdict", out _);
        }
        catch (CsvFormatException)
        {
            return false;
        }
    }
}

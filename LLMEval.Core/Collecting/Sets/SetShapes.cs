using System.Text;
using System.Text.Json;
using CsvHelper;
using LLMEval.Core.Samples;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>Tells by its name and its beginning in which format a file holds samples.</summary>
public static class SetShapes
{
    /// <summary>Enough for the names of the first record, and for a table's heading.</summary>
    public const int BeginningBytes = 64 * 1024;

    /// <summary>What is nothing else is ours: JSON lines, or a table.</summary>
    public static SetFormat Of(string fileName, ReadOnlyMemory<byte> beginning)
    {
        var name = fileName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? fileName[..^3] : fileName;
        if (beginning.Span.StartsWith("PK\u0003\u0004"u8))
        {
            return SetFormat.Xlsx;
        }
        if (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
        {
            return SetFormat.PromptfooYaml;
        }
        if (beginning.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            // Nothing at all, which lines may be and a table may not.
            return SetFormat.Jsonl;
        }
        return IsJson(beginning.Span) ? OfNames(Names(beginning.Span)) : OfColumns(beginning);
    }

    internal static bool IsJson(ReadOnlySpan<byte> beginning)
    {
        var text = beginning.StartsWith(Encoding.UTF8.Preamble) ? beginning[Encoding.UTF8.Preamble.Length..] : beginning;
        return text.IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var start && text[start] is (byte)'{' or (byte)'[';
    }

    private static SetFormat OfNames(HashSet<string> names) =>
        names.Contains("vars") || (names.Contains("tests") && (names.Contains("prompts") || names.Contains("providers"))) ? SetFormat.PromptfooYaml
        : names.Contains("preferred_output") ? SetFormat.OpenAiPreference
        : names.Contains("ideal") ? SetFormat.OpenAiEvals
        : names.Contains("conversations") || (names.Contains("messages") && (names.Contains("chosen") || names.Contains("kto_tag"))) ? SetFormat.ShareGpt
        : names.Contains("instruction") ? SetFormat.Alpaca
        : names.Contains("messages") ? SetFormat.OpenAiChat
        : names.Contains("expectedOutput") || names.Contains("datasetName") || (names.Contains("data") && names.Contains("meta")) ? SetFormat.Langfuse
        : names.Contains("node_id") || names.Contains("splits") || (names.Contains("input") && names.Contains("output")) ? SetFormat.Phoenix
        : names.Contains("input") && (names.Contains("target") || names.Contains("choices")) ? SetFormat.Inspect
        : SetFormat.Jsonl;

    private static SetFormat OfColumns(ReadOnlyMemory<byte> csv)
    {
        try
        {
            using var reader = CsvReader.Create(csv);
            var headers = reader.Headers.ToHashSet(StringComparer.Ordinal);
            return headers.Any(h => h.StartsWith("__", StringComparison.Ordinal)) ? SetFormat.PromptfooCsv
                : headers.Contains("expectedOutput") ? SetFormat.Langfuse
                : headers.Contains("node_id") ? SetFormat.Phoenix
                : headers.Contains("input") && headers.Contains("target") ? SetFormat.Inspect
                : SetFormat.Csv;
        }
        catch (CsvFormatException)
        {
            // Whoever reads it will say what is wrong with it.
            return SetFormat.Csv;
        }
    }

    /// <summary>Names of the first object's fields as far as the beginning reaches.</summary>
    private static HashSet<string> Names(ReadOnlySpan<byte> json)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var text = json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;
        var reader = new Utf8JsonReader(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true }));
        try
        {
            var depth = -1;
            while (reader.Read())
            {
                if (depth < 0 && reader.TokenType == JsonTokenType.StartObject)
                {
                    depth = reader.CurrentDepth;
                }
                else if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth)
                {
                    break;
                }
                else if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 1)
                {
                    names.Add(reader.GetString()!);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Whoever reads it will say what is wrong with it.
        }
        return names;
    }
}

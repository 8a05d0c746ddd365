using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>Makes JSON of YAML as JavaScript tools read it: YAML 1.2's core types, anchors, and merge keys.</summary>
internal sealed partial class YamlJson
{
    /// <summary>An alias repeats all that it names; a few lines of them can stand for billions of values.</summary>
    private const int MaxValues = 2_000_000;
    private const int MaxDepth = 60;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _values;

    /// <summary>The file's one document. What is no YAML ends with a <see cref="SetUnreadableException"/>.</summary>
    public static JsonDocument Parse(byte[] yaml)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(yaml);
            CheckDepth(text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            var made = new YamlJson();
            return stream.Documents.Count == 0 ? JsonDocument.Parse("null") : made.Made(stream.Documents[0].RootNode);
        }
        catch (YamlException e)
        {
            throw new SetUnreadableException("SetFileUnreadable", string.Create(CultureInfo.InvariantCulture, $"line {e.Start.Line}, column {e.Start.Column}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}"));
        }
        catch (DecoderFallbackException e)
        {
            throw new SetUnreadableException("SetFileUnreadable", string.Create(CultureInfo.InvariantCulture, $"byte {e.Index} is no UTF-8"));
        }
    }

    /// <summary>The library's model is built by recursion, and a file of brackets alone would end the process.</summary>
    private static void CheckDepth(string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            // The stream and the document count as well.
            if (depth > MaxDepth + 2)
            {
                throw new YamlException(parser.Current.Start, parser.Current.End, "values are nested too deeply");
            }
        }
    }

    private JsonDocument Made(YamlNode root)
    {
        using (var json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            Write(json, root, 0);
        }
        return JsonDocument.Parse(_bytes.WrittenMemory);
    }

    private void Write(Utf8JsonWriter json, YamlNode node, int depth)
    {
        if (++_values > MaxValues || depth > MaxDepth)
        {
            throw new YamlException(node.Start, node.End, "there are too many values, or they are nested too deeply");
        }
        switch (node)
        {
            case YamlMappingNode map:
                json.WriteStartObject();
                foreach (var (key, value) in Merged(map, depth))
                {
                    json.WritePropertyName(key);
                    Write(json, value, depth + 1);
                }
                json.WriteEndObject();
                break;
            case YamlSequenceNode list:
                json.WriteStartArray();
                foreach (var entry in list.Children)
                {
                    Write(json, entry, depth + 1);
                }
                json.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                Write(json, scalar);
                break;
        }
    }

    /// <summary>The map's own entries before those that <c>&lt;&lt;</c> brings in.</summary>
    private static Dictionary<string, YamlNode> Merged(YamlMappingNode map, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new YamlException(map.Start, map.End, "maps are merged too deeply");
        }
        var entries = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Children)
        {
            if (key is not YamlScalarNode { Value: { } name } || name == "<<")
            {
                continue;
            }
            entries[name] = value;
        }
        foreach (var (key, value) in map.Children)
        {
            if (key is YamlScalarNode { Value: "<<", Style: ScalarStyle.Plain })
            {
                foreach (var merged in (value is YamlSequenceNode several ? several.Children : [value]).OfType<YamlMappingNode>().SelectMany(m => Merged(m, depth + 1)))
                {
                    entries.TryAdd(merged.Key, merged.Value);
                }
            }
        }
        return entries;
    }

    private static void Write(Utf8JsonWriter json, YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
        {
            json.WriteStringValue(text);
            return;
        }
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL": json.WriteNullValue(); break;
            case "true" or "True" or "TRUE": json.WriteBooleanValue(true); break;
            case "false" or "False" or "FALSE": json.WriteBooleanValue(false); break;
            default:
                if (WholeNumber().IsMatch(text))
                {
                    json.WriteRawValue(text.TrimStart('+'));
                }
                else if (Fraction().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
                {
                    json.WriteNumberValue(number);
                }
                else
                {
                    json.WriteStringValue(text);
                }
                break;
        }
    }

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Fraction();
}

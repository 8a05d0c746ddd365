using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using MiniExcelLibs;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace LLMEval.Core.Exports.Sets;

/// <param name="Skipped">Items that the format cannot say: without an answer to learn from, without a pair.</param>
public sealed record WrittenSet(long Written, long Skipped);

/// <summary>Writes items in every <see cref="SetFormat"/>, so that <see cref="SetFileReader"/> and the tool itself read them; what it holds does not grow with what it writes.</summary>
internal static class SetFileWriter
{
    /// <summary>Rows of one sheet, without the heading.</summary>
    public const int MostInASheet = 1_048_575;

    // A list of pages rather than one value a line is what the tools of these formats read.
    private static readonly SetFormat[] Arrays = [SetFormat.ShareGpt, SetFormat.Alpaca];

    public static async Task<WrittenSet> WriteAsync(IAsyncEnumerable<SetFileItem> items, SetFormat format, string setName, Stream output, CancellationToken cancellationToken) => format switch
    {
        SetFormat.Csv => await CsvAsync(items, SetTableShape.Columns, SetTableShape.Row, isForSpreadsheets: true, output, cancellationToken),
        SetFormat.PromptfooCsv => await CsvAsync(items, PromptfooShape.Columns, PromptfooShape.Row, isForSpreadsheets: false, output, cancellationToken),
        SetFormat.Xlsx => await XlsxAsync(items, output, cancellationToken),
        SetFormat.PromptfooYaml => await YamlAsync(items, setName, output, cancellationToken),
        _ => await JsonAsync(items, SetRecordShapes.Of(format, setName), Arrays.Contains(format), output, cancellationToken),
    };

    private static async Task<WrittenSet> JsonAsync(IAsyncEnumerable<SetFileItem> items, Func<SetFileItem, JsonNode?> shape, bool isArray, Stream output, CancellationToken cancellationToken)
    {
        await using var records = new JsonRecords(output);
        var (written, skipped) = (0L, 0L);
        records.Write(isArray ? "[\n" : "");
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            if (shape(item) is not { } record)
            {
                skipped++;
                continue;
            }
            records.Write(isArray && written > 0 ? ",\n" : "");
            await records.WriteAsync(record, cancellationToken);
            records.Write(isArray ? "" : "\n");
            written++;
        }
        records.Write(isArray ? "\n]\n" : "");
        await records.CompleteAsync(cancellationToken);
        return new WrittenSet(written, skipped);
    }

    /// <param name="isForSpreadsheets">What a spreadsheet would execute gets a mark, which the reader takes away; other tools would take the mark for text.</param>
    private static async Task<WrittenSet> CsvAsync(
        IAsyncEnumerable<SetFileItem> items, string[] columns, Func<SampleDraft, string[]> row, bool isForSpreadsheets, Stream output, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = isForSpreadsheets }, leaveOpen: true);
        await csv.WriteRecordAsync(columns, cancellationToken);
        var written = 0L;
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            var cells = row(item.Draft);
            await csv.WriteRecordAsync(isForSpreadsheets ? [.. cells.Select(SpreadsheetText.Guard)] : cells, cancellationToken);
            written++;
        }
        return new WrittenSet(written, 0);
    }

    private static async Task<WrittenSet> XlsxAsync(IAsyncEnumerable<SetFileItem> items, Stream output, CancellationToken cancellationToken)
    {
        // The writer wants to go back in its stream, and a server's response cannot.
        await using var file = new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        var written = 0L;
        await file.SaveAsAsync(Records(), sheetName: "items", cancellationToken: cancellationToken);
        file.Position = 0;
        await file.CopyToAsync(output, cancellationToken);
        return new WrittenSet(written, 0);

        async IAsyncEnumerable<IDictionary<string, object?>> Records()
        {
            await foreach (var item in items.WithCancellation(cancellationToken))
            {
                written++;
                yield return SetTableShape.Columns.Zip(SetTableShape.Row(item.Draft)).ToDictionary(p => p.First, p => (object?)SpreadsheetText.Guard(p.Second));
            }
        }
    }

    /// <summary>A whole configuration, whose provider repeats the prompt: it runs as it is, and needs only another provider.</summary>
    private static async Task<WrittenSet> YamlAsync(IAsyncEnumerable<SetFileItem> items, string setName, Stream output, CancellationToken cancellationToken)
    {
        await using var text = new StreamWriter(output, leaveOpen: true);
        var head = new JsonObject { ["description"] = setName, ["prompts"] = new JsonArray(PromptfooShape.Prompt), ["providers"] = new JsonArray("echo") };
        var serializer = new SerializerBuilder().Build();
        await text.WriteAsync(serializer.Serialize(Node(head)));
        await text.WriteAsync("tests:\n");
        var written = 0L;
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await text.WriteAsync(serializer.Serialize(new YamlSequenceNode(Node(PromptfooShape.Test(item.Draft)))));
            written++;
        }
        if (written == 0)
        {
            await text.WriteAsync("  []\n");
        }
        await text.FlushAsync(cancellationToken);
        return new WrittenSet(written, 0);
    }

    private static YamlNode Node(JsonNode? node) => node switch
    {
        JsonObject map => new YamlMappingNode(map.Select(p => KeyValuePair.Create<YamlNode, YamlNode>(Scalar(p.Key), Node(p.Value)))),
        JsonArray list => new YamlSequenceNode(list.Select(Node)),
        null => new YamlScalarNode("null") { Style = YamlDotNet.Core.ScalarStyle.Plain },
        _ when node.GetValueKind() == JsonValueKind.String => Scalar(node.GetValue<string>()),
        _ => new YamlScalarNode(node.ToJsonString()) { Style = YamlDotNet.Core.ScalarStyle.Plain },
    };

    // In quotes always, so that nothing is taken for a number, a date or a flag.
    private static YamlScalarNode Scalar(string text) => new(text) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };
}

using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting;

/// <param name="Index">Of the item, from 0; null where the whole cannot be read.</param>
/// <param name="Line">Where the source has lines.</param>
public sealed record SetItemProblem(int? Index, long? Line, Rejection Rejection)
{
    private static readonly string[] OfNoField = [Rejection.NotJson, Rejection.BodyNotJson, Rejection.NotUtf8, Rejection.NotUnicode, Rejection.LineTooLong];

    /// <summary>Within the item; null where the whole of it is wrong.</summary>
    public string? Field => !OfNoField.Contains(Rejection.Code) && Rejection.Args is [string name, ..] && !name.StartsWith("the ", StringComparison.Ordinal) ? name : null;
}

/// <summary>Items that were read up to the first that will not do.</summary>
public sealed class SetItemsRead
{
    public List<NewItem> Items { get; } = [];

    /// <summary>Of each item, where the source has lines.</summary>
    public List<long> Lines { get; } = [];

    public SetItemProblem? Problem { get; internal set; }

    /// <summary>True where reading ended since there were more than a set takes at once.</summary>
    public bool IsTooMuch { get; internal set; }

    internal bool IsOver => Problem is not null || IsTooMuch;
}

/// <summary>Reads what is to go into a set, item by item: a JSON array, an object with <c>items</c>, a single item, or JSON lines.</summary>
public sealed class SetItemsReader(ImportOptions options)
{
    public const int MaxItems = AddToSet.MaxMessages;

    /// <summary>Bytes of one line; what an item may hold is far less.</summary>
    private const int MaxLineBytes = 2 * 1024 * 1024;

    public async Task<SetItemsRead> LinesAsync(Stream stream, CancellationToken cancellationToken)
    {
        var read = new SetItemsRead();
        using var parser = new SetItemParser(options.TimeZone);
        using var lines = new LineReader(stream, MaxLineBytes);
        while (!read.IsOver && await lines.ReadAsync(cancellationToken))
        {
            if (lines.Line.Span.IndexOfAnyExcept(" \t"u8) < 0)
            {
                continue;
            }
            if (lines.IsTooLong)
            {
                read.Problem = new SetItemProblem(read.Items.Count, lines.Number, new Rejection(Rejection.LineTooLong, MaxLineBytes));
                continue;
            }
            Take(read, parser.Parse(lines.Line), lines.Number);
        }
        return read;
    }

    public async Task<SetItemsRead> JsonAsync(Stream stream, CancellationToken cancellationToken)
    {
        var read = new SetItemsRead();
        using var parser = new SetItemParser(options.TimeZone);
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            var isArray = await FirstAsync(pipe, cancellationToken) == '[';
            await using var body = pipe.AsStream(leaveOpen: true);
            if (isArray)
            {
                await foreach (var element in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(body, cancellationToken: cancellationToken))
                {
                    Take(read, parser.Read(element), null);
                    if (read.IsOver)
                    {
                        return read;
                    }
                }
            }
            else
            {
                using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
                TakeObject(read, parser, document.RootElement);
            }
        }
        catch (JsonException e)
        {
            read.Problem = new SetItemProblem(null, null, new Rejection(Rejection.BodyNotJson, (e.LineNumber ?? 0) + 1, e.BytePositionInLine ?? 0, JsonLine.Sentence(e.Message)));
        }
        finally
        {
            await pipe.CompleteAsync();
        }
        return read;
    }

    private static void TakeObject(SetItemsRead read, SetItemParser parser, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            read.Problem = new SetItemProblem(null, null, new Rejection(Rejection.WrongType, "the body", JsonFields.Kind(root.ValueKind), "array of items, object with items, or one item"));
        }
        else if (!root.TryGetProperty("items", out var items))
        {
            Take(read, parser.Read(root), null);
        }
        else if (root.EnumerateObject().FirstOrDefault(p => p.Name != "items") is { Value.ValueKind: not JsonValueKind.Undefined } other)
        {
            read.Problem = new SetItemProblem(null, null, new Rejection(Rejection.UnknownField, JsonFields.Shown(other.Name), "items alone"));
        }
        else if (items.ValueKind != JsonValueKind.Array)
        {
            read.Problem = new SetItemProblem(null, null, new Rejection(Rejection.WrongType, "items", JsonFields.Kind(items.ValueKind), "array"));
        }
        else
        {
            foreach (var element in items.EnumerateArray().TakeWhile(_ => !read.IsOver))
            {
                Take(read, parser.Read(element), null);
            }
        }
    }

    private static void Take(SetItemsRead read, (NewItem? Item, Rejection? Rejection) parsed, long? line)
    {
        if (read.Items.Count == MaxItems)
        {
            read.IsTooMuch = true;
        }
        else if (parsed.Rejection is { } rejection)
        {
            read.Problem = new SetItemProblem(read.Items.Count, line, rejection);
        }
        else
        {
            read.Items.Add(parsed.Item!);
            if (line is { } number)
            {
                read.Lines.Add(number);
            }
        }
    }

    /// <summary>The first byte that is no blank; what stands before it, and a mark of UTF-8, is passed over.</summary>
    private static async Task<byte> FirstAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await pipe.ReadAsync(cancellationToken);
            var bytes = new SequenceReader<byte>(result.Buffer);
            bytes.IsNext("\uFEFF"u8, advancePast: true);
            bytes.AdvancePastAny(" \t\r\n"u8);
            if (bytes.TryPeek(out var first))
            {
                pipe.AdvanceTo(bytes.Position);
                return first;
            }
            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return 0;
            }
        }
    }
}

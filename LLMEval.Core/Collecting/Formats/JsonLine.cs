using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Reads JSON that a stranger wrote: what is no JSON, no UTF-8 or no Unicode becomes a rejection.</summary>
internal static class JsonLine
{
    // Behind them System.Text.Json appends its own position, which our sentences give already.
    private static readonly string[] Marks = [" Path:", " LineNumber:"];

    public static (T? Value, Rejection? Rejection) Parse<T>(ReadOnlyMemory<byte> line, Func<JsonElement, (T?, Rejection?)> read)
    {
        if (!Utf8.IsValid(line.Span))
        {
            return (default, NotUtf8(line.Span));
        }
        try
        {
            using var document = JsonDocument.Parse(line);
            return Guarded(document.RootElement, read);
        }
        catch (JsonException e)
        {
            return (default, new Rejection(Rejection.NotJson, e.BytePositionInLine ?? 0, Sentence(e.Message)));
        }
    }

    /// <summary>The same of what is parsed already; only its texts were not looked into.</summary>
    public static (T? Value, Rejection? Rejection) Read<T>(JsonElement element, Func<JsonElement, (T?, Rejection?)> read) =>
        JsonMarshal.GetRawUtf8Value(element) is var raw && !Utf8.IsValid(raw) ? (default, NotUtf8(raw)) : Guarded(element, read);

    public static Rejection NotUtf8(ReadOnlySpan<byte> bytes) => new(Rejection.NotUtf8, FirstInvalid(bytes));

    public static string Sentence(string message)
    {
        var end = Marks.Select(mark => message.IndexOf(mark, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(message.Length).Min();
        return message[..end].ReplaceLineEndings(" ").TrimEnd('.');
    }

    private static (T?, Rejection?) Guarded<T>(JsonElement element, Func<JsonElement, (T?, Rejection?)> read)
    {
        try
        {
            return read(element);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json throws it for an escape such as "\ud83d" standing alone; every kind was checked before it was read.
            return (default, new Rejection(Rejection.NotUnicode));
        }
        catch (ArgumentException)
        {
            // The same, met while writing what is kept beside the row.
            return (default, new Rejection(Rejection.NotUnicode));
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }
        return at;
    }
}

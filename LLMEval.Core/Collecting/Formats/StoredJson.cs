using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Writes parts of a source's JSON as they are stored: without insignificant blanks, Chinese characters as themselves, so that equal content gives equal text.</summary>
internal sealed class StoredJson : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private readonly Utf8JsonWriter _writer;

    public StoredJson() => _writer = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public string? Of(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        Begin();
        value.WriteTo(_writer);
        return End();
    }

    /// <summary>An object of those properties that are not known, and of one more made elsewhere.</summary>
    public string Rest(JsonElement element, Func<string, bool> isKnown, string? moreName = null, string? moreJson = null)
    {
        Begin();
        _writer.WriteStartObject();
        foreach (var property in element.EnumerateObject())
        {
            if (!isKnown(property.Name))
            {
                property.WriteTo(_writer);
            }
        }
        if (moreName is not null && moreJson is not null)
        {
            _writer.WritePropertyName(moreName);
            _writer.WriteRawValue(moreJson, skipInputValidation: true);
        }
        _writer.WriteEndObject();
        return End();
    }

    public void Dispose() => _writer.Dispose();

    private void Begin()
    {
        _bytes.ResetWrittenCount();
        _writer.Reset(_bytes);
    }

    private string End()
    {
        _writer.Flush();
        return Encoding.UTF8.GetString(_bytes.WrittenSpan);
    }
}

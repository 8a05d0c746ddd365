using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LLMEval.Core.Common;

/// <summary>How JSON is written where it is stored or exported: snake_case names, lower-case enums, Chinese characters as themselves.</summary>
public static class Json
{
    public static JsonSerializerOptions Stored { get; } = Make(indented: false);

    public static JsonSerializerOptions Shown { get; } = Make(indented: true);

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Stored);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Stored) ?? throw new JsonException($"Stored JSON is null where {typeof(T).Name} was expected.");

    private static JsonSerializerOptions Make(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = indented,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };
}

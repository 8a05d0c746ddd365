using System.Collections;
using System.Text.Json;

namespace LLMEval.Tests.Core.Statistics;

/// <summary>The handbook's reference cases: {suite, cases: [{id, fn, input, expected, tol}]}.</summary>
internal static class MethodVectors
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Vectors", "methods");

    public static IReadOnlyDictionary<string, JsonElement> Cases { get; } = Directory.EnumerateFiles(Folder, "*.json")
        .SelectMany(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("cases").EnumerateArray())
        .ToDictionary(c => c.GetProperty("id").GetString()!, c => c);

    /// <summary>null where all expected fields are met: |got − expected| ≤ tol · max(1, |expected|) element by element, null only for null, the rest exact.</summary>
    public static string? Mismatch(JsonElement expected, object? got, double tolerance, string path)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                return got is null ? null : $"{path}: expected null, got {got}";
            case JsonValueKind.Number:
                var number = got switch { double d => d, int i => i, _ => double.NaN };
                var wanted = expected.GetDouble();
                return Math.Abs(number - wanted) <= tolerance * Math.Max(1, Math.Abs(wanted)) ? null : $"{path}: expected {wanted:R}, got {got ?? "null"}";
            case JsonValueKind.String:
                return got is string text && text == expected.GetString() ? null : $"{path}: expected {expected}, got {got ?? "null"}";
            case JsonValueKind.True or JsonValueKind.False:
                return got is bool truth && truth == expected.GetBoolean() ? null : $"{path}: expected {expected}, got {got ?? "null"}";
            case JsonValueKind.Array:
                var items = (got as IEnumerable)?.Cast<object?>().ToList();
                return items?.Count != expected.GetArrayLength()
                    ? $"{path}: expected {expected.GetArrayLength()} elements"
                    : expected.EnumerateArray().Select((e, i) => Mismatch(e, items[i], tolerance, $"{path}[{i}]")).FirstOrDefault(m => m is not null);
            case JsonValueKind.Object:
                return got is not Dictionary<string, object?> fields
                    ? $"{path}: expected fields"
                    : expected.EnumerateObject().Select(f => Mismatch(f.Value, fields.GetValueOrDefault(f.Name), tolerance, $"{path}.{f.Name}")).FirstOrDefault(m => m is not null);
            default:
                return $"{path}: no rule for {expected.ValueKind}";
        }
    }

    public static double D(this JsonElement input, string name) => input.GetProperty(name).GetDouble();

    public static int I(this JsonElement input, string name) => input.GetProperty(name).GetInt32();

    public static double? Maybe(this JsonElement input, string name) => input.GetProperty(name) is { ValueKind: JsonValueKind.Number } n ? n.GetDouble() : null;

    public static List<double?> Values(this JsonElement input, string name) => Values(input.GetProperty(name));

    public static List<double?> Values(JsonElement array) => [.. array.EnumerateArray().Select(x => x.ValueKind == JsonValueKind.Null ? (double?)null : x.GetDouble())];

    public static List<string>? Names(this JsonElement input, string name) =>
        input.GetProperty(name) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray().Select(x => x.GetString()!)] : null;
}

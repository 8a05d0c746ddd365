using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LLMEval.Core.Common;

namespace LLMEval.Blazor.Api;

/// <summary>What is wrong with a body, said in the words of the body and not in those of the program that read it.</summary>
internal static partial class JsonSentences
{
    public const string Empty = "The body is empty. Expected an object.";

    public static string Of(JsonException exception)
    {
        var path = exception.Path?.TrimStart('$').TrimStart('.') ?? "";
        if (Unmapped().Match(exception.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups[1].Value;
            var owner = path == name ? "" : path.EndsWith("." + name, StringComparison.Ordinal) ? path[..^(name.Length + 1)] : path;
            return owner.Length == 0 ? $"There is no field “{name}”." : $"There is no field “{name}” in “{owner}”.";
        }
        if (Unreadable().Match(exception.Message) is { Success: true } wrong)
        {
            return path.Length == 0 ? "The body is of another type. Expected an object." : $"“{path}” cannot be read. Expected {Expected(wrong.Groups[1].Value, path)}.";
        }
        return string.Create(CultureInfo.InvariantCulture, $"The body is not JSON: in line {(exception.LineNumber ?? 0) + 1} at byte {exception.BytePositionInLine ?? 0}, {Place().Replace(exception.Message, "")}");
    }

    private static string Expected(string typeName, string path)
    {
        // Of a field that a constructor takes, the reader names the type that it belongs to.
        var last = path[(path.LastIndexOf('.') + 1)..];
        if (typeof(JsonSentences).Assembly.GetType(typeName)?.GetProperties().FirstOrDefault(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name) == last) is { } property)
        {
            typeName = property.PropertyType.ToString();
        }
        if (typeName.Contains("List`1", StringComparison.Ordinal))
        {
            return "an array";
        }
        var name = Inner().Match(typeName) is { Success: true } inner ? inner.Groups[1].Value : typeName;
        return name switch
        {
            "System.String" => "text",
            "System.Boolean" => "true or false",
            "System.Int32" or "System.Int64" => "a whole number",
            "System.Double" => "a number",
            _ => typeof(Failure).Assembly.GetType(name) is { IsEnum: true } words ? string.Join(", ", Enum.GetNames(words).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)) : "an object",
        };
    }

    [GeneratedRegex("^The JSON property '(.+)' could not be mapped to any \\.NET member")]
    private static partial Regex Unmapped();

    [GeneratedRegex(@"could not be converted to (.+?)\. Path:")]
    private static partial Regex Unreadable();

    [GeneratedRegex(@"\[([^\[\],]+)[\],]")]
    private static partial Regex Inner();

    [GeneratedRegex(@" (Path|LineNumber): .*$", RegexOptions.Singleline)]
    private static partial Regex Place();
}

using System.Text.Json;
using System.Text.RegularExpressions;
using LLMEval.Core.Common;

namespace LLMEval.Blazor.Api;

/// <summary>What is wrong with a body, said in the words of the body and not in those of the program that read it.</summary>
internal static partial class JsonSentences
{
    public static string Of(JsonException exception)
    {
        var path = exception.Path?.TrimStart('$').TrimStart('.') is { Length: > 0 } field ? field : "the body";
        if (Unmapped().Match(exception.Message) is { Success: true } unknown)
        {
            var name = unknown.Groups[1].Value;
            return path == "the body" || path == name ? $"There is no field “{name}”." : $"There is no field “{name}” in {path}.";
        }
        if (Unreadable().Match(exception.Message) is { Success: true } wrong)
        {
            var expected = Expected(wrong.Groups[1].Value);
            return expected is null ? $"“{path}” is not of the type that belongs there." : $"“{path}” cannot be read. Expected {expected}.";
        }
        return exception.Message;
    }

    private static string? Expected(string typeName)
    {
        var name = Inner().Match(typeName) is { Success: true } inner ? inner.Groups[1].Value : typeName;
        var type = typeof(Failure).Assembly.GetType(name) ?? Type.GetType(name);
        return type is null ? null
            : type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))
            : type == typeof(string) ? "text"
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(double) ? "a number"
            : null;
    }

    [GeneratedRegex("^The JSON property '(.+)' could not be mapped to any \\.NET member")]
    private static partial Regex Unmapped();

    [GeneratedRegex(@"could not be converted to (.+?)\. Path:")]
    private static partial Regex Unreadable();

    [GeneratedRegex(@"\[([^\[\],]+)[\],]")]
    private static partial Regex Inner();
}

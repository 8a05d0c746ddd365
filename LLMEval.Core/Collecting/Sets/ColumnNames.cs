using System.Collections.Frozen;

namespace LLMEval.Core.Collecting.Sets;

/// <summary>Usual names of columns and of speakers in English and Chinese, from <c>column-names.txt</c>.</summary>
internal static class ColumnNames
{
    private static readonly FrozenDictionary<string, string[]> Names = Load();

    private static readonly FrozenDictionary<string, string> Roles = Names.Where(pair => pair.Key.StartsWith("role-", StringComparison.Ordinal))
        .SelectMany(pair => pair.Value.Select(name => KeyValuePair.Create(name, pair.Key["role-".Length..]))).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The headers that usually mean this, the surest first.</summary>
    public static IEnumerable<string> Matching(string meaning, IReadOnlyList<string> headers)
    {
        var names = Names[meaning];
        return headers.Select(header => (Header: header, Place: Array.IndexOf(names, Plain(header)))).Where(h => h.Place >= 0).OrderBy(h => h.Place).Select(h => h.Header);
    }

    /// <summary>The same of headers that may be numbered, such as <c>reference 2</c>, in the order of the file.</summary>
    public static IEnumerable<string> MatchingNumbered(string meaning, IReadOnlyList<string> headers) =>
        headers.Where(header => Array.IndexOf(Names[meaning], Plain(header).TrimEnd("0123456789".ToCharArray())) >= 0);

    /// <summary>user, assistant, system or tool; null for a speaker nobody knows.</summary>
    public static string? Role(string speaker) => Roles.GetValueOrDefault(Plain(speaker));

    private static string Plain(string name) => string.Concat(name.Where(c => !char.IsWhiteSpace(c) && c is not ('_' or '-' or '.' or '\uFEFF'))).ToLowerInvariant();

    private static FrozenDictionary<string, string[]> Load()
    {
        using var stream = typeof(ColumnNames).Assembly.GetManifestResourceStream("LLMEval.Core.Collecting.Sets.column-names.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] != '#')
            .Select(line => line.Split(':', 2))
            .ToFrozenDictionary(parts => parts[0], parts => parts[1].Split(',', StringSplitOptions.TrimEntries), StringComparer.Ordinal);
    }
}

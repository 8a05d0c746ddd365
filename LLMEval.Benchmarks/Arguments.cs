using System.Globalization;

namespace LLMEval.Benchmarks;

/// <summary>Words of the form <c>name=value</c> after the benchmark's name.</summary>
internal sealed class Arguments(IReadOnlyList<string> words)
{
    public string? Text(string name) =>
        words.FirstOrDefault(w => w.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..];

    public int Number(string name, int otherwise) =>
        Text(name) is { } text ? int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : otherwise;
}

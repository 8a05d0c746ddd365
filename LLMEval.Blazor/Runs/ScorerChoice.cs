using System.Globalization;
using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Scoring;

namespace LLMEval.Blazor.Runs;

/// <summary>A scorer in the run form: whether it is wanted, and its options as a person edits them.</summary>
public sealed class ScorerChoice(ScorerDescriptor descriptor)
{
    public ScorerDescriptor Descriptor => descriptor;

    public bool IsWanted { get; set; } = true;

    public IReadOnlyList<ScorerOption> Options { get; } = [.. descriptor.DefaultOptions.EnumerateObject().Select(o => new ScorerOption(o.Name, o.Value))];

    public Result<ScorerSpec> Specify(ScorerCatalog catalog) =>
        catalog.Specify(descriptor.Kind, JsonSerializer.SerializeToElement(Options.ToDictionary(o => o.Name, o => o.Value), Json.Stored));
}

/// <summary>One option; its default says of what type it is.</summary>
public sealed class ScorerOption(string name, JsonElement defaultValue)
{
    public string Name => name;

    public JsonElement Value { get; private set; } = defaultValue.Clone();

    public bool IsFlag => Value.ValueKind is JsonValueKind.True or JsonValueKind.False;

    public bool IsNumber => Value.ValueKind == JsonValueKind.Number;

    public bool Flag
    {
        get => Value.ValueKind == JsonValueKind.True;
        set => Value = JsonSerializer.SerializeToElement(value);
    }

    public double Number
    {
        get => Value.GetDouble();
        set => Value = JsonElement.Parse(value.ToString("R", CultureInfo.InvariantCulture));
    }

    public string Text
    {
        get => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : Value.GetRawText();
        set => Value = JsonSerializer.SerializeToElement(value);
    }
}

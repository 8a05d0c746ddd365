using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Samples;

public sealed class SetFormModel
{
    public string Name { get; set; } = "";
    public string? Purpose { get; set; }
    public string? Description { get; set; }
    public int ContextLength { get; set; } = CreateSet.DefaultContextLength;
    public IReadOnlyList<string> Tags { get; set; } = [];

    public CreateSetRequest ToRequest() => new(Name, Purpose, Description, ContextLength) { Tags = Tags };
}

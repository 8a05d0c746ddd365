using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Samples;

public sealed class MessageFormModel(string role, string content)
{
    public static IReadOnlyList<string> Roles { get; } = ["user", "assistant", "system", "tool"];

    public string Role { get; set; } = role;
    public string Content { get; set; } = content;

    /// <summary>What the form does not show.</summary>
    public SampleMessage? Original { get; init; }

    public SampleMessage ToMessage() => Original is { } original ? original with { Role = Role, Content = Content } : new SampleMessage(Role, Content);
}

public sealed class TextFormModel(string text)
{
    public string Text { get; set; } = text;
}

/// <summary>What a person types of an item: a question, or one that is changed.</summary>
public sealed class ItemFormModel
{
    public List<MessageFormModel> Messages { get; private init; } = [new("user", "")];
    public List<TextFormModel> References { get; private init; } = [new("")];
    public string? ExpectedBehaviour { get; set; }
    public IReadOnlyList<string> Tags { get; set; } = [];
    public int ContextLength { get; set; } = CreateSet.DefaultContextLength;
    public bool IsScript { get; set; }

    public static ItemFormModel Of(SampleDetail sample) => new()
    {
        Messages = [.. sample.Context.Select(m => new MessageFormModel(m.Role, m.Content) { Original = m })],
        References = [.. sample.References.DefaultIfEmpty("").Select(r => new TextFormModel(r))],
        ExpectedBehaviour = sample.ExpectedBehaviour,
        Tags = sample.Tags,
        ContextLength = sample.ContextLength,
        IsScript = sample.IsScript,
    };

    public IReadOnlyList<SampleMessage> ToMessages() => [.. Messages.Where(m => !string.IsNullOrWhiteSpace(m.Content)).Select(m => m.ToMessage())];

    public IReadOnlyList<string> ToReferences() => [.. References.Select(r => r.Text.Trim()).Where(r => r.Length > 0)];

    /// <param name="contextLength">The set's; more where more was typed, so that nothing of it is cut away.</param>
    public SampleDraft ToDraft(int contextLength) => new(ToMessages())
    {
        References = ToReferences(),
        ExpectedBehaviour = ExpectedBehaviour,
        Tags = Tags,
        ContextLength = Math.Clamp(ToMessages().Count, contextLength, CreateSet.MaxContextLength),
        IsScript = IsScript,
    };
}

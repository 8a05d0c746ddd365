using LLMEval.Core.Reproduction;
using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Reproduction;

/// <summary>The context and the memory as a person may change them before the case is asked again.</summary>
public sealed class CaseFormModel
{
    public static IReadOnlyList<string> Roles { get; } = ["user", "assistant", "system", "tool"];

    public int? ContextLength { get; private set; }
    public bool IsEditing { get; set; }
    public List<MessageRow> Context { get; private set; } = [];
    public List<MemoryRow> Memory { get; private set; } = [];

    public static CaseFormModel Of(BadCase found)
    {
        var model = new CaseFormModel();
        model.Reset(found);
        model.ContextLength = null;
        return model;
    }

    /// <summary>As it was recorded, with the context as long as it was asked for.</summary>
    public void Reset(BadCase found)
    {
        ContextLength = found.ContextLength;
        Context = [.. found.Case.Turn.Context.Select(m => new MessageRow(m.Role, m.Content, m))];
        Memory = [.. found.Case.Turn.Memory.Select(m => new MemoryRow(m.Content, m))];
    }

    /// <summary>Null where nothing was edited: the verb takes what was recorded.</summary>
    public IReadOnlyList<SampleMessage>? ToContext() =>
        IsEditing ? [.. Context.Select(m => m.Original is { } was && was.Role == m.Role && was.Content == m.Content ? was : new SampleMessage(m.Role, m.Content))] : null;

    public IReadOnlyList<SampleMemory>? ToMemory() =>
        IsEditing ? [.. Memory.Where(m => !string.IsNullOrWhiteSpace(m.Content)).Select(m => m.Original is { } was && was.Content == m.Content ? was : new SampleMemory(null, m.Content, m.Original?.CreatedAt))] : null;

    public sealed class MessageRow(string role, string content, SampleMessage? original)
    {
        public string Role { get; set; } = role;
        public string Content { get; set; } = content;
        public SampleMessage? Original { get; } = original;
    }

    public sealed class MemoryRow(string content, SampleMemory? original)
    {
        public string Content { get; set; } = content;
        public SampleMemory? Original { get; } = original;
    }
}

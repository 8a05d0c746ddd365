using System.Reflection;
using LLMEval.Core.Common;

namespace LLMEval.Core.Samples;

/// <summary>A question set that comes with the product, written for it: its words stand in <c>QuestionSets/sets.json</c>, its items in <paramref name="File"/> beside it.</summary>
internal sealed record ShippedSet(string File, string Name, string Purpose, string Description, IReadOnlyList<string> Tags)
{
    private const string Folder = "LLMEval.Core.Samples.QuestionSets.";

    public static IReadOnlyList<ShippedSet> All { get; } = Json.Read<List<ShippedSet>>(Read("sets.json"));

    /// <summary>By which the set is known again, also when somebody renamed it.</summary>
    public SetSource Source => new(SetSourceKind.File) { Name = File };

    public IReadOnlyList<SampleDraft> Items() => [.. Read(File).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => Json.Read<Item>(line).ToDraft())];

    private static string Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + file) ?? throw new InvalidOperationException($"{file} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>A line as the interchange format has it, as far as these files use it.</summary>
    private sealed record Item(string Id, IReadOnlyList<SampleMessage> Input, IReadOnlyList<string> Reference, string ExpectedBehaviour, IReadOnlyList<string> Tags)
    {
        public string? SystemPrompt { get; init; }
        public IReadOnlyList<Point> Memory { get; init; } = [];
        public bool Script { get; init; }

        public SampleDraft ToDraft() => new(Input)
        {
            ExternalId = Id,
            SystemPrompt = SystemPrompt,
            Memory = [.. Memory.Select(p => new SampleMemory(p.MemoryId, p.Content, p.CreatedAt?.UtcDateTime))],
            References = Reference,
            ExpectedBehaviour = ExpectedBehaviour,
            Tags = Tags,
            IsScript = Script,
        };
    }

    private sealed record Point(string? MemoryId, string Content, DateTimeOffset? CreatedAt);
}

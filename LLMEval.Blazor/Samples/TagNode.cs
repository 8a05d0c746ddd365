using LLMEval.Core.Samples;

namespace LLMEval.Blazor.Samples;

/// <summary>A node of the tag tree.</summary>
/// <param name="Count">How many samples carry exactly it; null where only tags below it are carried.</param>
public sealed record TagNode(string Name, string Path, int? Count, IReadOnlyList<TagNode> Below)
{
    public static IReadOnlyList<TagNode> Of(IReadOnlyList<TagCount> tags) => Level([.. tags.Select(t => (t.Name.Split('/'), t.Count))], 0, "");

    private static List<TagNode> Level(List<(string[] Parts, int Count)> tags, int depth, string path) =>
    [
        .. tags.GroupBy(t => t.Parts[depth]).OrderBy(g => g.Key, StringComparer.CurrentCulture).Select(g =>
        {
            var here = depth == 0 ? g.Key : $"{path}/{g.Key}";
            var own = g.Where(t => t.Parts.Length == depth + 1).ToList();
            return new TagNode(g.Key, here, own.Count > 0 ? own[0].Count : null, Level([.. g.Where(t => t.Parts.Length > depth + 1)], depth + 1, here));
        }),
    ];
}

using LLMEval.Tests.Support;

namespace LLMEval.Tests.Conventions;

/// <summary>The project's own source: C# and Razor, without what tools generate.</summary>
internal sealed record SourceFiles(string Path, string[] Lines)
{
    internal static IEnumerable<SourceFiles> Of(string project)
    {
        var root = Tools.ProjectRoot;
        return Directory.EnumerateFiles(System.IO.Path.Combine(root, project), "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Select(f => System.IO.Path.GetRelativePath(root, f).Replace('\\', '/'))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/Migrations/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => new SourceFiles(f, File.ReadAllLines(System.IO.Path.Combine(root, f))));
    }
}

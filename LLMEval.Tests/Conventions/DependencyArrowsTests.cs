using System.Text.RegularExpressions;

namespace LLMEval.Tests.Conventions;

/// <summary>ARCHITECTURE 3: a slice may import what stands on lower levels than its own, and nothing else. Read from the usings, so that the failure names the line to change.</summary>
public sealed partial class DependencyArrowsTests
{
    // Lower may not see higher; slices of one level do not see each other. Data alone names every slice's entities.
    private static readonly Dictionary<string, int> Level = new()
    {
        ["Common"] = 1,
        ["Statistics"] = 1,
        ["Data"] = 2,
        ["Access"] = 3,
        ["Labels"] = 4,
        ["Preferences"] = 4,
        ["Sessions"] = 5,
        ["Search"] = 6,
        ["Samples"] = 6,
        ["Targets"] = 6,
        ["Collecting"] = 7,
        ["Scoring"] = 7,
        ["Runs"] = 8,
        ["Reproduction"] = 9,
        ["Exports"] = 9,
        ["Labelling"] = 9,
        ["Sampling"] = 9,
        // The first page counts everything below it.
        ["Overview"] = 10,
        ["Demo"] = 10,
    };

    [Fact]
    public void CoreSlices_Import_OnlyLowerLevels()
    {
        var wrong = new List<string>();
        foreach (var file in SourceFiles.Of("LLMEval.Core"))
        {
            var parts = file.Path.Split('/');
            if (parts.Length < 3)
            {
                // CoreServices.cs at the root registers every slice.
                continue;
            }
            var own = parts[1];
            Assert.True(Level.ContainsKey(own), $"{file.Path}: the slice {own} has no level here and in ARCHITECTURE.md.");
            foreach (var (line, other) in Imports(file.Lines, "LLMEval.Core"))
            {
                if (other != own && own != "Data" && Level[other] >= Level[own])
                {
                    wrong.Add($"{file.Path}:{line} {own} (level {Level[own]}) imports {other} (level {Level[other]})");
                }
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Core_References_NothingOfTheWeb()
    {
        var references = typeof(LLMEval.Core.Common.Actor).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();

        Assert.DoesNotContain(references, name => name.StartsWith("MudBlazor", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.AspNetCore.Http", StringComparison.Ordinal));
    }

    [Fact]
    public void BlazorFeatures_Import_OnlySharedFoldersAndCore()
    {
        string[] shared = ["Controls", "Infrastructure", "Layout", "Resources"];
        var wrong = new List<string>();
        foreach (var file in SourceFiles.Of("LLMEval.Blazor"))
        {
            var parts = file.Path.Split('/');
            if (parts.Length < 3)
            {
                continue;
            }
            foreach (var (line, other) in Imports(file.Lines, "LLMEval.Blazor"))
            {
                var mayImport = other == parts[1] || shared.Contains(other)
                    // A dialog is reached through its static opener, whose namespace the page must name.
                    || file.Lines.Any(l => l.Contains("Dialog.ShowAsync(", StringComparison.Ordinal));
                if (!mayImport && parts[1] is not ("Commands" or "Infrastructure"))
                {
                    wrong.Add($"{file.Path}:{line} {parts[1]} imports {other}");
                }
            }
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void EntityFramework_StaysInCore()
    {
        var wrong = SourceFiles.Of("LLMEval.Blazor")
            .SelectMany(f => f.Lines.Select((text, i) => (f.Path, Line: i + 1, text)))
            .Where(l => l.text.Contains("LLMEvalDbContext", StringComparison.Ordinal) || l.text.Contains("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) || l.text.Contains("IQueryable", StringComparison.Ordinal))
            .Select(l => $"{l.Path}:{l.Line} {l.text.Trim()}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void Quartz_StaysInJobsAndRegistrations()
    {
        var wrong = SourceFiles.Of("LLMEval.Core").Concat(SourceFiles.Of("LLMEval.Blazor"))
            .Where(f => !f.Path.EndsWith("Job.cs", StringComparison.Ordinal) && !f.Path.EndsWith("Registration.cs", StringComparison.Ordinal) && !f.Path.EndsWith("Scheduling.cs", StringComparison.Ordinal))
            .Where(f => f.Lines.Any(l => l.StartsWith("using Quartz", StringComparison.Ordinal)))
            .Select(f => f.Path);

        Assert.Empty(wrong);
    }

    private static IEnumerable<(int Line, string Slice)> Imports(string[] lines, string root)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            var match = Using().Match(lines[i]);
            if (match.Success && match.Groups["root"].Value == root)
            {
                yield return (i + 1, match.Groups["slice"].Value);
            }
        }
    }

    [GeneratedRegex(@"^\s*@?using (static )?(?<root>LLMEval\.(Core|Blazor))\.(?<slice>\w+)")]
    private static partial Regex Using();
}

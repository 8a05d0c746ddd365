using System.Text.RegularExpressions;
using System.Xml.Linq;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Conventions;

/// <summary>Both languages say the same things, everything said is used, and no words stand in the code.</summary>
public sealed partial class ResourcesTests
{
    private const string Chinese = ".zh-CN.resx";
    private static readonly string Folder = Path.Combine(Tools.ProjectRoot, "LLMEval.Blazor", "Resources");
    private static readonly Lazy<SourceFiles[]> Blazor = new(() => [.. SourceFiles.Of("LLMEval.Blazor")]);
    private static readonly Lazy<string> AllSource = new(() => string.Join('\n', Blazor.Value.Concat(SourceFiles.Of("LLMEval.Core")).SelectMany(f => f.Lines)));

    // Pairs whose keys come from elsewhere: MudBlazor asks for its own; failures and rejections are Core's codes.
    private static readonly string[] KeyedByOthers = ["Mud"];

    public static TheoryData<string> Features() => [.. Directory.EnumerateFiles(Folder, "*.resx").Where(f => !f.EndsWith(Chinese, StringComparison.Ordinal)).Select(f => Path.GetFileNameWithoutExtension(f))];

    [Theory, MemberData(nameof(Features))]
    public void Pair_HasTheSameKeysAndGapsInBothLanguages(string feature)
    {
        var english = Read(feature + ".resx");
        var chinese = Read(feature + Chinese);

        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), chinese.Keys.Order(StringComparer.Ordinal));
        Assert.All(english, pair => Assert.Equal((pair.Key, Gaps(pair.Value)), (pair.Key, Gaps(chinese[pair.Key]))));
        Assert.All(english.Values.Concat(chinese.Values), text => Assert.NotEqual("", text.Trim()));
    }

    [Theory, MemberData(nameof(Features))]
    public void Keys_AreAllUsed(string feature)
    {
        if (KeyedByOthers.Contains(feature))
        {
            return;
        }
        var uses = Uses(feature);
        var unused = Read(feature + ".resx").Keys.Where(key =>
            !uses.Any(use => use.IsPrefix ? key.StartsWith(use.Key, StringComparison.Ordinal) : key == use.Key)
            && !AllSource.Value.Contains($"\"{key}\"", StringComparison.Ordinal));

        Assert.Empty(unused);
    }

    [Theory, MemberData(nameof(Features))]
    public void UsedKeys_AllExist(string feature)
    {
        var keys = Read(feature + ".resx").Keys;
        var missing = Uses(feature).Where(use => use.IsPrefix ? !keys.Any(k => k.StartsWith(use.Key, StringComparison.Ordinal)) : !keys.Contains(use.Key)).Select(use => use.Key);

        Assert.Empty(missing.Distinct());
    }

    [Fact]
    public void FailureCodes_AllHaveASentence()
    {
        var sentences = Read("Failures.resx").Keys;
        var codes = FailureCode().Matches(AllSource.Value).Select(m => m.Groups[1].Value).Distinct();

        Assert.Empty(codes.Except(sentences));
    }

    [Fact]
    public void Source_HoldsNoChinese()
    {
        var offenders = Blazor.Value.Concat(SourceFiles.Of("LLMEval.Core")).Concat(SourceFiles.Of("LLMEval.Benchmarks"))
            .Where(f => !f.Path.Contains("Prompt", StringComparison.Ordinal))
            .SelectMany(f => f.Lines.Select((line, i) => (Place: $"{f.Path}:{i + 1}", line)))
            .Where(l => Han().IsMatch(l.line)).Select(l => l.Place);

        Assert.Empty(offenders);
    }

    /// <summary>What is asked of localisers of <c>IStringLocalizer&lt;FeatureTexts&gt;</c>; <c>Texts[$"State_{x}"]</c> asks for all keys that begin so.</summary>
    private static List<(string Key, bool IsPrefix)> Uses(string feature)
    {
        var declaration = new Regex($@"IStringLocalizer<{feature}Texts>\s+(\w+)");
        var uses = new List<(string, bool)>();
        // X.razor and X.razor.cs are one class and share their localisers.
        foreach (var component in Blazor.Value.GroupBy(f => f.Path.Replace(".razor.cs", ".razor", StringComparison.Ordinal)))
        {
            var text = string.Join('\n', component.SelectMany(f => f.Lines));
            foreach (var name in declaration.Matches(text).Select(m => m.Groups[1].Value).Distinct())
            {
                uses.AddRange(Regex.Matches(text, $@"(?<!\w){name}\[(\$?)""([^""{{]*)").Select(m => (m.Groups[2].Value, m.Groups[1].Value == "$")));
                uses.AddRange(Regex.Matches(text, $@"(?<!\w){name}\[[^\]""]*\?\s*""([^""]*)""\s*:\s*""([^""]*)""").SelectMany(m => new[] { (m.Groups[1].Value, false), (m.Groups[2].Value, false) }));
            }
        }
        return uses;
    }

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(Path.Combine(Folder, file)).Root!.Elements("data").ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value, StringComparer.Ordinal);

    private static string Gaps(string text) => string.Join(' ', Gap().Matches(text).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\{(\d+)[^}]*\}")]
    private static partial Regex Gap();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Han();

    [GeneratedRegex(@"(?:Failure\.(?:Invalid|NotFound|Conflict)\(|new Failure\(\s*FailureKind\.\w+,\s*|new\(FailureKind\.\w+,\s*)""(\w+)""")]
    private static partial Regex FailureCode();
}

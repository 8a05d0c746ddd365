namespace LLMEval.Tests.Support;

/// <summary>Programs that some tests need. On a developer's machine their absence skips those tests aloud; where CI is set it fails them.</summary>
public static class Tools
{
    public static bool IsRequired { get; } = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    public static string? MariaDb { get; } = Find("mariadbd", "/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd");

    public static string? Chromium { get; } = Find("chromium", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    /// <summary>The folder with real data beside the project, or null.</summary>
    public static string? SharedData { get; } = FindSharedData();

    public static string ProjectRoot { get; } = Above(AppContext.BaseDirectory, folder => File.Exists(Path.Combine(folder, "LLMEval.sln"))) ?? throw new InvalidOperationException("LLMEval.sln was not found above the tests' output folder.");

    /// <summary>The reason to skip with, or null when the tool is there or its absence must fail.</summary>
    public static string? SkipWithout(string? tool, string what) => tool is null && !IsRequired ? $"{what} is not installed on this machine" : null;

    private static string? Find(string name, params string[] places) =>
        places.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    private static string? FindSharedData()
    {
        var root = Above(AppContext.BaseDirectory, folder => Directory.Exists(Path.Combine(folder, "shared", "data")));
        return root is null ? null : Path.Combine(root, "shared", "data");
    }

    private static string? Above(string start, Func<string, bool> isIt)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (isIt(folder.FullName))
            {
                return folder.FullName;
            }
        }
        return null;
    }
}

using System.Globalization;
using LLMEval.Core.Data;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Where settings come from, and the check that stops the start with one sentence when one of them cannot be meant.</summary>
internal static class Settings
{
    private const string Prefix = "LLMEVAL__";
    private static readonly string[] Sectionless = ["DataDirectory", "environment", "contentRoot", "applicationName"];

    /// <summary>Takes <c>--Key:Sub=value</c> (and the few keys without a section) out of the command line.</summary>
    public static (IReadOnlyList<string> Settings, IReadOnlyList<string> Words) Split(IReadOnlyList<string> args)
    {
        // What follows "--" belongs to the command, whatever it looks like.
        var end = args.TakeWhile(a => a != "--").Count();
        var settings = args.Take(end).Where(IsSetting).ToList();
        return (settings, [.. args.Take(end).Where(a => !IsSetting(a)), .. args.Skip(end)]);
    }

    /// <summary>After the framework's own (appsettings.json, plain environment variables): user secrets, LLMEVAL__ variables, the command line; later ones win.</summary>
    public static void AddSources(WebApplicationBuilder builder, IReadOnlyList<string> settings)
    {
        builder.Configuration.AddUserSecrets(typeof(Settings).Assembly, optional: true, reloadOnChange: false);
        builder.Configuration.AddEnvironmentVariables(Prefix);
        builder.Configuration.AddCommandLine([.. settings]);
    }

    /// <summary>Ends with a <see cref="ConfigurationException"/> that names the key and, for a misspelt one, the nearest valid one.</summary>
    public static void Check(IConfigurationRoot configuration)
    {
        foreach (var name in configuration.Providers.Where(IsOurs).SelectMany(p => p.GetChildKeys([], null)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            IReadOnlyList<string> known = [.. KnownSettings.Sections, .. KnownSettings.Top];
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase) && Nearest(name, known) is ({ } near, <= 2))
            {
                throw new ConfigurationException(name, $"is not a section LLMEval knows; did you mean '{near}'?");
            }
        }
        foreach (var (key, value) in KnownSettings.Sections.SelectMany(section => configuration.GetSection(section).AsEnumerable()).Where(pair => pair.Value is not null))
        {
            if (!KnownSettings.All.TryGetValue(key, out var kind))
            {
                throw new ConfigurationException(key, $"is not a setting LLMEval knows; did you mean '{Nearest(key, KnownSettings.All.Keys).Near}'?");
            }
            CheckValue(key, value!, kind);
        }
        CheckTimeZone(configuration["Display:TimeZone"]);
        CheckCulture(configuration["Display:Culture"]);
    }

    private static void CheckValue(string key, string value, SettingKind kind)
    {
        var expected = kind switch
        {
            SettingKind.Whole when !long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) => "a whole number",
            SettingKind.Number when !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => "a number such as 0.5",
            SettingKind.Flag when !bool.TryParse(value, out _) => "true or false",
            _ => null,
        };
        if (expected is not null)
        {
            throw new ConfigurationException(key, $"is '{value}'; expected {expected}");
        }
    }

    private static void CheckTimeZone(string? id)
    {
        if (!string.IsNullOrWhiteSpace(id) && !TimeZoneInfo.TryFindSystemTimeZoneById(id, out _))
        {
            throw new ConfigurationException("Display:TimeZone", $"is '{id}', which is no time zone this machine knows; expected a name such as Asia/Shanghai or UTC");
        }
    }

    private static void CheckCulture(string? culture)
    {
        if (!string.IsNullOrWhiteSpace(culture) && !Cultures.Names.Contains(culture, StringComparer.OrdinalIgnoreCase))
        {
            throw new ConfigurationException("Display:Culture", $"is '{culture}'; expected {string.Join(" or ", Cultures.Names)}, or nothing to follow the browser");
        }
    }

    private static bool IsSetting(string arg)
    {
        var name = arg.StartsWith("--", StringComparison.Ordinal) ? arg[2..].Split('=')[0] : "";
        return arg.Contains('=', StringComparison.Ordinal)
            && (name.Contains(':', StringComparison.Ordinal) || Sectionless.Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    // Plain environment variables are the whole machine's; only files and LLMEVAL__ variables are written for us.
    private static bool IsOurs(IConfigurationProvider provider) =>
        provider is JsonConfigurationProvider || (provider is EnvironmentVariablesConfigurationProvider variables && variables.ToString().Contains(Prefix[..7], StringComparison.Ordinal));

    private static (string? Near, int Distance) Nearest(string name, IEnumerable<string> known) =>
        known.Select(k => (k, Distance(name.ToUpperInvariant(), k.ToUpperInvariant()))).OrderBy(pair => pair.Item2).ThenBy(pair => pair.k, StringComparer.Ordinal).First();

    /// <summary>Levenshtein distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}

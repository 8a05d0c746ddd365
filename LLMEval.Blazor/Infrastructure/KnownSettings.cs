namespace LLMEval.Blazor.Infrastructure;

public enum SettingKind { Text, Whole, Number, Flag }

/// <summary>Every key of our own sections and what its value is. A key that is not here stops the start: a misspelt setting must not be ignored in silence.</summary>
public static class KnownSettings
{
    public static IReadOnlyDictionary<string, SettingKind> All { get; } = new Dictionary<string, SettingKind>(StringComparer.OrdinalIgnoreCase)
    {
        ["Database:Provider"] = SettingKind.Text,
        ["Display:TimeZone"] = SettingKind.Text,
        ["Display:Culture"] = SettingKind.Text,
        ["Authentication:RevalidateSeconds"] = SettingKind.Whole,
        ["Authentication:SessionHours"] = SettingKind.Whole,
        ["Authentication:PublicUrl"] = SettingKind.Text,
        ["Runs:MaxParallel"] = SettingKind.Whole,
        ["Runs:ShardSize"] = SettingKind.Whole,
        ["Runs:MaxAttempts"] = SettingKind.Whole,
        ["Runs:TimeoutSeconds"] = SettingKind.Whole,
        ["Runs:CommitMilliseconds"] = SettingKind.Whole,
        ["Runs:CommitRows"] = SettingKind.Whole,
        ["Runs:MaxFailedShare"] = SettingKind.Number,
        ["Scheduler:Clustered"] = SettingKind.Flag,
        ["Scheduler:CheckinSeconds"] = SettingKind.Whole,
        ["Scheduler:Threads"] = SettingKind.Whole,
        ["Import:MaxContentBytes"] = SettingKind.Whole,
        ["Import:MaxMessagesPerSession"] = SettingKind.Whole,
        ["Import:BatchMessages"] = SettingKind.Whole,
        ["Import:MaxLineBytes"] = SettingKind.Whole,
        ["Import:MaxMessageBytes"] = SettingKind.Whole,
    };

    /// <summary>Sections in which every key must be known.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["Database", "Display", "Runs", "Scheduler", "Import", "Authentication", "Demo"];

    /// <summary>Other names that may stand at the top.</summary>
    public static IReadOnlyList<string> Top { get; } = ["ConnectionStrings", "DataDirectory", "Logging", "AllowedHosts", "Kestrel", "Urls"];
}

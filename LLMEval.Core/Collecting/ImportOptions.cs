using System.Globalization;
using LLMEval.Core.Collecting.Formats;
using LLMEval.Core.Data;
using Microsoft.Extensions.Configuration;

namespace LLMEval.Core.Collecting;

/// <summary>Limits of what is taken in, from the configuration's <c>Import</c> section, and the time zone of times without an offset, from <c>Display:TimeZone</c>.</summary>
public sealed class ImportOptions
{
    /// <summary>UTF-8 bytes of one message's content.</summary>
    public int MaxContentBytes { get; init; } = 64 * 1024;

    /// <summary>Messages, and memory points, of one session.</summary>
    public int MaxMessagesPerSession { get; init; } = 200_000;

    /// <summary>Messages stored in one transaction, rounded up to whole sessions.</summary>
    public int BatchMessages { get; init; } = 2_000;

    /// <summary>Bytes of one line, that is of one session; the most that the reader holds.</summary>
    public int MaxLineBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of one message, memory point or further field with all that belongs to it, as JSON.</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    public SessionLimits Limits => new(MaxLineBytes, MaxMessageBytes, MaxContentBytes, MaxMessagesPerSession, TimeZone);

    /// <summary>A value that cannot be used ends with a <see cref="ConfigurationException"/> that names its key.</summary>
    public static ImportOptions From(IConfiguration configuration)
    {
        var defaults = new ImportOptions();
        return new ImportOptions
        {
            MaxContentBytes = Number("Import:MaxContentBytes", defaults.MaxContentBytes, 1, 1024 * 1024),
            MaxMessagesPerSession = Number("Import:MaxMessagesPerSession", defaults.MaxMessagesPerSession, 1, 10_000_000),
            BatchMessages = Number("Import:BatchMessages", defaults.BatchMessages, 1, 100_000),
            MaxLineBytes = Number("Import:MaxLineBytes", defaults.MaxLineBytes, 1024, 512 * 1024 * 1024),
            MaxMessageBytes = Number("Import:MaxMessageBytes", defaults.MaxMessageBytes, 1024, 3 * 1024 * 1024),
            TimeZone = Zone("Display:TimeZone"),
        };

        int Number(string key, int otherwise, int least, int most)
        {
            var text = configuration[key];
            if (string.IsNullOrWhiteSpace(text))
            {
                return otherwise;
            }
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new ConfigurationException(key, string.Create(CultureInfo.InvariantCulture, $"is '{text}'; expected a whole number from {least} to {most}"));
        }

        TimeZoneInfo Zone(string key)
        {
            var id = configuration[key] is { Length: > 0 } text ? text : "Asia/Shanghai";
            return TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : throw new ConfigurationException(key, $"is '{id}'; expected a time zone such as Asia/Shanghai");
        }
    }
}

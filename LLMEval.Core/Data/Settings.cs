using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace LLMEval.Core.Data;

/// <summary>Reads single values of the configuration; what cannot be used ends with one sentence that names the key.</summary>
internal static class Settings
{
    public static int Whole(IConfiguration configuration, string key, int standard, int least, int most) =>
        configuration[key] is not { Length: > 0 } text ? standard
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new ConfigurationException(key, string.Create(CultureInfo.InvariantCulture, $"is '{text}'; expected a whole number from {least} to {most}"));

    public static bool Flag(IConfiguration configuration, string key, bool standard) =>
        configuration[key] is not { Length: > 0 } text ? standard
        : bool.TryParse(text, out var value) ? value
        : throw new ConfigurationException(key, $"is '{text}'; expected true or false");

    public static double Real(IConfiguration configuration, string key, double standard, double least, double most) =>
        configuration[key] is not { Length: > 0 } text ? standard
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new ConfigurationException(key, string.Create(CultureInfo.InvariantCulture, $"is '{text}'; expected a number from {least} to {most}"));
}

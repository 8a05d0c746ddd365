using System.Reflection;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Finds the texts of a marker class: <c>SessionsTexts</c> reads <c>Resources/Sessions.resx</c>, wherever the class stands.</summary>
public sealed class TextsFactory(IOptions<LocalizationOptions> options, ILoggerFactory loggers) : ResourceManagerStringLocalizerFactory(options, loggers)
{
    public const string Suffix = "Texts";

    protected override string GetResourcePrefix(TypeInfo typeInfo) =>
        typeInfo.Assembly == typeof(TextsFactory).Assembly && typeInfo.Name.EndsWith(Suffix, StringComparison.Ordinal)
            ? $"LLMEval.Blazor.Resources.{typeInfo.Name[..^Suffix.Length]}"
            : base.GetResourcePrefix(typeInfo);
}

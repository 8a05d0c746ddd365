using System.Globalization;
using Microsoft.Extensions.Localization;
using MudBlazor;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>MudBlazor's own words in the interface's language; it asks here for every language but English, which it has itself.</summary>
public sealed class MudTexts(IStringLocalizer<MudTexts> texts) : MudLocalizer
{
    public override LocalizedString this[string key] => texts[key];

    public override LocalizedString this[string key, params object[] arguments]
    {
        get
        {
            var text = texts[key];
            return text.ResourceNotFound ? text : new LocalizedString(key, string.Format(CultureInfo.CurrentCulture, text.Value, arguments));
        }
    }
}

using LLMEval.Blazor.Resources;
using LLMEval.Core.Common;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Says a refusal of Core in the reader's language.</summary>
public sealed class FailureTexts(IStringLocalizer<FailuresTexts> texts)
{
    public string Of(Failure failure) => Of(failure.Code, failure.Args);

    /// <summary>For codes that were stored, such as why a run failed.</summary>
    public string Of(string code, params object[] args)
    {
        var text = texts[code, args];
        return text.ResourceNotFound ? texts["Unknown", code] : text;
    }
}

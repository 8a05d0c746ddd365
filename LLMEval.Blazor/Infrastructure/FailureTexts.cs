using LLMEval.Blazor.Resources;
using LLMEval.Core.Common;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Infrastructure;

/// <summary>Says a refusal of Core in the reader's language.</summary>
public sealed class FailureTexts(IStringLocalizer<FailuresTexts> texts)
{
    public string Of(Failure failure) => Of(failure.Code, failure.Args);

    /// <summary>The sentence when this input caused the refusal, else null; a field may be named as its request names it or as an option of it.</summary>
    public string? Beside(Failure? failure, string field) => failure?.Field == field ? Of(failure) : null;

    /// <summary>For codes that were stored, such as why a run failed.</summary>
    public string Of(string code, params object[] args)
    {
        var text = texts[code, args];
        return text.ResourceNotFound ? texts["Unknown", code] : text;
    }
}

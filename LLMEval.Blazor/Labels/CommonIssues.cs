using LLMEval.Blazor.Resources;
using Microsoft.Extensions.Localization;

namespace LLMEval.Blazor.Labels;

/// <summary>Issues that social bots are often labelled with, offered until the list of one's own is made.</summary>
public static class CommonIssues
{
    public static IReadOnlyList<string> Names(IStringLocalizer<LabelsTexts> texts) =>
    [
        texts["Tag_Memory"], texts["Tag_Repetition"], texts["Tag_Cold"], texts["Tag_Persona"], texts["Tag_BesidePoint"], texts["Tag_TooLong"], texts["Tag_Preachy"], texts["Tag_Unsafe"],
    ];
}

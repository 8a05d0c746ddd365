using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Samples;

/// <summary>Puts bot messages into an evaluation set, an old or a new one.</summary>
public sealed partial class AddToSetDialog
{
    private SetChoice? _choice;
    private long _setId;
    private string _setName = "";
    private bool _isBusy;
    private Failure? _failure;
    private AddedToSet? _added;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<long> MessageIds { get; set; } = [];

    /// <summary>What was added; null when nothing was.</summary>
    public static async Task<AddedToSet?> ShowAsync(IDialogService dialogs, IReadOnlyList<long> messageIds)
    {
        var parameters = new DialogParameters<AddToSetDialog> { { d => d.MessageIds, messageIds } };
        var dialog = await dialogs.ShowAsync<AddToSetDialog>(null, parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        return await dialog.Result is { Canceled: false, Data: AddedToSet added } ? added : null;
    }

    private async Task SaveAsync()
    {
        _isBusy = true;
        if (await _choice!.SetAsync(Lifetime) is { } set)
        {
            var result = await Add.ExecuteAsync(new AddToSetRequest(set.Id, MessageIds), await Actor.GetAsync(Lifetime), Lifetime);
            (_failure, _added, _setId, _setName) = (result.Failure, result.Value, set.Id, set.Name);
            if (result.IsOk)
            {
                await Last.KeepAsync(set.Id, await Actor.GetAsync(Lifetime), Lifetime);
            }
        }
        _isBusy = false;
    }
}

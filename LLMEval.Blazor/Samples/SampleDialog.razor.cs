using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Samples;

/// <summary>A sample as a chat, with what was known and what came of it. Its context can be shown shorter, and longer than it was frozen while the conversation is there.</summary>
public sealed partial class SampleDialog
{
    private readonly LatestOnly _loads = new();
    private Actor _actor = Core.Common.Actor.Nobody;
    private SampleDetail? _sample;

    /// <summary>What was said before the sample begins; null while it is being read, or where nobody may read it.</summary>
    private IReadOnlyList<SampleMessage>? _earlier;
    private long? _itemId;
    private Failure? _failure;
    private bool _isMissing;
    private bool _isBusy;
    private int _shown;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public long SampleId { get; set; }

    /// <summary>The set, as it is now, that it is shown as an item of: there its context may be cut to another length.</summary>
    [Parameter]
    public long? SetId { get; set; }

    private int Longest => _sample is { SessionId: not null } && _actor.May(Permissions.SessionsView) ? CreateSet.MaxContextLength : _sample?.Context.Count ?? 0;

    private bool MayCut => _itemId is not null && _sample is { SessionId: not null } && _shown > 0 && _shown != _sample.Context.Count && _earlier is not { Count: 0 } && _actor.May(Permissions.SetsEdit);

    /// <summary>Ends when the dialog is closed.</summary>
    public static async Task ShowAsync(IDialogService dialogs, long sampleId, long? setId = null)
    {
        var parameters = new DialogParameters<SampleDialog> { { d => d.SampleId, sampleId }, { d => d.SetId, setId } };
        var dialog = await dialogs.ShowAsync<SampleDialog>(null, parameters, new DialogOptions { MaxWidth = MaxWidth.Large, FullWidth = true, CloseButton = true, CloseOnNavigation = true });
        await dialog.Result;
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        _sample = await Queries.DetailAsync(SampleId, _actor, Lifetime);
        _itemId = SetId is { } setId ? await Items.ItemOfAsync(setId, SampleId, _actor, Lifetime) : null;
        (_isMissing, _shown) = (_sample is null, _sample?.Context.Count ?? 0);
    }

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    private async Task ShowAsync(int length)
    {
        (_shown, _earlier) = (length, null);
        var frozen = _sample!.Context.Count;
        if (length > frozen)
        {
            await _loads.RunAsync(
                token => Queries.ConversationAsync(SampleId, length, _actor, token),
                all => _earlier = all is null ? [] : [.. all.Take(Math.Max(0, all.Count - frozen))],
                Lifetime);
        }
    }

    private async Task CutAsync()
    {
        _isBusy = true;
        var request = new EditItemRequest(SetId!.Value, _itemId!.Value, _sample!.References, _sample.ExpectedBehaviour, _shown);
        _failure = (await Edit.ExecuteAsync(request, await Actor.GetAsync(Lifetime), Lifetime)).Failure;
        _isBusy = false;
        if (_failure is null)
        {
            Dialog.Close(true);
        }
    }
}

using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Samples;

/// <summary>Puts bot messages into an evaluation set, an old or a new one.</summary>
public sealed partial class AddToSetDialog
{
    private const int Offered = 30;

    private readonly SetFormModel _model = new();
    private SetRow? _set;
    private long _setId;
    private string _setName = "";
    private bool _isNew;
    private bool _isBusy;
    private bool _isMissing;
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

    private async Task<IEnumerable<SetRow>> FindAsync(string? text, CancellationToken cancellationToken) =>
        (await Queries.PageAsync(new SetFilter(text == _set?.Name ? null : text), new PageRequest(Take: Offered), await Actor.GetAsync(cancellationToken), cancellationToken)).Items;

    private async Task SaveAsync()
    {
        _isMissing = !_isNew && _set is null;
        if (_isMissing)
        {
            return;
        }
        _isBusy = true;
        var actor = await Actor.GetAsync(Lifetime);
        if (await SetIdAsync(actor) is { } setId)
        {
            var result = await Add.ExecuteAsync(new AddToSetRequest(setId, MessageIds), actor, Lifetime);
            (_failure, _added, _setId) = (result.Failure, result.Value, setId);
        }
        _isBusy = false;
    }

    private async Task<long?> SetIdAsync(Actor actor)
    {
        if (!_isNew)
        {
            _setName = _set!.Name;
            return _set.Id;
        }
        var created = await Create.ExecuteAsync(_model.ToRequest(), actor, Lifetime);
        _failure = created.Failure;
        if (!created.IsOk)
        {
            return null;
        }
        // Should the adding fail, a second try must not ask for the same name again.
        (_isNew, _setName, _set) = (false, _model.Name.Trim(), await RowAsync(_model.Name.Trim(), actor));
        return created.Value;
    }

    private async Task<SetRow?> RowAsync(string name, Actor actor) =>
        (await Queries.PageAsync(new SetFilter(name), new PageRequest(Take: Offered), actor, Lifetime)).Items.FirstOrDefault(s => s.Name == name);
}

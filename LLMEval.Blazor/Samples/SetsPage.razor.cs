using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Samples;

public sealed partial class SetsPage
{
    private const int Take = 25;

    private readonly LatestOnly _loads = new();
    private Actor _actor = Core.Common.Actor.Nobody;
    private Page<SetRow>? _page;
    private Failure? _failure;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? At { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        await LoadAsync();
    }

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    private Task<bool> LoadAsync() => _loads.RunAsync(token => Queries.PageAsync(new SetFilter(Search), Paging.Read(At, Take), _actor, token), page => _page = page, Lifetime);

    private void SearchAsync(string? text) => Navigation.NavigateTo(Urls.With(Urls.Sets, ("q", text?.Trim())));

    private void TurnAsync(PagerMove move) => Navigation.NavigateTo(Urls.With(Urls.Sets, ("q", Search), ("page", Paging.Write(move, _page!))), replace: true);

    private async Task CreateAsync()
    {
        if (await SetDialog.ShowAsync(Dialogs) is { } id)
        {
            Navigation.NavigateTo(Urls.Set(id));
        }
    }

    private async Task DeleteAsync(SetRow set)
    {
        if (await ConfirmDialog.ShowAsync(Dialogs, Texts["DeleteSet", set.Name], Texts["DeleteSetText", set.Name], Texts["Delete"]))
        {
            _failure = (await Delete.ExecuteAsync(set.Id, await Actor.GetAsync(Lifetime), Lifetime)).Failure;
            await LoadAsync();
        }
    }
}

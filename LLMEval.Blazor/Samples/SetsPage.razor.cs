using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Samples;

public sealed partial class SetsPage
{
    private const int Take = 25;

    private readonly LatestOnly _loads = new();
    private Actor _actor = Core.Common.Actor.Nobody;
    private Page<SetRow>? _page;
    private SetFacets _facets = new([], []);
    private IReadOnlyList<string> _missing = [];
    private Failure? _failure;
    private bool _isBusy;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Search { get; set; }

    /// <summary>A node of the tag tree.</summary>
    [SupplyParameterFromQuery(Name = "tag")]
    private string? Tag { get; set; }

    [SupplyParameterFromQuery(Name = "owner")]
    private string? Owner { get; set; }

    [SupplyParameterFromQuery(Name = "deleted")]
    private string? Deleted { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? At { get; set; }

    private bool IsDeleted => bool.TryParse(Deleted, out var deleted) && deleted;

    private bool IsFiltered => !string.IsNullOrEmpty(Search) || Node.Length > 0 || !string.IsNullOrEmpty(Owner);

    private string Node => TagPath.Clean(Tag ?? "");

    private string Names => string.Join(", ", _missing);

    protected override async Task OnParametersSetAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        if (!IsDeleted)
        {
            await LoadAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    private Task<bool> LoadAsync() => _loads.RunAsync(
        async token => (
            Page: await Queries.PageAsync(new SetFilter(Search, Node, Owner), Paging.Read(At, Take), _actor, token),
            Facets: await Queries.FacetsAsync(Node, _actor, token),
            Missing: await Shipped.MissingAsync(_actor, token)),
        loaded => (_page, _facets, _missing) = loaded,
        Lifetime);

    private IEnumerable<string> Path()
    {
        var levels = Node.Split('/');
        return levels.Select((_, i) => string.Join('/', levels.Take(i + 1)));
    }

    private static string Here(string? search, string? tag, string? owner, string? at = null) => Urls.With(Urls.Sets, ("q", search?.Trim()), ("tag", tag), ("owner", owner), ("page", at));

    private void Show(string? search, string? tag, string? owner) => Navigation.NavigateTo(Here(search, tag, owner));

    private void Turn(PagerMove move) => Navigation.NavigateTo(Here(Search, Tag, Owner, Paging.Write(move, _page!)), replace: true);

    private async Task CreateAsync()
    {
        if (await SetDialog.ShowAsync(Dialogs) is { } id)
        {
            Navigation.NavigateTo(Urls.Set(id));
        }
    }

    private async Task AddShippedAsync()
    {
        _isBusy = true;
        var result = await Shipped.ExecuteAsync(await Actor.GetAsync(Lifetime), Lifetime);
        (_isBusy, _failure) = (false, result.Failure);
        if (result.Value is { } added)
        {
            Snackbar.Add(Texts["AddedShipped", added.Count], Severity.Success);
        }
        await LoadAsync();
    }

    private async Task DeleteAsync(SetRow set)
    {
        if (await ConfirmDialog.ShowAsync(Dialogs, Texts["DeleteSet", set.Name], Texts["DeleteSetText", set.Name, RestoreSet.UndoPeriod.Days], Texts["Delete"]))
        {
            _failure = (await Delete.ExecuteAsync(set.Id, await Actor.GetAsync(Lifetime), Lifetime)).Failure;
            await LoadAsync();
        }
    }
}

using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace LLMEval.Blazor.Samples;

/// <summary>The pool of samples. Its address holds everything it shows; changing anything means going to another address.</summary>
public sealed partial class PoolPage
{
    private const int Take = 50;

    private readonly LatestOnly _loads = new();
    private readonly AddressDialog _dialog = new();
    private readonly HashSet<long> _chosen = [];
    private Actor _actor = Core.Common.Actor.Nobody;
    private SampleView _view = SampleView.Everything;
    private PoolFacets _facets = new([], [], [], []);
    private Page<PoolRow>? _page;
    private Failure? _failure;
    private List<string> _unreadable = [];
    private string? _shown;
    private string? _setName;
    private PoolOperations? _operations;

    [SupplyParameterFromQuery(Name = "sample")]
    private long? Sample { get; set; }

    // The other keys are read from the address together; these make the page hear of their changes.
    [SupplyParameterFromQuery(Name = "tags")]
    private string? TagsKey { get; set; }

    [SupplyParameterFromQuery(Name = "text")]
    private string? TextKey { get; set; }

    [SupplyParameterFromQuery(Name = "range")]
    private string? RangeKey { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? FromKey { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? ToKey { get; set; }

    [SupplyParameterFromQuery(Name = "label")]
    private string? LabelKey { get; set; }

    [SupplyParameterFromQuery(Name = "reference")]
    private string? ReferenceKey { get; set; }

    [SupplyParameterFromQuery(Name = "duplicates")]
    private string? DuplicatesKey { get; set; }

    [SupplyParameterFromQuery(Name = "min")]
    private string? MinKey { get; set; }

    [SupplyParameterFromQuery(Name = "max")]
    private string? MaxKey { get; set; }

    [SupplyParameterFromQuery(Name = "set")]
    private string? SetKey { get; set; }

    [SupplyParameterFromQuery(Name = "p")]
    private string? PlaceKey { get; set; }

    [SupplyParameterFromQuery(Name = "biz")]
    private string[]? BizKeys { get; set; }

    [SupplyParameterFromQuery(Name = "robot")]
    private string[]? RobotKeys { get; set; }

    [SupplyParameterFromQuery(Name = "origin")]
    private string[]? OriginKeys { get; set; }

    [SupplyParameterFromQuery(Name = "language")]
    private string[]? LanguageKeys { get; set; }

    [SupplyParameterFromQuery(Name = "by")]
    private string[]? ByKeys { get; set; }

    private bool MayEdit => _actor.May(Permissions.SetsEdit);

    private bool IsFiltered => SampleFilterQuery.Write(_view with { Place = null }, Clock) != Urls.Pool;

    private IReadOnlyList<string> KnownTags => [.. _facets.Tags.Select(t => t.Name)];

    protected override async Task OnParametersSetAsync()
    {
        var query = QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query);
        var unreadable = new List<string>();
        var view = SampleFilterQuery.Read(key => query.GetValueOrDefault(key, StringValues.Empty) is { Count: > 0 } values ? [.. values.OfType<string>().Where(v => v.Length > 0).Distinct()] : [], Clock, unreadable);
        var canonical = SampleFilterQuery.Write(view, Clock);
        if (canonical != _shown)
        {
            var isFirst = _shown is null;
            _shown = canonical;
            // Turning a page keeps what was chosen on the others.
            if (view with { Place = null } != _view with { Place = null })
            {
                _chosen.Clear();
            }
            (_view, _unreadable) = (view, [.. unreadable.Distinct()]);
            await (isFirst ? LoadAllAsync() : LoadAsync());
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_page is not null && await _dialog.ShowAsync(Sample, Navigation, sample => SampleDialog.ShowAsync(Dialogs, sample), Lifetime))
        {
            Navigation.NavigateTo(SampleFilterQuery.Write(_view, Clock), replace: true);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _loads.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task LoadAllAsync()
    {
        await LoadAsync();
        _facets = await Queries.FacetsAsync(_actor, Lifetime);
    }

    private async Task LoadAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        var filter = _view.WithRange(Clock);
        _setName = filter.SetId is { } setId ? (await Sets.DetailAsync(setId, _actor, Lifetime))?.Name ?? "?" : null;
        var isThere = await _loads.RunAsync(
            token => Queries.PageAsync(filter, Paging.Read(_view.Place, Take), _actor, token),
            result => (_page, _failure) = (result.Value ?? _page, result.Failure),
            Lifetime);
        if (isThere && _failure is null)
        {
            // The rows do not wait for their number.
            StateHasChanged();
            await _loads.RunAsync(
                token => Queries.CountAsync(filter, _actor, token),
                count => _page = _page! with { Total = Math.Min(count.Value, Page.CountCap), TotalIsCapped = count.Value > Page.CountCap },
                Lifetime);
        }
    }

    private string At(long sampleId) => SampleFilterQuery.Write(_view, Clock, sampleId);

    private void Show(SampleView view) => Navigation.NavigateTo(SampleFilterQuery.Write(view with { Place = null }, Clock));

    private void Filter(SampleFilter filter) => Show(_view with { Filter = filter });

    private void Turn(PagerMove move) => Navigation.NavigateTo(SampleFilterQuery.Write(_view with { Place = Paging.Write(move, _page!) }, Clock), replace: true);

    private void Choose(long sampleId, bool isChosen) => _ = isChosen ? _chosen.Count < PoolOperationRequest.MaxChosen && _chosen.Add(sampleId) : _chosen.Remove(sampleId);

    private void ChoosePage(bool isChosen)
    {
        foreach (var row in _page!.Items)
        {
            Choose(row.Id, isChosen);
        }
    }

    private async Task MoveTagAsync(string tag)
    {
        if (await MoveTagDialog.ShowAsync(Dialogs, tag, KnownTags) is { } operationId)
        {
            await StartedAsync(operationId);
        }
    }

    private async Task StartedAsync(long operationId)
    {
        _chosen.Clear();
        if (_operations is not null)
        {
            await _operations.LookAsync();
        }
        await LoadAllAsync();
    }
}

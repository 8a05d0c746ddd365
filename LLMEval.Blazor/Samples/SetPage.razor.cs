using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Samples;

public sealed partial class SetPage
{
    private readonly LatestOnly _loads = new();
    private readonly AddressDialog _dialog = new();
    private Actor _actor = Core.Common.Actor.Nobody;
    private SetDetail? _set;
    private IReadOnlyList<SetVersionRow> _versions = [];
    private Failure? _failure;
    private bool _isMissing;

    internal enum Tab { Items, Versions, Coverage }

    [Parameter]
    public long SetId { get; set; }

    [SupplyParameterFromQuery(Name = "tab")]
    private string? TabName { get; set; }

    /// <summary>A frozen version to show; none is the set as it is now.</summary>
    [SupplyParameterFromQuery(Name = "version")]
    private int? Version { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? At { get; set; }

    /// <summary>The node of the tag tree whose branches the coverage counts.</summary>
    [SupplyParameterFromQuery(Name = "below")]
    private string? Below { get; set; }

    /// <summary>The sample whose dialog is open.</summary>
    [SupplyParameterFromQuery(Name = "sample")]
    private long? Sample { get; set; }

    private Tab Shown => Enum.TryParse<Tab>(TabName, ignoreCase: true, out var tab) && Enum.IsDefined(tab) ? tab : Tab.Items;

    internal static string Address(long setId, Tab tab = Tab.Items, int? version = null, string? at = null, long? sample = null, string? below = null) => Urls.With(
        Urls.Set(setId), ("tab", tab == Tab.Items ? null : tab.ToString().ToLowerInvariant()), ("version", version), ("page", at), ("below", below), ("sample", sample));

    protected override async Task OnParametersSetAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // What a version holds is not edited, so its dialog is not told of the set.
        if (_set is not null && await _dialog.ShowAsync(Sample, Navigation, sample => SampleDialog.ShowAsync(Dialogs, sample, Version is null ? SetId : null), Lifetime))
        {
            Navigation.NavigateTo(Address(SetId, Shown, Version, At, below: Below), replace: true);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    private Task<bool> LoadAsync() => _loads.RunAsync(
        async token => (Set: await Sets.DetailAsync(SetId, _actor, token), Versions: await Sets.VersionsAsync(SetId, _actor, token)),
        loaded => (_set, _versions, _isMissing) = (loaded.Set, loaded.Versions, loaded.Set is null),
        Lifetime);

    private async Task EditAsync()
    {
        if (await EditSetDialog.ShowAsync(Dialogs, _set!))
        {
            await LoadAsync();
        }
    }

    private async Task CloneAsync()
    {
        if (await CloneSetDialog.ShowAsync(Dialogs, _set!, _versions, Version) is { } id)
        {
            Navigation.NavigateTo(Urls.Set(id));
        }
    }

    private async Task FreezeAsync()
    {
        var result = await Freeze.ExecuteAsync(SetId, await Actor.GetAsync(Lifetime), Lifetime);
        _failure = result.Failure;
        if (result.Value is { } frozen)
        {
            Snackbar.Add(frozen.IsNew ? Texts["Frozen", frozen.Number] : Texts["FrozenBefore", frozen.Number], Severity.Success);
            await LoadAsync();
        }
    }
}

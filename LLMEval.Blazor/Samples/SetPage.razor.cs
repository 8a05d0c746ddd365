using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Samples;

public sealed partial class SetPage
{
    private const int Take = 25;
    private const int ShownVersions = 12;

    private readonly LatestOnly _loads = new();
    private readonly AddressDialog _dialog = new();
    private Actor _actor = Core.Common.Actor.Nobody;
    private SetDetail? _set;
    private IReadOnlyList<SetVersionRow> _versions = [];
    private Page<SetItemRow>? _page;
    private Dictionary<long, IReadOnlyList<LabelRow>> _labels = [];
    private Failure? _failure;
    private bool _isMissing;

    [Parameter]
    public long SetId { get; set; }

    /// <summary>A frozen version to show; none is the set as it is now.</summary>
    [SupplyParameterFromQuery(Name = "version")]
    private int? Version { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? At { get; set; }

    /// <summary>The sample whose dialog is open.</summary>
    [SupplyParameterFromQuery(Name = "sample")]
    private long? Sample { get; set; }

    private bool MayRemove => Version is null && _actor.May(Permissions.SetsEdit);

    protected override async Task OnParametersSetAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_set is not null && await _dialog.ShowAsync(Sample, Navigation, sample => SampleDialog.ShowAsync(Dialogs, sample), Lifetime))
        {
            Navigation.NavigateTo(Here(Version, At, null), replace: true);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    private string Here(int? version, string? at, long? sample) => Urls.With(Urls.Set(SetId), ("version", version), ("page", at), ("sample", sample));

    private Task<bool> LoadAsync() => _loads.RunAsync(
        async token =>
        {
            var set = await Sets.DetailAsync(SetId, _actor, token);
            var versions = await Sets.VersionsAsync(SetId, _actor, token);
            var request = Paging.Read(At, Take);
            var page = Version is { } number ? await Items.OfVersionAsync(SetId, number, request, _actor, token) : await Items.OfSetAsync(SetId, request, _actor, token);
            var messages = page.Items.Select(i => i.MessageId).OfType<long>().Distinct().ToList();
            var labels = await LabelsOf.OfMessagesAsync(messages, _actor, token);
            return (set, versions, page, labels: messages.ToDictionary(id => id, id => (IReadOnlyList<LabelRow>)[.. labels[id]]));
        },
        loaded => (_set, _versions, _page, _labels, _isMissing) = (loaded.set, loaded.versions, loaded.page, loaded.labels, loaded.set is null),
        Lifetime);

    private void Turn(PagerMove move) => Navigation.NavigateTo(Here(Version, Paging.Write(move, _page!), null), replace: true);

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

    private async Task RemoveAsync(SetItemRow item)
    {
        if (await ConfirmDialog.ShowAsync(Dialogs, Texts["RemoveItem", item.Position + 1], Texts["RemoveItemText", item.AnswerPreview], Texts["Remove"]))
        {
            _failure = (await Remove.ExecuteAsync(new RemoveFromSetRequest(SetId, [item.ItemId]), await Actor.GetAsync(Lifetime), Lifetime)).Failure;
            await LoadAsync();
        }
    }
}

using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Samples;

/// <summary>What a set holds, or held in a version, message by message.</summary>
public sealed partial class SetItems
{
    private const int Take = 25;
    private const int ShownVersions = 6;

    private readonly LatestOnly _loads = new();
    private SetDetail? _given;
    private (int?, string?) _shown;
    private Page<SetItemRow>? _page;
    private Dictionary<long, IReadOnlyList<LabelRow>> _labels = [];
    private Dictionary<long, IReadOnlyList<SampleScoreRow>> _scores = [];
    private string? _metric;
    private Failure? _failure;

    [Parameter, EditorRequired]
    public SetDetail Set { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<SetVersionRow> Versions { get; set; } = [];

    /// <summary>A frozen version to show; none is the set as it is now.</summary>
    [Parameter]
    public int? Version { get; set; }

    /// <summary>The page, as the address has it.</summary>
    [Parameter]
    public string? At { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter]
    public EventCallback OnChanged { get; set; }

    private bool MayEdit => Version is null && Actor.May(Permissions.SetsEdit);

    protected override async Task OnParametersSetAsync()
    {
        // The page gives another record only after it read the set anew.
        if (!ReferenceEquals(_given, Set) || _shown != (Version, At))
        {
            (_given, _shown) = (Set, (Version, At));
            await LoadAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    private Task<bool> LoadAsync() => _loads.RunAsync(
        async token =>
        {
            var request = Paging.Read(At, Take);
            var page = Version is { } number ? await Items.OfVersionAsync(Set.Id, number, request, Actor, token) : await Items.OfSetAsync(Set.Id, request, Actor, token);
            var messages = page.Items.Select(i => i.MessageId).OfType<long>().Distinct().ToList();
            var samples = page.Items.Select(i => i.SampleId).ToList();
            var labels = await LabelsOf.OfMessagesAsync(messages, Actor, token);
            var scores = await ScoresOf.OfSamplesAsync(samples, Actor, token);
            return (page, labels: messages.ToDictionary(id => id, id => (IReadOnlyList<LabelRow>)[.. labels[id]]), scores: samples.ToDictionary(id => id, id => (IReadOnlyList<SampleScoreRow>)[.. scores[id]]));
        },
        loaded =>
        {
            (_page, _labels, _scores) = loaded;
            _metric = Telling([.. _scores.Values.SelectMany(rows => rows.Where(r => r.RunId == rows[0].RunId)).SelectMany(r => r.Scores)]);
        },
        Lifetime);

    /// <summary>The first metric that does not say the same of everything.</summary>
    private static string? Telling(IReadOnlyList<TrialScoreRow> scores) =>
        (scores.GroupBy(s => s.Metric).FirstOrDefault(m => m.Select(s => s.Value).OfType<double>().Distinct().Skip(1).Any()) ?? scores.GroupBy(s => s.Metric).FirstOrDefault())?.Key;

    private void Turn(PagerMove move) => Navigation.NavigateTo(SetPage.Address(Set.Id, version: Version, at: Paging.Write(move, _page!)), replace: true);

    private async Task AddAsync()
    {
        if (await AddQuestionsDialog.ShowAsync(Dialogs, Set))
        {
            await OnChanged.InvokeAsync();
        }
    }

    private async Task EditAsync(SetItemRow item)
    {
        if (await EditItemDialog.ShowAsync(Dialogs, new ItemPlace(Set.Id, item.ItemId, item.SampleId, item.Number)))
        {
            await OnChanged.InvokeAsync();
        }
    }

    private Task MoveByAsync(SetItemRow item, int step) => MoveAsync(item, item.Number + step);

    private async Task MoveAsync(SetItemRow item, int place)
    {
        _failure = (await Arrange.ExecuteAsync(new MoveItemRequest(Set.Id, item.ItemId, place), await Current.GetAsync(Lifetime), Lifetime)).Failure;
        await OnChanged.InvokeAsync();
    }

    private async Task MoveToAsync(SetItemRow item)
    {
        if (await MoveItemDialog.ShowAsync(Dialogs, item.Number) is { } place)
        {
            await MoveAsync(item, place);
        }
    }

    private async Task RemoveAsync(SetItemRow item)
    {
        var what = item.AnswerPreview.Length > 0 ? item.AnswerPreview : item.InputPreview;
        if (await ConfirmDialog.ShowAsync(Dialogs, Texts["RemoveItem", item.Number], Texts["RemoveItemText", what], Texts["Remove"]))
        {
            _failure = (await Remove.ExecuteAsync(new RemoveFromSetRequest(Set.Id, [item.ItemId]), await Current.GetAsync(Lifetime), Lifetime)).Failure;
            await OnChanged.InvokeAsync();
        }
    }
}

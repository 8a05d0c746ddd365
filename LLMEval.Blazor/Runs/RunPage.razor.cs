using System.Globalization;
using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Runs;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Runs;

public sealed partial class RunPage
{
    private const int Take = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly LatestOnly _loads = new();
    private readonly AddressDialog _dialog = new();
    private Actor _actor = Core.Common.Actor.Nobody;
    private RunDetail? _run;
    private IReadOnlyList<SummaryRow> _summary = [];
    private Page<RunItemRow>? _page;
    private Failure? _failure;
    private bool _isMissing;

    [Parameter]
    public long RunId { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? At { get; set; }

    /// <summary>Indexes of the targets shown, such as 0.2; none shows all.</summary>
    [SupplyParameterFromQuery(Name = "targets")]
    private string? ShownText { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    private string? StateText { get; set; }

    /// <summary>Index of the target that the others' words are compared with.</summary>
    [SupplyParameterFromQuery(Name = "against")]
    private int? AgainstIndex { get; set; }

    /// <summary>Position of the item whose dialog is open.</summary>
    [SupplyParameterFromQuery(Name = "item")]
    private int? Item { get; set; }

    [SupplyParameterFromQuery(Name = "trial")]
    private long? Trial { get; set; }

    private TrialState? Wanted => Enum.TryParse<TrialState>(StateText, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;

    private int? Against => AgainstIndex is { } index && index >= 0 && index < _run?.Progress.Count ? index : null;

    private IReadOnlyList<int> Shown
    {
        get
        {
            var all = Enumerable.Range(0, _run?.Progress.Count ?? 0).ToList();
            var chosen = (ShownText ?? "").Split('.').Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var i) ? i : -1).ToHashSet();
            return all.Exists(chosen.Contains) ? [.. all.Where(chosen.Contains)] : all;
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        await LoadAsync();
    }

    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender ? Task.WhenAll(PollAsync(), OpenAsync()) : OpenAsync();

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    private async Task OpenAsync()
    {
        if (_run is not null && await _dialog.ShowAsync(Item, Navigation, item => TrialDialog.ShowAsync(Dialogs, RunId, item, Trial), Lifetime))
        {
            Navigation.NavigateTo(Here(), replace: true);
        }
    }

    private async Task PollAsync()
    {
        using var timer = new PeriodicTimer(Interval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(Lifetime))
            {
                if (_run is { IsEnded: false })
                {
                    await LoadAsync();
                    StateHasChanged();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private Task<bool> LoadAsync() => _loads.RunAsync(
        async token =>
        {
            var run = await Runs.DetailAsync(RunId, _actor, token);
            var summary = run is { IsEnded: true } ? await Runs.SummaryAsync(RunId, _actor, token) : [];
            var page = await Items.PageAsync(RunId, Wanted, Paging.Read(At, Take), _actor, token);
            return (run, summary, page);
        },
        loaded => (_run, _summary, _page, _isMissing) = (loaded.run, loaded.summary, loaded.page, loaded.run is null),
        Lifetime);

    private string LabelOf(int index) => _run is { } run && index < run.Plan.Targets.Count ? run.Plan.Targets[index].Label : "";

    // Absent arguments keep what is shown; a changed filter begins at the first page.
    private string Here(string? shown, TrialState? state, int? against, string? at, int? item = null, long? trial = null) => Urls.With(
        Urls.Run(RunId), ("targets", shown), ("state", state?.ToString().ToLowerInvariant()), ("against", against), ("page", at), ("item", item), ("trial", trial));

    private string Here() => Here(ShownText, Wanted, Against, At);

    private string Here(TrialState? state) => Here(ShownText, state, Against, null);

    private string Here(int? against) => Here(ShownText, Wanted, against, At);

    private string ItemUrl(int position, long? trial) => Here(ShownText, Wanted, Against, At, position, trial);

    private void Show(IEnumerable<int>? targets)
    {
        var chosen = (targets ?? []).Order().ToList();
        var text = chosen.Count == 0 || chosen.Count == _run!.Progress.Count ? null : string.Join('.', chosen.Select(i => i.ToString(CultureInfo.InvariantCulture)));
        if (text != ShownText)
        {
            Navigation.NavigateTo(Here(text, Wanted, Against, At));
        }
    }

    private void Turn(PagerMove move) => Navigation.NavigateTo(Here(ShownText, Wanted, Against, Paging.Write(move, _page!)), replace: true);

    private async Task CancelAsync()
    {
        if (await ConfirmDialog.ShowAsync(Dialogs, Texts["CancelTitle"], Texts["CancelText", _run!.Name], Texts["CancelTitle"]))
        {
            _failure = (await Cancel.ExecuteAsync(RunId, await Actor.GetAsync(Lifetime), Lifetime)).Failure;
            await LoadAsync();
        }
    }

    private async Task RetryAsync()
    {
        _failure = (await Retry.ExecuteAsync(RunId, await Actor.GetAsync(Lifetime), Lifetime)).Failure;
        await LoadAsync();
    }

    private string Span(TimeSpan span) => span.TotalSeconds < 90 ? Texts["Seconds", Math.Max(1, (int)Math.Ceiling(span.TotalSeconds))]
        : span.TotalMinutes < 90 ? Texts["Minutes", (int)Math.Round(span.TotalMinutes)]
        : Texts["Hours", span.TotalHours.ToString("0.#", CultureInfo.CurrentCulture)];
}

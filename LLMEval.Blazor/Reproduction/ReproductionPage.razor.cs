using System.Globalization;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Targets;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace LLMEval.Blazor.Reproduction;

/// <summary>One reproduction task, live while it runs: what each version's answers say, what was sent, each generation, and what lies behind it.</summary>
public sealed partial class ReproductionPage
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly string[] Keys = ["j", "k", "g", "b", "u"];
    private Actor _actor = Core.Common.Actor.Nobody;
    private PageKeys? _keys;
    private ReproductionDetail? _task;
    private IReadOnlyList<CaseHistoryRow> _history = [];
    private GenerationDebug? _debug;
    private Failure? _failure;
    private Task? _watching;
    private int _shown;
    private int? _current;
    private int _more = 10;
    private bool _isMissing;
    private bool _isBusy;
    private bool _isFirst = true;

    [Parameter]
    public long TaskId { get; set; }

    private bool CanStart => _actor.May(Permissions.ReproductionsStart);

    protected override async Task OnParametersSetAsync()
    {
        if (_task?.Row.Id != TaskId)
        {
            (_debug, _current, _failure, _isFirst) = (null, null, null, true);
        }
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _keys = new PageKeys(key => InvokeAsync(() => PressAsync(key)));
            await _keys.ListenAsync(Script, Keys, new Dictionary<string, string>(), Lifetime);
        }
        if (_watching is null or { IsCompleted: true } && _task is { Row.IsEnded: false })
        {
            _watching = WatchAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_keys is not null)
        {
            await _keys.DisposeAsync();
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, Time);
        try
        {
            while (_task is { Row.IsEnded: false } && await timer.WaitForNextTickAsync(Lifetime))
            {
                await LoadAsync();
                await InvokeAsync(StateHasChanged);
            }
        }
        catch (OperationCanceledException) when (Lifetime.IsCancellationRequested)
        {
            // The page was left.
        }
    }

    private async Task LoadAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        _task = await Queries.DetailAsync(TaskId, _actor, Lifetime);
        _isMissing = _task is null;
        if (_task is null)
        {
            return;
        }
        if (_isFirst)
        {
            // The version that matters most: the candidate fix.
            (_shown, _isFirst) = (_task.Arms.Count - 1, false);
        }
        _history = await Queries.HistoryAsync(_task.Row.CaseKey, _actor, Lifetime);
    }

    private void Show(int armIndex) => (_shown, _debug, _current) = (armIndex, null, null);

    private async Task PressAsync(string key)
    {
        if (_task is null)
        {
            return;
        }
        var order = GenerationList.Order(_task.Arms[_shown]).Where(g => g.Status == ReplyStatus.Answered).ToList();
        if (order.Count == 0)
        {
            return;
        }
        var at = order.FindIndex(g => g.Index == _current);
        switch (key)
        {
            case "j" or "k":
                await GoAsync(order[Math.Clamp(at + (key == "j" ? 1 : -1), 0, order.Count - 1)]);
                break;
            case "g" or "b" or "u" when CanStart:
                var current = order[Math.Max(0, at)];
                await JudgeAsync(current, key switch { "g" => GenerationVerdict.Good, "b" => GenerationVerdict.Bad, _ => GenerationVerdict.Undecided });
                // On to the next one that waits for a verdict; the order does not change by judging.
                await GoAsync(order.Skip(Math.Max(0, at) + 1).FirstOrDefault(g => g.Verdict == GenerationVerdict.Undecided) ?? current);
                break;
        }
        StateHasChanged();
    }

    private async Task GoAsync(GenerationRow generation)
    {
        _current = generation.Index;
        await Script.InvokeVoidAsync("llmeval.scrollTo", Lifetime, [$"generation-{_shown}-{generation.Index}"]);
    }

    private async Task JudgeAsync(GenerationRow generation, GenerationVerdict verdict)
    {
        _current = generation.Index;
        _failure = (await Judge.ExecuteAsync(new JudgeGenerationRequest(TaskId, generation.ArmIndex, generation.Index, verdict), _actor, Lifetime)).Failure;
        await LoadAsync();
    }

    private async Task AcceptAsync(GenerationRow generation)
    {
        _failure = (await Accept.ExecuteAsync(new AcceptGenerationRequest(TaskId, generation.ArmIndex, generation.Index), _actor, Lifetime)).Failure;
        if (_failure is null)
        {
            Snackbar.Add(Texts["Accepted"], MudBlazor.Severity.Success);
        }
    }

    private async Task KeepAsync()
    {
        if (await RegressionDialog.ShowAsync(Dialogs, TaskId) is { } set)
        {
            Snackbar.Add(Texts["Kept", set.Name], MudBlazor.Severity.Success, options =>
            {
                options.Action = Texts["OpenSet"];
                options.OnClick = _ =>
                {
                    Navigation.NavigateTo(Urls.Set(set.Id));
                    return Task.CompletedTask;
                };
            });
        }
    }

    private async Task AgainAsync()
    {
        _isBusy = true;
        var again = await Start.ExecuteAsync(TaskId, _actor, Lifetime);
        (_isBusy, _failure) = (false, again.Failure);
        if (again.IsOk)
        {
            Navigation.NavigateTo(Urls.Reproduction(again.Value));
        }
    }

    private async Task ExtendAsync()
    {
        _isBusy = true;
        _failure = (await Extend.ExecuteAsync(new ExtendReproductionRequest(TaskId, _more), _actor, Lifetime)).Failure;
        _isBusy = false;
        await LoadAsync();
    }

    private async Task StopAsync()
    {
        _failure = (await Cancel.ExecuteAsync(TaskId, _actor, Lifetime)).Failure;
        await LoadAsync();
    }

    private async Task DebugAsync(int index) =>
        _debug = _debug?.Index == index && _debug.ArmIndex == _shown ? null : (await Queries.DebugAsync(TaskId, _shown, index, _actor, Lifetime)) is [var debug] ? debug : null;

    private static string Subtitle(ReproductionRow row) => row.MessageExternalId.Length > 0 ? $"{row.SessionExternalId} · {row.MessageExternalId}" : row.QuestionPreview;

    private static string Points(double share) => (share * 100).ToString("0.#", CultureInfo.CurrentCulture) + " %";

    private string CriterionText() => _task!.Criterion switch
    {
        { Kind: CriterionKind.SimilarToRecorded } c => Texts["Criterion_SimilarToRecordedAt", c.Threshold ?? 0],
        { Kind: CriterionKind.Contains } c => Texts["Criterion_ContainsOf", string.Join(", ", c.Any ?? [])],
        { Kind: CriterionKind.Regex } c => Texts["Criterion_RegexOf", c.Pattern ?? ""],
        { Kind: CriterionKind.Scorer } c => Texts["Criterion_ScorerOf", Codes.Metric(c.MetricName ?? ""), c.Threshold ?? 0],
        { Kind: CriterionKind.Judge } c => Texts["Criterion_JudgeOf", c.JudgeName ?? "", c.Rubric ?? ""],
        _ => Texts["Criterion_Person"],
    };
}

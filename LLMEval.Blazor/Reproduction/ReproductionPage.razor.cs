using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Reproduction;

/// <summary>One reproduction task, live while it runs: how often the bad answer came back, what was sent, each generation, and what lies behind it.</summary>
public sealed partial class ReproductionPage
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private Actor _actor = Core.Common.Actor.Nobody;
    private ReproductionDetail? _task;
    private GenerationDebug? _debug;
    private Failure? _failure;
    private bool _isMissing;

    [Parameter]
    public long TaskId { get; set; }

    protected override async Task OnParametersSetAsync() => await LoadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }
        using var timer = new PeriodicTimer(Interval, Time);
        try
        {
            while (!_isMissing && _task is not { Row.IsEnded: true } && await timer.WaitForNextTickAsync(Lifetime))
            {
                await LoadAsync();
                StateHasChanged();
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
    }

    private async Task JudgeAsync(GenerationRow generation, GenerationVerdict verdict)
    {
        _failure = (await Judge.ExecuteAsync(new JudgeGenerationRequest(TaskId, generation.Index, verdict), await Actor.GetAsync(Lifetime), Lifetime)).Failure;
        await LoadAsync();
    }

    private async Task StopAsync()
    {
        _failure = (await Cancel.ExecuteAsync(TaskId, await Actor.GetAsync(Lifetime), Lifetime)).Failure;
        await LoadAsync();
    }

    private async Task DebugAsync(int index) =>
        _debug = _debug?.Index == index ? null : (await Queries.DebugAsync(TaskId, index, _actor, Lifetime)) is [var debug] ? debug : null;

    private string CriterionText() => _task!.Criterion.Kind switch
    {
        CriterionKind.SimilarToRecorded => Texts["Criterion_SimilarToRecordedAt", _task.Criterion.Threshold ?? 0],
        CriterionKind.Contains => Texts["Criterion_ContainsOf", string.Join(", ", _task.Criterion.Any ?? [])],
        _ => Texts["Criterion_Person"],
    };
}

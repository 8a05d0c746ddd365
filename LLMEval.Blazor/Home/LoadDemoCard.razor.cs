using LLMEval.Core.Common;
using LLMEval.Core.Demo;

namespace LLMEval.Blazor.Home;

/// <summary>Walks the first journey for the person in front of it. Leaving the page stops it; pressing again goes on where it stopped.</summary>
public sealed partial class LoadDemoCard
{
    private static readonly int Steps = Enum.GetValues<DemoStep>().Length;
    private bool _isRunning;
    private DemoProgress _progress = new(DemoStep.Collect, 0, 0);
    private Failure? _failure;

    private double Percent => 100.0 * ((int)_progress.Step + (_progress.Of > 0 ? (double)_progress.Done / _progress.Of : 0)) / Steps;

    private async Task LoadAsync()
    {
        _isRunning = true;
        _failure = null;
        // Progress is raised on the worker's thread; the card's state is touched on the circuit's.
        var result = await Demo.ExecuteAsync(new DemoRequest(), await Actor.GetAsync(Lifetime), new Relay(p => _ = InvokeAsync(() => Show(p))), Lifetime);
        _isRunning = false;
        _failure = result.Failure;
        if (result.IsOk)
        {
            Navigation.NavigateTo(Urls.Run(result.Value!.Run.Id));
        }
    }

    private void Show(DemoProgress progress)
    {
        _progress = progress;
        StateHasChanged();
    }

    private sealed class Relay(Action<DemoProgress> handle) : IProgress<DemoProgress>
    {
        public void Report(DemoProgress value) => handle(value);
    }
}

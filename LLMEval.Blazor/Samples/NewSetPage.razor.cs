using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Samples;

/// <summary>A new set of what the pool shows: all of it, now and later, or some of it, drawn once.</summary>
public sealed partial class NewSetPage
{
    private enum Way { Rule, Random, Stratified, LabelBalanced, WorstScored }

    private readonly SetFormModel _model = new();
    private SampleView _view = SampleView.Everything;
    private Way _way = Way.Random;
    private int _size = 100;
    private int _seed = 1;
    private DrawStrata _strata;
    private string? _strataTag;
    private DrawAllocation _allocation;
    private string? _metric;
    private int? _count;
    private bool _isBusy;
    private Failure? _failure;

    /// <summary>The address of the pool whose samples are meant; all of it without one.</summary>
    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    private bool NeedsMetric => _way == Way.WorstScored || (_way == Way.Stratified && _allocation == DrawAllocation.Neyman);

    protected override async Task OnParametersSetAsync()
    {
        _view = ListAddress.Samples(From, Clock) ?? SampleView.Everything;
        var counted = await Pool.CountAsync(_view.WithRange(Clock), await Actor.GetAsync(Lifetime), Lifetime, all: true);
        (_count, _failure) = (counted.Value, counted.Failure);
    }

    private void Choose(Way way) => (_way, _failure) = (way, null);

    private string? At(string field) => Failures.Beside(_failure, field);

    private async Task<IEnumerable<string>> MetricsAsync(string? text, CancellationToken cancellationToken)
    {
        var known = await Runs.MetricsAsync(await Actor.GetAsync(cancellationToken), cancellationToken);
        return known.Where(m => string.IsNullOrWhiteSpace(text) || m == _metric || m.Contains(text, StringComparison.OrdinalIgnoreCase) || Codes.Metric(m).Contains(text, StringComparison.CurrentCultureIgnoreCase));
    }

    private async Task CreateAsync()
    {
        _isBusy = true;
        var filter = _view.WithRange(Clock);
        var actor = await Actor.GetAsync(Lifetime);
        if (_way == Way.Rule)
        {
            var created = await Create.ExecuteAsync(_model.ToRequest() with { Rule = filter }, actor, Lifetime);
            _failure = created.Failure;
            if (created.IsOk)
            {
                Navigation.NavigateTo(Urls.Set(created.Value), replace: true);
            }
        }
        else
        {
            var drawn = await Draw.ExecuteAsync(new DrawSetRequest(_model.ToRequest(), filter, Drawing()), actor, Lifetime);
            _failure = drawn.Failure;
            if (drawn.Value is { } made)
            {
                Snackbar.Add(Texts["Drawn", Numbers.Count(made.Drawn), Numbers.Count(made.PoolSize)], made.Drawn < _size ? Severity.Info : Severity.Success);
                Navigation.NavigateTo(Urls.Set(made.SetId), replace: true);
            }
        }
        _isBusy = false;
    }

    private SetDraw Drawing() => new(Enum.Parse<DrawRule>(_way.ToString()), _size, _seed)
    {
        Strata = _strata,
        StrataTag = _strata == DrawStrata.Tag ? _strataTag : null,
        Allocation = _allocation,
        Metric = NeedsMetric ? _metric : null,
    };
}

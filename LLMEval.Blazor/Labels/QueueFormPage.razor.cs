using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Labels;

/// <summary>A new queue of what a list shows, of chosen conversations or of chosen messages.</summary>
public sealed partial class QueueFormPage
{
    private readonly QueueFormModel _model = new();
    private PoolSource? _source;
    private QueueRule _rule = QueueRule.Random;
    private int _size = 100;
    private int _overlap = 1;
    private int _seed = 1;
    private bool _isBusy;
    private int _looked;
    private Failure? _failure;

    /// <summary>The address of the list whose filter is drawn from.</summary>
    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    /// <summary>Our ids, joined by commas; they go before <see cref="From"/>.</summary>
    [SupplyParameterFromQuery(Name = "sessions")]
    private string? SessionIds { get; set; }

    [SupplyParameterFromQuery(Name = "messages")]
    private string? MessageIds { get; set; }

    private string SourceText => _source switch
    {
        { MessageIds: { } ids } => Texts["FromChosenMessages", Numbers.Count(ids.Count)],
        { SessionIds: { } ids } => Texts["FromChosenSessions", Numbers.Count(ids.Count)],
        { Sessions: not null } => Texts["FromSessions"],
        _ => Texts["FromMessages"],
    };

    protected override void OnParametersSet()
    {
        From = From is null ? null : Urls.LocalOrHome(From);
        _source = ListAddress.Messages(From, SessionIds, MessageIds, Clock);
    }

    private bool IsAt(string field) => _failure?.Field == field;

    private string? ErrorAt(string field) => IsAt(field) ? Failures.Of(_failure!) : null;

    private async Task CreateAsync()
    {
        _isBusy = true;
        _looked = 0;
        var progress = new Progress<int>(looked => InvokeAsync(() =>
        {
            _looked = looked;
            StateHasChanged();
        }));
        var request = new CreateQueueRequest(
            _model.Name, _model.Instructions, _source!, _rule, _size, _overlap, [.. _model.Assignees.Select(a => a.UserId)], _model.IsBlind, _model.Consensus, _seed, From);
        var created = await Create.ExecuteAsync(request, await Actor.GetAsync(Lifetime), progress, Lifetime);
        _isBusy = false;
        _failure = created.Failure;
        if (created.Value is { } queue)
        {
            Navigation.NavigateTo(Urls.With(Urls.Queue(queue.QueueId), ("drawn", queue.Drawn), ("pool", queue.Pool), ("cut", queue.IsPoolCut ? 1 : null), ("uncertain", _rule == QueueRule.UncertainFirst ? queue.Uncertain : null)), replace: true);
        }
    }
}

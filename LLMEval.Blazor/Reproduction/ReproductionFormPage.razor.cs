using System.Globalization;
using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Statistics;
using LLMEval.Core.Targets;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace LLMEval.Blazor.Reproduction;

/// <summary>A bad case, from a message, a set's item or a run's answer, and how it is to be asked again.</summary>
public sealed partial class ReproductionFormPage
{
    private const int Offered = 30;
    private static readonly HashSet<string?> ShownFields = ["TargetVersionIds", "Times", "Comment", "Context", "Memory", .. CriterionFormModel.Fields];
    private readonly SortedDictionary<string, string> _overrides = new(StringComparer.Ordinal);
    private readonly List<TargetSnapshot> _targets = [];
    private CriterionFormModel _criterion = new();
    private CaseFormModel _model = new();
    private MudAutocomplete<TargetChoice>? _picker;
    private Actor _actor = Core.Common.Actor.Nobody;
    private ReproductionSource? _source;
    private ReproductionDraft? _draft;
    private Core.Statistics.Severity _severity = Core.Statistics.Severity.Minor;
    private int? _times;
    private bool _stopsEarly = true;
    private bool _hasErrors;
    private string? _comment;
    private string? _sessionId;
    private string? _msgId;
    private bool _isNotFound;
    private bool _isBusy;
    private Failure? _failure;

    [SupplyParameterFromQuery(Name = "message")]
    private long? MessageId { get; set; }

    [SupplyParameterFromQuery(Name = "sample")]
    private long? SampleId { get; set; }

    [SupplyParameterFromQuery(Name = "trial")]
    private long? TrialId { get; set; }

    private SeverityPlan Plan => SeverityPlan.Of(_severity);

    protected override async Task OnParametersSetAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        var source = new ReproductionSource(MessageId, SampleId, TrialId);
        if (source == _source)
        {
            return;
        }
        _source = source;
        _draft = null;
        if (source == new ReproductionSource())
        {
            return;
        }
        await LoadAsync(source);
        if (_draft?.Found.TargetVersionId is { } answered && _targets.Count == 0 && await TargetsOf.SnapshotAsync(answered, Lifetime) is { } target)
        {
            _targets.Add(target);
        }
    }

    private async Task LoadAsync(ReproductionSource source)
    {
        _draft = await Drafts.OfAsync(source, null, _actor, Lifetime);
        _isNotFound = _draft is null;
        if (_draft is not null)
        {
            _model = CaseFormModel.Of(_draft.Found);
            _criterion = CriterionFormModel.For(_draft);
        }
    }

    private async Task ReloadAsync(int contextLength)
    {
        if (await Drafts.OfAsync(_source!, contextLength, _actor, Lifetime) is { } draft)
        {
            _draft = draft;
            _model.Reset(draft.Found);
        }
    }

    private async Task FindAsync()
    {
        var id = await Drafts.FindAsync(_sessionId?.Trim() ?? "", _msgId?.Trim() ?? "", _actor, Lifetime);
        _isNotFound = id is null;
        if (id is not null)
        {
            Navigation.NavigateTo(Urls.NewReproduction(id));
        }
    }

    private async Task<IEnumerable<TargetChoice>> ChoicesAsync(string? text, CancellationToken cancellationToken) =>
        // The recorded answer would only repeat itself.
        (await TargetsOf.ChoicesAsync(text, Offered, _actor, cancellationToken)).Where(c => c.Connector != Connector.Recorded && _targets.TrueForAll(t => t.TargetVersionId != c.TargetVersionId));

    private async Task AddTargetAsync(TargetChoice? choice)
    {
        if (choice is not null && await TargetsOf.SnapshotAsync(choice.TargetVersionId, Lifetime) is { } target && _targets.TrueForAll(t => t.TargetVersionId != target.TargetVersionId))
        {
            _targets.Add(target);
        }
        if (_picker is not null)
        {
            await _picker.ResetAsync();
        }
    }

    private async Task StartAsync()
    {
        _isBusy = true;
        _failure = null;
        var request = new ReproductionRequest(_source!, [.. _targets.Select(t => t.TargetVersionId)], _criterion.ToCriterion())
        {
            Times = _times,
            Severity = _severity,
            StopsEarly = _stopsEarly,
            Overrides = JsonSerializer.SerializeToElement(_overrides.ToDictionary(o => o.Key, o => JsonElement.Parse(o.Value))),
            ContextLength = _model.ContextLength,
            Context = _model.ToContext(),
            Memory = _model.ToMemory(),
            Comment = _comment,
        };
        var result = await Verb.ExecuteAsync(request, _actor, Lifetime);
        _isBusy = false;
        _failure = result.Failure;
        if (result.IsOk)
        {
            Navigation.NavigateTo(Urls.Reproduction(result.Value));
        }
    }

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.CurrentCulture) + " %";

    private bool IsAt(string field) => _failure?.Field == field;

    private string? ErrorAt(string field) => IsAt(field) ? Failures.Of(_failure!) : null;
}

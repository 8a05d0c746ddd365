using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Targets;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Runs;

public sealed partial class RunFormPage
{
    private const string RecordedName = "recorded";
    private const int Offered = 30;
    private const int OfferedTargets = 200;
    private static readonly string[] Fields =
    [
        nameof(RunRequest.SetId), nameof(RunRequest.SetVersion), nameof(RunRequest.Name), nameof(RunRequest.TargetVersionIds), nameof(RunRequest.Scorers), nameof(RunRequest.Epochs), nameof(RunRequest.MaxParallel),
    ];

    private readonly HashSet<long> _chosen = [];
    private readonly Dictionary<string, Failure> _scorerProblems = new(StringComparer.Ordinal);
    private IReadOnlyList<ScorerChoice> _scorers = [];
    private IReadOnlyList<TargetChoice>? _choices;
    private IReadOnlyList<SetVersionRow> _versions = [];
    private SetRow? _set;
    private string? _name;
    private int _epochs = 1;
    private int _seed;
    private int? _maxParallel;
    private Failure? _failure;
    private bool _isSetMissing;
    private bool _isBusy;
    private bool _mayEditTargets;

    [SupplyParameterFromQuery(Name = "set")]
    private long? SetId { get; set; }

    /// <summary>None freezes the set as it is when the run starts.</summary>
    [SupplyParameterFromQuery(Name = "version")]
    private int? Version { get; set; }

    private int ItemCount => _versions.FirstOrDefault(v => v.Number == Version)?.ItemCount ?? _set?.ItemCount ?? 0;

    private long TrialCount => (long)ItemCount * _chosen.Count * _epochs;

    private bool IsBeside => _failure?.Field is { } named && Fields.Contains(named);

    private bool MayAddRecorded => _mayEditTargets && _choices?.All(c => c.Connector != Connector.Recorded) == true;

    private string? SetProblem => _isSetMissing ? Texts["ChooseSet"] : At(nameof(RunRequest.SetId));

    protected override void OnInitialized() => _scorers = [.. Scorers.All.Select(s => new ScorerChoice(s))];

    protected override async Task OnParametersSetAsync()
    {
        var actor = await Actor.GetAsync(Lifetime);
        _mayEditTargets = actor.May(Permissions.TargetsEdit);
        _choices ??= await Targets.ChoicesAsync(null, OfferedTargets, actor, Lifetime);
        if (SetId is not { } id)
        {
            (_set, _versions) = (null, []);
        }
        else if (_set?.Id != id && await Sets.DetailAsync(id, actor, Lifetime) is { } set)
        {
            _set = new SetRow(set.Id, set.Name, set.Purpose, set.ContextLength, set.ItemCount, set.NewestVersion, set.OwnerName, set.CreatedAt, set.UpdatedAt);
            _versions = await Sets.VersionsAsync(id, actor, Lifetime);
        }
    }

    private async Task<IEnumerable<SetRow>> FindSetsAsync(string? text, CancellationToken cancellationToken) =>
        (await Sets.PageAsync(new SetFilter(text == _set?.Name ? null : text), new PageRequest(Take: Offered), await Actor.GetAsync(cancellationToken), cancellationToken)).Items;

    private void ChooseSet(SetRow? set)
    {
        _isSetMissing = false;
        Navigation.NavigateTo(Urls.NewRun(set?.Id), replace: true);
    }

    private void ChooseVersion(int? version) => Navigation.NavigateTo(Urls.NewRun(SetId, version), replace: true);

    private string VersionText(int? number) => _versions.FirstOrDefault(v => v.Number == number) is { } version
        ? Texts["FrozenVersion", version.Number, Infrastructure.Numbers.Count(version.ItemCount)]
        : Texts["FreezeNow"];

    private void Choose(TargetChoice choice, bool isWanted)
    {
        if (isWanted)
        {
            _chosen.Add(choice.TargetVersionId);
        }
        else
        {
            _chosen.Remove(choice.TargetVersionId);
        }
    }

    private async Task AddRecordedAsync()
    {
        var actor = await Actor.GetAsync(Lifetime);
        var added = await AddTarget.ExecuteAsync(new TargetRequest(RecordedName, null, Connector.Recorded, new TargetVersionRequest()), actor, Lifetime);
        _failure = added.Failure;
        _choices = await Targets.ChoicesAsync(null, OfferedTargets, actor, Lifetime);
        if (added.IsOk)
        {
            _chosen.Add(added.Value);
        }
    }

    private string? At(string field) => _failure is { Code: "NumberOutOfRange", Field: nameof(RunRequest.TargetVersionIds) or nameof(RunRequest.Scorers) } && _failure.Field == field
        ? Texts[$"Choose_{field}"]
        : Failures.Beside(_failure, field);

    private async Task StartAsync()
    {
        (_failure, _isSetMissing) = (null, _set is null);
        _scorerProblems.Clear();
        var specs = _scorers.Where(s => s.IsWanted).Select(s => (s.Descriptor.Kind, Result: s.Specify(Scorers))).ToList();
        foreach (var (kind, result) in specs.Where(s => !s.Result.IsOk))
        {
            _scorerProblems[kind] = result.Failure!;
        }
        if (_isSetMissing || _scorerProblems.Count > 0)
        {
            return;
        }
        _isBusy = true;
        // In the order shown, so that columns of results stand as they were chosen from.
        var targets = _choices!.Select(c => c.TargetVersionId).Where(_chosen.Contains).ToList();
        var request = new RunRequest(_set!.Id, Version, targets, [.. specs.Select(s => s.Result.Value!)], _epochs, _seed, _maxParallel, _name);
        var started = await Start.ExecuteAsync(request, await Actor.GetAsync(Lifetime), Lifetime);
        (_isBusy, _failure) = (false, started.Failure);
        if (started.IsOk)
        {
            Navigation.NavigateTo(Urls.Run(started.Value));
        }
    }
}

using System.Text.Json;
using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Targets;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Reproduction;

public sealed partial class ReproductionFormPage
{
    private const int DefaultTimes = 10;
    private const int Offered = 20;
    private static readonly string[] ShownFields = ["TargetVersionId", "Times", "Threshold", "Any"];
    private static readonly string[] CommonKeys = ["temperature", "top_p", "max_tokens", "seed"];
    private readonly SortedDictionary<string, string> _overrides = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = [];
    private ReproductionDraft? _draft;
    private JsonElement? _recorded;
    private TargetSnapshot? _target;
    private CriterionKind _kind;
    private double _threshold = Criterion.DefaultThreshold;
    private string? _texts;
    private int _times = DefaultTimes;
    private string? _sessionId;
    private string? _msgId;
    private bool _isNotFound;
    private bool _isBusy;
    private Failure? _failure;

    [SupplyParameterFromQuery(Name = "message")]
    private long? MessageId { get; set; }

    private IEnumerable<string> Keys => CommonKeys.Concat(KeysOf(_recorded)).Concat(KeysOf(_target?.Parameters)).Distinct(StringComparer.Ordinal);

    protected override async Task OnParametersSetAsync()
    {
        if (MessageId is not { } id || _draft?.Turn.MessageId == id)
        {
            return;
        }
        _draft = await Drafts.OfMessageAsync(id, await Actor.GetAsync(Lifetime), Lifetime);
        _isNotFound = _draft is null;
        _recorded = _draft?.Turn.ParametersJson is { } json ? JsonElement.Parse(json) : null;
    }

    private async Task FindAsync()
    {
        var id = await Drafts.FindAsync(_sessionId?.Trim() ?? "", _msgId?.Trim() ?? "", await Actor.GetAsync(Lifetime), Lifetime);
        _isNotFound = id is null;
        if (id is not null)
        {
            Navigation.NavigateTo(Urls.NewReproduction(id));
        }
    }

    private void Choose(TargetSnapshot? target) => _target = target;

    private async Task<IEnumerable<TargetSnapshot>> VersionsAsync(string? text, CancellationToken cancellationToken)
    {
        var actor = await Actor.GetAsync(cancellationToken);
        var page = await TargetsOf.PageAsync(text == _target?.Label ? null : text?.Split('@')[0], new PageRequest(Take: Offered), actor, cancellationToken);
        var versions = new List<TargetSnapshot>();
        // The recorded answer would only repeat itself.
        foreach (var row in page.Items.Where(t => t.Connector != Connector.Recorded))
        {
            for (var number = row.LatestNumber; number > 0 && number > row.LatestNumber - 5; number--)
            {
                if ((await TargetsOf.FindVersionAsync($"{row.Name}@{number}", actor, cancellationToken)).Value is { } version)
                {
                    versions.Add(version);
                }
            }
        }
        return versions;
    }

    private void SetOverride(string key, string? text)
    {
        _unreadable.Remove(key);
        if (string.IsNullOrWhiteSpace(text))
        {
            _overrides.Remove(key);
            return;
        }
        _overrides[key] = text;
        try
        {
            JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            _unreadable.Add(key);
        }
    }

    private async Task StartAsync()
    {
        _isBusy = true;
        var criterion = _kind switch
        {
            CriterionKind.SimilarToRecorded => Criterion.SimilarToRecorded(_threshold),
            CriterionKind.Contains => Criterion.Contains((_texts ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
            _ => Criterion.Person,
        };
        var overrides = JsonSerializer.SerializeToElement(_overrides.ToDictionary(o => o.Key, o => JsonElement.Parse(o.Value)));
        var result = await Verb.ExecuteAsync(new ReproductionRequest(_draft!.Turn.MessageId, _target!.TargetVersionId, _times, criterion, overrides), await Actor.GetAsync(Lifetime), Lifetime);
        _isBusy = false;
        _failure = result.Failure;
        if (result.IsOk)
        {
            Navigation.NavigateTo(Urls.Reproduction(result.Value));
        }
    }

    private bool IsAt(string field) => _failure?.Field == field;

    private string? ErrorAt(string field) => IsAt(field) ? Failures.Of(_failure!) : null;

    private static IEnumerable<string> KeysOf(JsonElement? json) => json is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject().Select(p => p.Name) : [];

    private static string? Value(JsonElement? json, string key) => json is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(key, out var value) ? value.GetRawText() : null;
}

using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Reproduction;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Reproduction;

/// <summary>All reproduction tasks, newest first; what is shown is in the address.</summary>
public sealed partial class ReproductionsPage
{
    private const int Take = 50;
    private readonly LatestOnly _loads = new();
    private Actor _actor = Core.Common.Actor.Nobody;
    private Page<ReproductionRow>? _page;
    private RangeQuery _range = new(RangeQuery.Everything, null, null);

    [SupplyParameterFromQuery(Name = "state")]
    private string? StateText { get; set; }

    [SupplyParameterFromQuery(Name = "verdict")]
    private string? VerdictText { get; set; }

    [SupplyParameterFromQuery(Name = "robot")]
    private string? Robot { get; set; }

    [SupplyParameterFromQuery(Name = "person")]
    private string? Person { get; set; }

    [SupplyParameterFromQuery(Name = "range")]
    private string? RangeText { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? FromText { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? ToText { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? At { get; set; }

    private ReproductionState? Wanted => Read<ReproductionState>(StateText);

    private ReproductionVerdict? Verdict => Read<ReproductionVerdict>(VerdictText);

    private bool IsFiltered => Wanted is not null || Verdict is not null || !string.IsNullOrEmpty(Robot) || !string.IsNullOrEmpty(Person) || _range.Preset != RangeQuery.Everything;

    protected override async Task OnParametersSetAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        _range = RangeQuery.Read(key => key switch { "range" => RangeText, "from" => FromText, "to" => ToText, _ => null }, Clock, RangeQuery.Everything, []);
        var filter = new ReproductionFilter(Wanted, Robot) { Verdict = Verdict, Person = Person, Started = _range.ToRange(Clock) };
        await _loads.RunAsync(token => Queries.PageAsync(filter, Paging.Read(At, Take), _actor, token), page => _page = page, Lifetime);
    }

    protected override void Dispose(bool disposing)
    {
        _loads.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>What is shown, with one part changed; a change of a filter goes back to the first page.</summary>
    private void Show(params ReadOnlySpan<(string Key, object? Value)> changed)
    {
        var all = new Dictionary<string, object?> { ["state"] = StateText, ["verdict"] = VerdictText, ["robot"] = Robot, ["person"] = Person };
        foreach (var (key, value) in _range.Write(Clock, RangeQuery.Everything))
        {
            all[key] = value;
        }
        foreach (var (key, value) in changed)
        {
            all[key] = value;
        }
        Navigation.NavigateTo(Urls.With(Urls.Reproductions, [.. all.Select(a => (a.Key, a.Value))]), replace: all.ContainsKey("page"));
    }

    private void ShowRange(RangeQuery range)
    {
        var written = range.Write(Clock, RangeQuery.Everything).ToArray();
        Show(written);
    }

    private DateTime? Local(DateTime? utc) => utc is { } time ? Clock.ToZone(time) : null;

    private DateTime? Utc(DateTime? local) => local is { } time ? Clock.ToUtc(time) : null;

    private static T? Read<T>(string? text) where T : struct, Enum => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;
}

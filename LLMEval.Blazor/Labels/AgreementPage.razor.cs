using System.Globalization;
using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Statistics;
using Microsoft.AspNetCore.Components;

namespace LLMEval.Blazor.Labels;

/// <summary>How far people agree, in all and between any two of them, and what lies behind each number.</summary>
public sealed partial class AgreementPage
{
    private const int Take = 20;
    private AgreementDetail? _detail;
    private AgreementFilter? _shown;
    private QueueRow? _queue;
    private PairAgreement? _pair;
    private Page<DisagreementRow>? _cell;
    private Verdict _first;
    private Verdict _second;
    private bool _isLoaded;

    [SupplyParameterFromQuery(Name = "queue")]
    private long? Queue { get; set; }

    [SupplyParameterFromQuery(Name = "robot")]
    private string? Robot { get; set; }

    [SupplyParameterFromQuery(Name = "tag")]
    private string? Tag { get; set; }

    /// <summary>A cell of a pair's matrix: first person, what they said, second person, what they said, joined by dots.</summary>
    [SupplyParameterFromQuery(Name = "cell")]
    private string? Cell { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? At { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var actor = await Actor.GetAsync(Lifetime);
        var filter = new AgreementFilter(Queue, Robot, Tag);
        if (filter != _shown)
        {
            _queue = Queue is { } id ? await Queues.RowAsync(id, actor, Lifetime) : null;
            _detail = await Queries.DetailAsync(filter, actor, Lifetime);
            (_shown, _isLoaded) = (filter, true);
        }
        _cell = null;
        if (Cell?.Split('.') is [var a, var x, var b, var y]
            && long.TryParse(a, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var first) && long.TryParse(b, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var second)
            && Enum.TryParse(x, true, out _first) && Enum.TryParse(y, true, out _second) && _detail?.Pairs.FirstOrDefault(p => p.First.Id == first && p.Second.Id == second) is { } pair)
        {
            _pair = pair;
            _cell = await Queries.CellAsync(filter, first, _first, second, _second, Paging.Read(At, Take), actor, Lifetime);
        }
    }

    private static int Count(PairAgreement pair, Verdict first, Verdict second) => (first, second) switch
    {
        (Verdict.Good, Verdict.Good) => pair.GoodGood,
        (Verdict.Good, Verdict.Bad) => pair.GoodBad,
        (Verdict.Bad, Verdict.Good) => pair.BadGood,
        _ => pair.BadBad,
    };

    private static string Figure(AgreementFigure figure) => Numbers.WithInterval(figure.Value, figure.Low, figure.High);

    private static string Percent(AgreementFigure figure) => figure switch
    {
        { Value: { } value, Low: { } low, High: { } high } => string.Create(CultureInfo.CurrentCulture, $"{value * 100:0.#} % [{low * 100:0.#}, {high * 100:0.#}]"),
        { Value: { } value } => string.Create(CultureInfo.CurrentCulture, $"{value * 100:0.#} %"),
        _ => Numbers.None,
    };

    // Where nearly all verdicts are of one kind, kappa and alpha punish what chance cannot explain; AC does not.
    private static bool IsParadox(AgreementReport report) => report is { Observed.Value: >= 0.7, GwetAc.Value: { } ac, Fleiss.Value: { } kappa } && ac - kappa > 0.25;

    private string Here(string? robot, string? tag) => Urls.With(Urls.Agreement, ("queue", Queue), ("robot", robot), ("tag", tag));

    private string CellUrl(PairAgreement pair, Verdict first, Verdict second, string? page) =>
        Urls.With(Here(Robot, Tag), ("cell", string.Create(CultureInfo.InvariantCulture, $"{pair.First.Id}.{first.ToString().ToLowerInvariant()}.{pair.Second.Id}.{second.ToString().ToLowerInvariant()}")), ("page", page)) + "#cell";

    private void TurnCell(PagerMove move) => Navigation.NavigateTo(CellUrl(_pair!, _first, _second, Paging.Write(move, _cell!)), replace: true);
}

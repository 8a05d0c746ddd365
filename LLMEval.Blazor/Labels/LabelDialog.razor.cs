using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace LLMEval.Blazor.Labels;

/// <param name="Labels">All labels of the message, one's own among them.</param>
public sealed record LabelInput(long MessageId, IReadOnlyList<LabelRow> Labels, Verdict Verdict);

public sealed class LabelFormModel
{
    public Verdict Verdict { get; set; }
    public string? GroundTruth { get; set; }
    public string? Prediction { get; set; }
    public double? Score { get; set; }
    public IReadOnlyList<string> Tags { get; set; } = [];
    public string? Comment { get; set; }
}

/// <summary>One's own label of a bot message in full.</summary>
public sealed partial class LabelDialog
{
    private static readonly string[] ErrorFields = ["ground_truth", "prediction", "score", "tags", "comment"];
    private readonly LabelFormModel _model = new();
    private int _version;
    private bool _isBusy;
    private Failure? _failure;
    private LabelRow? _theirs;
    private LabelForm _form = new(ScoreScale.ZeroToTen, [], "");
    private Actor _actor = Core.Common.Actor.Nobody;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public LabelInput Input { get; set; } = default!;

    private double Low => _form.Scale.Bounds().Low;

    private double High => _form.Scale.Bounds().High;

    private double Step => _form.Scale.Bounds().Step;

    private IEnumerable<LabelRow> Others => Input.Labels.Where(l => l.AnnotatorId != _actor.UserId);

    /// <summary>True when something was stored or retracted.</summary>
    public static async Task<bool> ShowAsync(IDialogService dialogs, LabelInput input)
    {
        var dialog = await dialogs.ShowAsync<LabelDialog>(null, new DialogParameters<LabelDialog> { { d => d.Input, input } }, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        return await dialog.Result is { Canceled: false };
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        _form = await Settings.OfMessageAsync(Input.MessageId, _actor, Lifetime) ?? _form;
        Fill(Input.Labels.FirstOrDefault(l => l.AnnotatorId == _actor.UserId));
        _model.Verdict = Input.Verdict;
    }

    private void Fill(LabelRow? own)
    {
        _version = own?.Version ?? 0;
        _model.Verdict = own?.Verdict ?? Input.Verdict;
        _model.GroundTruth = own?.GroundTruth;
        _model.Prediction = own?.Prediction ?? _form.Answer;
        _model.Score = own?.Score;
        _model.Tags = own?.Tags ?? [];
        _model.Comment = own?.Comment;
    }

    private bool IsAt(string field) => _failure?.Field == field;

    private string? ErrorAt(string field) => IsAt(field) ? Failures.Of(_failure!) : null;

    private async Task SaveAsync(int expectedVersion)
    {
        _isBusy = true;
        var result = await Verb.ExecuteAsync(
            new LabelRequest(Input.MessageId, _model.Verdict, _model.Score, _model.GroundTruth, _model.Prediction, _model.Tags, _model.Comment, expectedVersion), await Actor.GetAsync(Lifetime), Lifetime);
        _isBusy = false;
        _failure = result.Failure;
        if (_failure is null)
        {
            Dialog.Close(true);
        }
        else if (_failure.Kind == FailureKind.Conflict)
        {
            _theirs = (await Queries.OfMessagesAsync([Input.MessageId], _actor, Lifetime))[Input.MessageId].FirstOrDefault(l => l.AnnotatorId == _actor.UserId);
        }
    }

    private void TakeTheirs()
    {
        Fill(_theirs);
        _theirs = null;
        _failure = null;
    }

    private async Task RetractAsync()
    {
        _isBusy = true;
        var result = await Retract.ExecuteAsync(Input.MessageId, _version, await Actor.GetAsync(Lifetime), Lifetime);
        _isBusy = false;
        _failure = result.Failure;
        if (_failure is null)
        {
            Dialog.Close(true);
        }
    }

    private async Task KeyAsync(KeyboardEventArgs e)
    {
        if (e is { CtrlKey: true, Key: "Enter" } && !_isBusy)
        {
            await SaveAsync(_version);
        }
    }

    private async Task<IEnumerable<string>> TagsAsync(string? text, CancellationToken cancellationToken)
    {
        var typed = text?.Trim() ?? "";
        var used = await Queries.TagsAsync(50, _actor, cancellationToken);
        var common = _form.Issues.Count > 0 ? _form.Issues.Select(i => i.Name) : CommonIssues.Names(Texts);
        var offered = common.Concat(used).Distinct().Where(t => t.Contains(typed, StringComparison.CurrentCultureIgnoreCase)).ToList();
        return typed.Length == 0 || offered.Contains(typed) ? offered : offered.Append(typed);
    }
}

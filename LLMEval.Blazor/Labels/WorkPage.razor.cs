using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Common;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace LLMEval.Blazor.Labels;

/// <summary>One message of a queue after another, by keyboard; the one after is fetched while a person thinks.</summary>
public sealed partial class WorkPage
{
    private const string FixedKeys = "gbsz?0123456789";
    private static readonly Dictionary<string, string> FieldKeys = new() { ["t"] = ".work-truth textarea", ["c"] = ".work-comment textarea" };
    private readonly LabelFormModel _model = new();
    private readonly Stack<long> _answered = new();
    private PageKeys? _keys;
    private string _listened = "";
    private QueueRow? _queue;
    private string? _instructions;
    private WorkItem? _item;
    private Task<WorkItem?>? _next;
    private WorkItem? _put;
    private LabelRow? _theirs;
    private Verdict? _verdict;
    private int _version;
    private DateTime _shownAt;
    private bool _isMissing;
    private bool _isLoaded;
    private bool _isBusy;
    private bool _isVerdictMissing;
    private bool _mustScroll;
    private Failure? _failure;
    private Actor _actor = Core.Common.Actor.Nobody;

    [Parameter]
    public long Id { get; set; }

    private (double Low, double High, double Step) Bounds => (_item?.Form.Scale ?? ScoreScale.ZeroToTen).Bounds();

    private IReadOnlyList<LabelIssueRow> Issues =>
        _item is { Form.Issues: { Count: > 0 } issues } ? issues : [.. CommonIssues.Names(Texts).Select(name => new LabelIssueRow(name, null))];

    protected override async Task OnInitializedAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        _queue = await Queries.RowAsync(Id, _actor, Lifetime);
        _isMissing = _queue is null;
        if (_queue is not null)
        {
            _instructions = await Queries.InstructionsAsync(Id, _actor, Lifetime);
            await NextAsync();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var wanted = FixedKeys + string.Concat(Issues.Select(i => i.Shortcut));
        if (_item is not null && wanted != _listened)
        {
            _listened = wanted;
            _keys ??= new PageKeys(key => InvokeAsync(() => PressAsync(key)));
            await _keys.ListenAsync(Script, [.. wanted.Select(c => c.ToString())], FieldKeys, Lifetime);
        }
        if (_mustScroll)
        {
            _mustScroll = false;
            await Script.InvokeVoidAsync("llmeval.scrollToEnd", Lifetime, ["work-context"]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_keys is not null)
        {
            await _keys.DisposeAsync();
        }
        // Nobody shall wait a quarter of an hour for what this person does not look at any more.
        var held = await HeldAsync();
        if (held.Count > 0)
        {
            await Claim.ReleaseAsync(Id, held, _actor, CancellationToken.None);
        }
    }

    private async Task<List<long>> HeldAsync()
    {
        WorkItem? fetched = null;
        try
        {
            fetched = _next is null ? null : await _next;
        }
        catch (OperationCanceledException)
        {
            // It was being fetched when the page went.
        }
        return [.. new[] { _item, _put, fetched }.OfType<WorkItem>().Select(i => i.SlotId)];
    }

    private async Task<WorkItem?> FetchAsync(params long[] held)
    {
        var claim = await Claim.ExecuteAsync(Id, held, _actor, Lifetime);
        if (claim.Failure is not null)
        {
            _failure = claim.Failure;
            return null;
        }
        return claim.Value is { } slot ? await Work.ReadAsync(slot.SlotId, _actor, Lifetime) : null;
    }

    private async Task NextAsync()
    {
        _failure = null;
        var next = _put ?? (_next is null ? null : await _next);
        // What was fetched a while ago may be there no more; an empty answer may be out of date.
        next ??= await FetchAsync();
        if (_put is null)
        {
            _next = null;
        }
        _put = null;
        Show(next);
        _queue = await Queries.RowAsync(Id, _actor, Lifetime) ?? _queue;
        _isLoaded = true;
        if (next is not null && _next is null)
        {
            _next = FetchAsync(next.SlotId);
        }
    }

    private void Show(WorkItem? item)
    {
        _item = item;
        (_verdict, _version, _theirs, _isVerdictMissing) = (item?.Own?.Verdict, item?.Own?.Version ?? 0, null, false);
        (_model.Score, _model.GroundTruth, _model.Prediction) = (item?.Own?.Score, item?.Own?.GroundTruth, item?.Own?.Prediction ?? item?.Message.Answer);
        (_model.Tags, _model.Comment) = (item?.Own?.Tags ?? [], item?.Own?.Comment);
        _shownAt = Clock.UtcNow;
        _mustScroll = item is not null;
    }

    private async Task PressAsync(string key)
    {
        if (_isBusy || _item is null)
        {
            return;
        }
        switch (key)
        {
            case "Enter":
                await SubmitAsync(_version);
                break;
            case "g" or "b":
                (_verdict, _isVerdictMissing) = (key == "g" ? Verdict.Good : Verdict.Bad, false);
                break;
            case "s":
                await SkipAsync();
                break;
            case "z":
                await UndoAsync();
                break;
            case "?":
                await HelpAsync();
                break;
            case [>= '0' and <= '9' and var digit]:
                _model.Score = _item.Form.Scale.OfDigit(digit - '0') ?? _model.Score;
                break;
            default:
                if (Issues.FirstOrDefault(i => i.Shortcut == key) is { } issue)
                {
                    Toggle(issue.Name);
                }
                break;
        }
        StateHasChanged();
    }

    private async Task SubmitAsync(int expectedVersion)
    {
        if (_isBusy || _item is not { } item)
        {
            return;
        }
        _isVerdictMissing = _verdict is null;
        if (_verdict is not { } verdict)
        {
            return;
        }
        _isBusy = true;
        var label = new LabelRequest(item.Message.MessageId, verdict, _model.Score, _model.GroundTruth, _model.Prediction, _model.Tags, _model.Comment, expectedVersion);
        var answered = await Answer.ExecuteAsync(new SlotAnswer(item.SlotId, label, Clock.UtcNow - _shownAt), await Actor.GetAsync(Lifetime), Lifetime);
        _failure = answered.Failure;
        if (answered.Failure is { Kind: FailureKind.Conflict })
        {
            _theirs = (await Work.ReadAsync(item.SlotId, _actor, Lifetime))?.Own;
            _failure = _theirs is null ? _failure : null;
        }
        else if (answered.Failure is null)
        {
            _answered.Push(item.SlotId);
            if (!answered.Value!.IsCounted)
            {
                Snackbar.Add(Texts["NotCounted"], Severity.Info);
            }
            await NextAsync();
        }
        _isBusy = false;
    }

    private async Task SkipAsync()
    {
        if (_item is not { } item || await SkipDialog.ShowAsync(Dialogs) is not { } reason)
        {
            return;
        }
        var skipped = await Skip.ExecuteAsync(item.SlotId, reason, await Actor.GetAsync(Lifetime), Lifetime);
        if (skipped.Failure is { } failure)
        {
            _failure = failure;
        }
        else
        {
            await NextAsync();
        }
        StateHasChanged();
    }

    private async Task UndoAsync()
    {
        if (_isBusy || !_answered.TryPop(out var slotId))
        {
            return;
        }
        _isBusy = true;
        var undone = await Undo.ExecuteAsync(slotId, await Actor.GetAsync(Lifetime), Lifetime);
        _failure = undone.Failure;
        if (undone.Value is not null && await Work.ReadAsync(slotId, _actor, Lifetime) is { } item)
        {
            _put = _item ?? _put;
            Show(item);
            _queue = await Queries.RowAsync(Id, _actor, Lifetime) ?? _queue;
        }
        _isBusy = false;
    }

    private void Toggle(string issue) => _model.Tags = _model.Tags.Contains(issue) ? [.. _model.Tags.Where(t => t != issue)] : [.. _model.Tags, issue];

    private Task HelpAsync() => KeysDialog.ShowAsync(Dialogs, Issues);

    private bool IsAt(string field) => _failure?.Field == field;

    private string? ErrorAt(string field) => IsAt(field) ? Failures.Of(_failure!) : null;
}

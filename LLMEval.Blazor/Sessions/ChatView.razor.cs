using System.Text.Json;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Labels;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace LLMEval.Blazor.Sessions;

/// <summary>A conversation, read in windows from where it was opened towards both ends, with labels, memory and generation records.</summary>
public sealed partial class ChatView
{
    private const int WindowSize = 60;
    private const int Before = 10;
    private readonly List<TranscriptMessage> _messages = [];
    private readonly Dictionary<long, List<LabelRow>> _byMessage = [];
    private ILookup<long, LabelRow> _labels = Array.Empty<LabelRow>().ToLookup(l => l.MessageId);
    private IReadOnlyList<MemoryRow> _memory = [];
    private SessionDetail? _session;
    private TranscriptMessage? _selected;
    private Actor _actor = Core.Common.Actor.Nobody;
    private bool _isMissing;
    private bool _hasEarlier;
    private bool _hasLater;
    private bool _isDescending;
    private bool _onlyWindow;
    private bool _mayLabel;
    private bool _maySample;
    private bool _mayReproduce;
    private long? _scrollTo;
    private DateTime? _fromUtc;
    private DateTime? _toUtc;
    private readonly Stack<TranscriptMessage> _changed = new();
    private PageKeys? _keys;
    private string? _found;
    private bool _isNotFound;

    [Parameter, EditorRequired]
    public ChatInput Input { get; set; } = default!;

    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_keys is not null)
        {
            await _keys.DisposeAsync();
        }
    }

    private bool HasWindow => _fromUtc is not null || _toUtc is not null;

    private IEnumerable<TranscriptMessage> Shown
    {
        get
        {
            var shown = _onlyWindow ? _messages.Where(IsInWindow) : _messages;
            return _isDescending ? shown.Reverse() : shown;
        }
    }

    protected override async Task OnInitializedAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        _session = await Sessions.DetailAsync(Input.SessionId, _actor, Lifetime);
        if (_session is null)
        {
            _isMissing = true;
            return;
        }
        _mayLabel = _actor.May(Permissions.LabelsWrite);
        _maySample = _actor.May(Permissions.SetsEdit);
        _mayReproduce = _actor.May(Permissions.ReproductionsStart);
        _memory = await Transcripts.MemoryAsync(Input.SessionId, _actor, Lifetime);
        (_fromUtc, _toUtc) = (Input.FromUtc, Input.ToUtc);
        if (Input.MessageId is { } messageId)
        {
            await ShowAtAsync(await Transcripts.OrdinalOfAsync(Input.SessionId, messageId, _actor, Lifetime), isSelected: true);
        }
        else
        {
            await ShowAtAsync(await FirstInWindowAsync(), isSelected: false);
        }
    }

    private Task<int?> FirstInWindowAsync() =>
        HasWindow ? Transcripts.FirstWithinAsync(Input.SessionId, _fromUtc ?? DateTime.MinValue, _toUtc ?? DateTime.MaxValue, _actor, Lifetime) : Task.FromResult<int?>(null);

    /// <summary>Shows the messages around one, which is scrolled to; without one those at the beginning.</summary>
    private async Task ShowAtAsync(int? ordinal, bool isSelected)
    {
        if (_messages.FirstOrDefault(m => m.Ordinal == ordinal) is null)
        {
            var window = await Transcripts.ForwardAsync(Input.SessionId, Math.Max(0, (ordinal ?? 0) - Before), WindowSize, _actor, Lifetime);
            _messages.Clear();
            _messages.AddRange(window.Messages);
            (_hasEarlier, _hasLater) = (window.HasEarlier, window.HasLater);
            await ReadLabelsAsync(window.Messages);
        }
        var message = _messages.FirstOrDefault(m => m.Ordinal == ordinal);
        _selected = isSelected ? message : null;
        _scrollTo = ordinal is null or 0 && !isSelected ? null : message?.Id;
    }

    private async Task SetWindowAsync((DateTime? FromUtc, DateTime? ToUtc) window)
    {
        (_fromUtc, _toUtc) = window;
        _onlyWindow &= HasWindow;
        await ShowAtAsync(await FirstInWindowAsync(), isSelected: false);
    }

    private async Task JumpAsync(DateTime utc)
    {
        if (await Transcripts.FirstWithinAsync(Input.SessionId, utc, DateTime.MaxValue, _actor, Lifetime) is { } ordinal)
        {
            _onlyWindow = false;
            await ShowAtAsync(ordinal, isSelected: true);
        }
    }

    // From the message that was found last, or the first one shown; past the end it begins again at the other.
    private async Task FindAsync((string Text, bool IsForward) wanted)
    {
        _found = wanted.Text.Length == 0 ? null : wanted.Text;
        if (_found is null)
        {
            _isNotFound = false;
            return;
        }
        var from = _selected?.Ordinal ?? _messages.FirstOrDefault()?.Ordinal - 1 ?? -1;
        var ordinal = await Transcripts.FindAsync(Input.SessionId, _found, from, wanted.IsForward, _actor, Lifetime)
            ?? await Transcripts.FindAsync(Input.SessionId, _found, wanted.IsForward ? -1 : int.MaxValue, wanted.IsForward, _actor, Lifetime);
        _isNotFound = ordinal is null;
        if (ordinal is not null)
        {
            _onlyWindow = false;
            await ShowAtAsync(ordinal, isSelected: true);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_keys is null && _mayLabel)
        {
            _keys = new PageKeys(key => InvokeAsync(() => PressAsync(key)));
            await _keys.ListenAsync(Script, [.. "gbjkz0123456789".Select(c => c.ToString())], new Dictionary<string, string>(), Lifetime);
        }
        if (_scrollTo is { } id)
        {
            _scrollTo = null;
            await Script.InvokeVoidAsync("llmeval.scrollTo", Lifetime, $"message-{id}");
        }
    }

    private async Task LoadEarlierAsync()
    {
        var window = await Transcripts.BackwardAsync(Input.SessionId, _messages[0].Ordinal, WindowSize, _actor, Lifetime);
        _messages.InsertRange(0, window.Messages);
        _hasEarlier = window.HasEarlier;
        await ReadLabelsAsync(window.Messages);
    }

    private async Task LoadLaterAsync()
    {
        var window = await Transcripts.ForwardAsync(Input.SessionId, _messages[^1].Ordinal + 1, WindowSize, _actor, Lifetime);
        _messages.AddRange(window.Messages);
        _hasLater = window.HasLater;
        await ReadLabelsAsync(window.Messages);
    }

    private async Task ReadLabelsAsync(IReadOnlyList<TranscriptMessage> messages)
    {
        var read = await Labels.OfMessagesAsync([.. messages.Where(m => m.SenderType == SenderType.Bot).Select(m => m.Id)], _actor, Lifetime);
        foreach (var message in messages)
        {
            _byMessage[message.Id] = [.. read[message.Id]];
        }
        _labels = _byMessage.Values.SelectMany(l => l).ToLookup(l => l.MessageId);
    }

    private LabelRow? OwnLabel(long messageId) => _labels[messageId].FirstOrDefault(l => l.AnnotatorId == _actor.UserId);

    // The verdict counts at once; the dialog is for the rest and may be left alone.
    private async Task JudgeAsync(TranscriptMessage message, Verdict verdict)
    {
        await SetAsync(message, own => own?.Verdict == verdict ? null : Filled(message, own) with { Verdict = verdict });
        await EditAsync(message, verdict);
    }

    private async Task EditAsync(TranscriptMessage message, Verdict verdict)
    {
        await LabelDialog.ShowAsync(Dialogs, new LabelInput(message.Id, _labels[message.Id].ToList(), verdict));
        await ReadLabelsAsync([message]);
    }

    /// <summary>Changes one's own label of the message; null changes nothing.</summary>
    private async Task SetAsync(TranscriptMessage message, Func<LabelRow?, LabelRequest?> change)
    {
        _selected = message;
        if (change(OwnLabel(message.Id)) is not { } request)
        {
            return;
        }
        var result = await SetLabel.ExecuteAsync(request, _actor, Lifetime);
        if (result.Failure is { } failure)
        {
            Snackbar.Add(Failures.Of(failure), Severity.Error);
        }
        else
        {
            _changed.Push(message);
        }
        await ReadLabelsAsync([message]);
        StateHasChanged();
    }

    private static LabelRequest Filled(TranscriptMessage message, LabelRow? own) =>
        new(message.Id, own?.Verdict ?? Verdict.Good, own?.Score, own?.GroundTruth, own?.Prediction ?? message.Content, own?.Tags, own?.Comment, own?.Version ?? 0);

    private async Task PressAsync(string key)
    {
        if (key is "j" or "k")
        {
            Step(key == "j" ? 1 : -1);
        }
        else if (key == "z" && _changed.TryPop(out var last))
        {
            if ((await Undo.ExecuteAsync(last.Id, _actor, Lifetime)).Failure is { } failure)
            {
                Snackbar.Add(Failures.Of(failure), Severity.Error);
            }
            (_selected, _scrollTo) = (last, last.Id);
            await ReadLabelsAsync([last]);
        }
        else if (_selected is { SenderType: SenderType.Bot } message)
        {
            await (key switch
            {
                "g" or "b" => SetAsync(message, own => own?.Verdict == (key == "g" ? Verdict.Good : Verdict.Bad) ? null : Filled(message, own) with { Verdict = key == "g" ? Verdict.Good : Verdict.Bad }),
                "Enter" => EditAsync(message, OwnLabel(message.Id)?.Verdict ?? Verdict.Bad),
                [>= '0' and <= '9' and var digit] => ScoreAsync(message, digit - '0'),
                _ => Task.CompletedTask,
            });
        }
        StateHasChanged();
    }

    private async Task ScoreAsync(TranscriptMessage message, int digit)
    {
        if (OwnLabel(message.Id) is null)
        {
            Snackbar.Add(Texts["VerdictFirst"], Severity.Info);
            return;
        }
        var scale = (await Settings.OfMessageAsync(message.Id, _actor, Lifetime))?.Scale ?? ScoreScale.ZeroToTen;
        await SetAsync(message, own => scale.OfDigit(digit) is { } score ? Filled(message, own) with { Score = score } : null);
    }

    /// <summary>To the next bot message that is shown, or the one before.</summary>
    private void Step(int by)
    {
        var bots = Shown.Where(m => m.SenderType == SenderType.Bot).ToList();
        var at = bots.FindIndex(m => m == _selected);
        if (bots.Count > 0)
        {
            _selected = bots[at < 0 ? (by > 0 ? 0 : ^1) : Math.Clamp(at + by, 0, bots.Count - 1)];
            _scrollTo = _selected.Id;
        }
    }

    private bool IsInWindow(TranscriptMessage message) => HasWindow && message.SentAt >= (_fromUtc ?? DateTime.MinValue) && message.SentAt < (_toUtc ?? DateTime.MaxValue);

    private bool IsKnown(MemoryRow point) => _selected is null || point.CreatedAt is null || point.CreatedAt <= _selected.SentAt;

    private string ClassOf(TranscriptMessage message) =>
        $"chat-message is-{message.SenderType.ToString().ToLowerInvariant()}{(IsInWindow(message) ? " is-in-window" : "")}{(_selected?.Id == message.Id ? " is-selected" : "")}";

    private static IEnumerable<(string Title, string Json)> Parts(GenerationDetail generation)
    {
        foreach (var (title, json) in new[] { ("Parameters", generation.ParametersJson), ("MemoryIds", generation.MemoryIdsJson), ("Request", generation.RequestJson), ("Trace", generation.TraceJson) })
        {
            if (json is not (null or "" or "[]" or "{}"))
            {
                yield return (title, Indented(json));
            }
        }
    }

    private static string Indented(string json)
    {
        try
        {
            return JsonSerializer.Serialize(JsonElement.Parse(json), Json.Shown);
        }
        catch (JsonException)
        {
            return json;
        }
    }
}

using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Blazor.Sessions;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace LLMEval.Blazor.Search;

/// <summary>The message search. Its address holds everything it shows; changing anything means going to another address.</summary>
public sealed partial class MessagesPage(SessionQueries sessions, LabelQueries labels)
{
    private const int PageSize = 50;
    private const int Offered = 20;

    // A page that found nothing within its bounds goes on by itself so often before a person must say so.
    private const int Patience = 8;
    private readonly LatestOnly _loads = new();
    private readonly AddressDialog _dialog = new();
    private MessageView _view = new(new RangeQuery(RangeQuery.Default, null, null), new MessageSearchFilter(), null);
    private MessageHits? _hits;
    private Failure? _failure;
    private List<string> _unreadable = [];
    private string? _shown;
    private readonly HashSet<long> _chosen = [];
    private Dictionary<long, IReadOnlyList<LabelRow>> _labels = [];
    private Actor _actor = Core.Common.Actor.Nobody;

    private bool MayChoose => _actor.May(Permissions.LabelsWrite) || _actor.May(Permissions.SetsEdit);

    private IEnumerable<MessageHit> Bots => _hits!.Page.Items.Where(h => h.SenderType == SenderType.Bot);

    private static LabelState[] Labels { get; } = Enum.GetValues<LabelState>();

    [SupplyParameterFromQuery(Name = "chat")]
    private long? Chat { get; set; }

    [SupplyParameterFromQuery(Name = "message")]
    private long? Message { get; set; }

    // The other keys are read from the address together; these make the page hear of their changes.
    [SupplyParameterFromQuery(Name = "text")]
    private string? TextKey { get; set; }

    [SupplyParameterFromQuery(Name = "match")]
    private string? MatchKey { get; set; }

    [SupplyParameterFromQuery(Name = "range")]
    private string? RangeKey { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? FromKey { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? ToKey { get; set; }

    [SupplyParameterFromQuery(Name = "sender")]
    private string? SenderKey { get; set; }

    [SupplyParameterFromQuery(Name = "label")]
    private string? LabelKey { get; set; }

    [SupplyParameterFromQuery(Name = "session")]
    private string? SessionKey { get; set; }

    [SupplyParameterFromQuery(Name = "msg")]
    private string? MsgKey { get; set; }

    [SupplyParameterFromQuery(Name = "pair")]
    private string? PairKey { get; set; }

    [SupplyParameterFromQuery(Name = "p")]
    private string? PlaceKey { get; set; }

    [SupplyParameterFromQuery(Name = "biz")]
    private string[]? BizKeys { get; set; }

    [SupplyParameterFromQuery(Name = "robot")]
    private string[]? RobotKeys { get; set; }

    [SupplyParameterFromQuery(Name = "user")]
    private string[]? UserKeys { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var query = QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query);
        var unreadable = new List<string>();
        var view = MessageFilterQuery.Read(key => query.GetValueOrDefault(key, StringValues.Empty) is { Count: > 0 } values ? [.. values.OfType<string>().Where(v => v.Length > 0).Distinct()] : [], Clock, unreadable);
        var canonical = MessageFilterQuery.Write(view, Clock);
        if (canonical != _shown)
        {
            _shown = canonical;
            _chosen.Clear();
            _view = view;
            _unreadable = unreadable;
            await LoadAsync();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Closed by its button and not by going elsewhere: the address follows, and the labels given meanwhile show in the list.
        (long Session, long? Message)? named = Chat is { } chat ? (chat, Message) : null;
        if (_hits is not null && await _dialog.ShowAsync(named, Navigation, place => ChatDialog.ShowAsync(Dialogs, new ChatInput(place.Session, place.Message, null, null)), Lifetime))
        {
            Navigation.NavigateTo(MessageFilterQuery.Write(_view, Clock));
            await LoadAsync();
            StateHasChanged();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _loads.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task LoadAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        var filter = _view.Filter with { Range = _view.Range.ToRange(Clock) };
        var request = Paging.Read(_view.Place, PageSize);
        if (await _loads.RunAsync(token => FindAsync(filter, request, token), result => (_hits, _failure) = (result.Value, result.Failure), Lifetime) && _hits is not null)
        {
            var bots = Bots.Select(h => h.Id).ToList();
            var read = await labels.OfMessagesAsync(bots, _actor, Lifetime);
            _labels = bots.ToDictionary(id => id, id => (IReadOnlyList<LabelRow>)[.. read[id]]);
        }
    }

    private async Task<Result<MessageHits>> FindAsync(MessageSearchFilter filter, PageRequest request, CancellationToken cancellationToken)
    {
        for (var i = 1; ; i++)
        {
            var result = await Queries.PageAsync(filter, request, _actor, cancellationToken);
            if (i == Patience || result.Value is not { Page.Items.Count: 0, ReachedAt: not null } empty)
            {
                return result;
            }
            request = request.IsBackward ? request with { Before = empty.Page.Previous, IsLast = false } : request with { After = empty.Page.Next };
        }
    }

    private void Choose(long messageId, bool isChosen) => _ = isChosen ? _chosen.Count < LabelMany.MostMessages && _chosen.Add(messageId) : _chosen.Remove(messageId);

    private void ChoosePage(bool isChosen)
    {
        foreach (var bot in Bots)
        {
            Choose(bot.Id, isChosen);
        }
    }

    private string ChatAt(MessageHit hit) => MessageFilterQuery.Write(_view, Clock, hit.SessionKey, hit.Id);

    private void Show(MessageView view) => Navigation.NavigateTo(MessageFilterQuery.Write(view with { Place = null }, Clock));

    private void Filter(MessageSearchFilter filter)
    {
        // With the first word the search is about all times, unless the person chose some; without any about the newest again.
        var isDefault = _view.Range == MessageFilterQuery.DefaultRange(_view.Filter);
        Show(_view with { Filter = filter, Range = isDefault ? MessageFilterQuery.DefaultRange(filter) : _view.Range });
    }

    private void Turn(PagerMove move) =>
        Navigation.NavigateTo(MessageFilterQuery.Write(_view with { Place = Paging.Write(move, _hits!.Page) }, Clock), replace: true);

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private DateTime? Local(DateTime? utc) => utc is { } value ? Clock.ToZone(value) : null;

    private DateTime? Utc(DateTime? local) => local is { } value ? Clock.ToUtc(value) : null;

    private async Task<IEnumerable<string>> RobotsAsync(string? text, CancellationToken cancellationToken) =>
        WithTyped(text, await sessions.RobotIdsAsync(text?.Trim() ?? "", Offered, await Actor.GetAsync(cancellationToken), cancellationToken));

    private async Task<IEnumerable<string>> UsersAsync(string? text, CancellationToken cancellationToken) =>
        WithTyped(text, await sessions.UserIdsAsync(text?.Trim() ?? "", Offered, await Actor.GetAsync(cancellationToken), cancellationToken));

    private async Task<IEnumerable<string>> BizCodesAsync(string? text, CancellationToken cancellationToken) =>
        WithTyped(text, await sessions.BizCodesAsync(text?.Trim() ?? "", Offered, await Actor.GetAsync(cancellationToken), cancellationToken));

    // An id that is not there (yet) may be filtered by as well, and a part of a business line's code.
    private static IEnumerable<string> WithTyped(string? text, IReadOnlyList<string> found) =>
        string.IsNullOrWhiteSpace(text) || found.Contains(text.Trim()) ? found : found.Append(text.Trim());
}

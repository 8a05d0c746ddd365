using LLMEval.Blazor.Controls;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Page = LLMEval.Core.Common.Page;

namespace LLMEval.Blazor.Sessions;

/// <summary>The sessions grid. Its address holds everything it shows; changing anything means going to another address.</summary>
public sealed partial class SessionsPage
{
    private const int PageSize = 50;
    private readonly LatestOnly _loads = new();
    private SessionView _view = new(new RangeQuery(RangeQuery.Default, null, null), new SessionFilter(), SessionSort.Started, true, null);
    private Page<SessionRow>? _page;
    private List<string> _unreadable = [];
    private string? _shown;
    private IReadOnlySet<SessionColumn>? _columns;
    private bool _mayChoose;
    private bool _mayQueue;
    private bool _mayTake;

    // Over several pages of one filter; another filter begins anew.
    private readonly Dictionary<long, SessionRow> _chosen = [];
    private string? _chosenQuery;
    private readonly AddressDialog _dialog = new();

    [SupplyParameterFromQuery(Name = "chat")]
    private long? Chat { get; set; }

    [SupplyParameterFromQuery(Name = "message")]
    private long? Message { get; set; }

    // The other keys are read from the address together; these make the page hear of their changes.
    [SupplyParameterFromQuery(Name = "range")]
    private string? RangeKey { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? FromKey { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? ToKey { get; set; }

    [SupplyParameterFromQuery(Name = "time")]
    private string? TimeKey { get; set; }

    [SupplyParameterFromQuery(Name = "label")]
    private string? LabelKey { get; set; }

    [SupplyParameterFromQuery(Name = "tag")]
    private string[]? TagKeys { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    private string? SortKey { get; set; }

    [SupplyParameterFromQuery(Name = "p")]
    private string? PlaceKey { get; set; }

    [SupplyParameterFromQuery(Name = "biz")]
    private string[]? BizKeys { get; set; }

    [SupplyParameterFromQuery(Name = "robot")]
    private string[]? RobotKeys { get; set; }

    [SupplyParameterFromQuery(Name = "pair")]
    private string? PairKey { get; set; }

    [SupplyParameterFromQuery(Name = "memory")]
    private string? MemoryKey { get; set; }

    [SupplyParameterFromQuery(Name = "min")]
    private string? MinKey { get; set; }

    [SupplyParameterFromQuery(Name = "max")]
    private string? MaxKey { get; set; }

    [SupplyParameterFromQuery(Name = "user")]
    private string[]? UserKeys { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var address = new Uri(Navigation.Uri);
        if (_columns is null)
        {
            _columns = SessionColumns.Read(await Settings.GetAsync(SessionColumns.Key, await Actor.GetAsync(Lifetime), Lifetime));
        }
        if (address.Query.Length == 0 && await Settings.GetAsync(ViewsMenu.DefaultKey, await Actor.GetAsync(Lifetime), Lifetime) is { Length: > 0 } own)
        {
            Navigation.NavigateTo(Urls.Sessions + own, replace: true);
            return;
        }
        var query = QueryHelpers.ParseQuery(address.Query);
        var unreadable = new List<string>();
        var view = SessionFilterQuery.Read(key => query.GetValueOrDefault(key, StringValues.Empty) is { Count: > 0 } values ? [.. values.OfType<string>().Where(v => v.Length > 0).Distinct()] : [], Clock, unreadable);
        var canonical = SessionFilterQuery.Write(view, Clock);
        if (canonical != _shown)
        {
            _shown = canonical;
            _view = view;
            _unreadable = unreadable;
            await LoadAsync();
        }
    }

    private string Query => SessionFilterQuery.Write(_view with { Place = null }, Clock)[Urls.Sessions.Length..];

    private bool Shows(SessionColumn column) => (_columns ?? SessionColumns.Default).Contains(column);

    private async Task ShowColumnsAsync(IReadOnlySet<SessionColumn> columns)
    {
        _columns = columns;
        await Settings.SetAsync(SessionColumns.Key, SessionColumns.Write(columns), await Actor.GetAsync(Lifetime), Lifetime);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Closed by its button and not by going elsewhere: the address follows, and the labels given meanwhile show in the grid.
        if (_page is not null && await _dialog.ShowAsync(Chat, Navigation, ShowChatAsync, Lifetime))
        {
            Navigation.NavigateTo(SessionFilterQuery.Write(_view, Clock));
            await LoadAsync();
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
        var actor = await Actor.GetAsync(Lifetime);
        var view = _view;
        var request = Paging.Read(view.Place, PageSize) with { SortBy = view.Sort, Descending = view.Descending };
        if (Query != _chosenQuery)
        {
            _chosen.Clear();
            _chosenQuery = Query;
        }
        _mayQueue = actor.May(Permissions.LabelsManage);
        _mayTake = actor.May(Permissions.SetsEdit);
        _mayChoose = actor.May(Permissions.LabelsWrite) || actor.May(Permissions.SetsEdit);
        var isNewest = await _loads.RunAsync(token => Queries.PageAsync(view.Filter, request, actor, token), ShowPage, Lifetime);
        if (!isNewest)
        {
            return;
        }
        // The rows are shown before they are counted: counting may take longer than reading a page.
        StateHasChanged();
        await _loads.RunAsync(token => Queries.CountAsync(view.Filter, actor, token), count => _page = _page! with { Total = Math.Min(count, Page.CountCap), TotalIsCapped = count > Page.CountCap }, Lifetime);
    }

    private void ShowPage(Page<SessionRow> page)
    {
        _page = page;
        foreach (var row in page.Items.Where(r => _chosen.ContainsKey(r.Id)))
        {
            _chosen[row.Id] = row;
        }
    }

    private void Choose(SessionRow row, bool isChosen)
    {
        if (!isChosen)
        {
            _chosen.Remove(row.Id);
        }
        else if (_chosen.Count < TagSessions.MaxSessions)
        {
            _chosen[row.Id] = row;
        }
    }

    private void ChoosePage(bool isChosen)
    {
        foreach (var row in _page!.Items)
        {
            Choose(row, isChosen);
        }
    }

    private Task ShowChatAsync(long sessionId)
    {
        var window = SessionFilterQuery.Window(_view, Clock);
        var walked = _page!;
        return ChatDialog.ShowAsync(Dialogs, new ChatInput(sessionId, Message, window?.From, window?.To), new ChatNeighbours(NeighbourAsync, id => SessionFilterQuery.Write(_view, Clock, id)));

        async Task<long?> NeighbourAsync(long id, bool isNext)
        {
            var rows = walked.Items;
            var at = rows.Select(r => r.Id).ToList().IndexOf(id);
            if (at < 0)
            {
                return null;
            }
            var wanted = isNext ? at + 1 : at - 1;
            if (wanted >= 0 && wanted < rows.Count)
            {
                return rows[wanted].Id;
            }
            if ((isNext ? walked.Next : walked.Previous) is not { } cursor)
            {
                return null;
            }
            var request = new PageRequest(After: isNext ? cursor : null, Before: isNext ? null : cursor, Take: PageSize, SortBy: _view.Sort, Descending: _view.Descending);
            var beyond = await Queries.PageAsync(_view.Filter, request, await Actor.GetAsync(Lifetime), Lifetime);
            if (beyond.Items.Count == 0)
            {
                return null;
            }
            walked = beyond;
            return (isNext ? beyond.Items[0] : beyond.Items[^1]).Id;
        }
    }

    private void Show(SessionView view) => Navigation.NavigateTo(SessionFilterQuery.Write(view with { Place = null }, Clock));

    private void SetPreset(string preset) => Show(_view with { Range = _view.Range.With(preset, Clock) });

    private void Turn(PagerMove move) =>
        Navigation.NavigateTo(SessionFilterQuery.Write(_view with { Place = Paging.Write(move, _page!) }, Clock), replace: true);

    // Only an order of time has a place for a time.
    private EventCallback<DateTime> JumpIfTime => _view.Sort == SessionSort.Messages ? default : EventCallback.Factory.Create<DateTime>(this, Jump);

    // Whole seconds are typed, so all of that second belong to it.
    private void Jump(DateTime utc) =>
        Navigation.NavigateTo(SessionFilterQuery.Write(_view with { Place = Paging.After(Cursor.At(_view.Descending ? utc.AddSeconds(1) : utc, 0)) }, Clock));

    private void OpenChat(SessionRow row) => Navigation.NavigateTo(SessionFilterQuery.Write(_view, Clock, row.Id));

    private void SortBy(string sort) =>
        Navigation.NavigateTo(SessionFilterQuery.Write(_view with { Sort = sort, Descending = _view.Sort != sort || !_view.Descending, Place = null }, Clock), replace: true);

    private RenderFragment Sortable(string sort, string title) => builder =>
    {
        var isSorted = _view.Sort == sort;
        builder.OpenElement(0, "th");
        builder.AddAttribute(1, "scope", "col");
        builder.AddAttribute(2, "aria-sort", !isSorted ? "none" : _view.Descending ? "descending" : "ascending");
        builder.OpenElement(3, "button");
        builder.AddAttribute(4, "type", "button");
        builder.AddAttribute(5, "class", "sort-button");
        builder.AddAttribute(6, "onclick", EventCallback.Factory.Create<MouseEventArgs>(this, () => SortBy(sort)));
        builder.AddContent(7, title);
        builder.AddContent(8, !isSorted ? "" : _view.Descending ? " ↓" : " ↑");
        builder.CloseElement();
        builder.CloseElement();
    };
}

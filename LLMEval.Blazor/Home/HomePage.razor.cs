using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Overview;
using MudBlazor;
using Page = LLMEval.Core.Common.Page;

namespace LLMEval.Blazor.Home;

public sealed partial class HomePage
{
    private Actor _actor = Core.Common.Actor.Nobody;
    private OverviewCounts? _overview;
    private IReadOnlyList<RecentRun> _runs = [];
    private IReadOnlyList<RecentReproduction> _reproductions = [];

    private sealed record Figure(string Key, string Url, string Icon, int? Count);

    private IEnumerable<Figure> Figures => new Figure[]
    {
        new("Sessions", Urls.Sessions, Icons.Material.Outlined.Forum, _overview!.Sessions),
        new("Messages", Urls.Sessions, Icons.Material.Outlined.ChatBubbleOutline, _overview.Messages),
        new("Labels", Urls.Sessions, Icons.Material.Outlined.ThumbsUpDown, _overview.Labels),
        new("Sets", Urls.Sets, Icons.Material.Outlined.FactCheck, _overview.Sets),
        new("Runs", Urls.Runs, Icons.Material.Outlined.PlayCircle, _overview.Runs),
        new("Reproductions", Urls.Reproductions, Icons.Material.Outlined.Replay, _overview.Reproductions),
    }.Where(f => f.Count is not null);

    protected override async Task OnInitializedAsync()
    {
        _actor = await Actor.GetAsync(Lifetime);
        if (_actor.May(Permissions.LabelsWrite) && !_actor.May(Permissions.SessionsView))
        {
            // Who only labels has nothing to look at here.
            Navigation.NavigateTo(Urls.Labelling, replace: true);
            return;
        }
        var overview = await Queries.CountAsync(_actor, Lifetime);
        if (!overview.IsEmpty)
        {
            _runs = await Queries.RunsAsync(_actor, Lifetime);
            _reproductions = await Queries.ReproductionsAsync(_actor, Lifetime);
        }
        _overview = overview;
    }

    private static string Counted(int count) =>
        Math.Min(count, Page.CountCap).ToString("N0", System.Globalization.CultureInfo.CurrentCulture) + (count > Page.CountCap ? "+" : "");
}

using System.Globalization;
using System.Reflection;
using LLMEval.Blazor;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Demo;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Search;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Browser;

/// <summary>axe on every page, and on the dialogs that have an address, light and dark, with data and without; the journey looks at the other dialogs.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AccessibilityTests(Browsers browsers)
{
    private static readonly string[] Public = [Urls.Login, Urls.SetupPath, Urls.SetPasswordPath, Urls.AccessDenied, Urls.Fault];

    [BrowserFact]
    public async Task EveryPageAndDialog_OverTheDemo_HasNoViolation()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync(Person.Email, RoleNames.Admin);
        var demo = await app.Get<RunDemo>().ExecuteAsync(new DemoRequest(null), Actor.Operator(Permissions.All), null, CancellationToken.None);
        Assert.Null(demo.Failure);
        var queue = await app.Get<CreateQueue>().ExecuteAsync(
            new CreateQueueRequest("queue", "look", new PoolSource { Messages = new MessageSearchFilter() }, QueueRule.ByBot, 20, 2, [], false, QueueConsensus.DawidSkene, 1, Urls.Messages), database.Admin, null, CancellationToken.None);
        var pages = await PagesAsync(database, queue.Value!.QueueId);
        Assert.Empty(RoutesWithout([.. pages, .. Public, Urls.NotFound]));

        AssertNone(await WalkAsync(app, pages));
    }

    [BrowserFact]
    public async Task EveryPage_WithNothingCollected_HasNoViolation()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var app = await TestApp.StartAsync(database);
        await app.AddAccountAsync(Person.Email, RoleNames.Admin);

        AssertNone(await WalkAsync(app,
        [
            Urls.Home, Urls.Sessions, Urls.Messages, Urls.Import, Urls.Pool, Urls.Take, Urls.NewSet, Urls.ImportSet(null), Urls.Sets, Urls.Set(1), Urls.SetDiff(1, 1, null), Urls.DeletedSets, Urls.Targets, Urls.Target(1), Urls.Runs, Urls.Run(1), Urls.NewRun(), Urls.Reproductions, Urls.Regression, Urls.Reproduction(1),
            Urls.NewReproduction(), Urls.Labelling, Urls.NewQueue, Urls.Queue(1), Urls.QueueWork(1), Urls.Disputes, Urls.Agreement, Urls.LabelSettings, Urls.NotFound, .. Public,
        ]));
    }

    private async Task<List<string>> WalkAsync(TestApp app, IReadOnlyList<string> pages)
    {
        var found = new List<string>();
        await using var me = await browsers.PersonAsync(app, "en");
        foreach (var address in Public)
        {
            await me.Page.GotoAsync(address);
            found.AddRange(await me.ViolationsAsync());
        }
        await me.SignInAsync(Person.Email, TestApp.Password);
        foreach (var isDark in new[] { false, true })
        {
            await me.SetThemeAsync(isDark);
            foreach (var address in pages)
            {
                await me.OpenAsync(address);
                // The theme changes colours and nothing else.
                found.AddRange((await me.ViolationsAsync(isDark ? ["color-contrast"] : [])).Select(v => (isDark ? "dark " : "light ") + v));
            }
        }
        // An address that answers 404 on purpose is told by the browser too.
        found.AddRange(me.Complaints.Where(c => !c.Contains("404", StringComparison.Ordinal)));
        return found;
    }

    private static void AssertNone(List<string> found) => Assert.True(found.Count == 0, string.Join('\n', found));

    private static async Task<IReadOnlyList<string>> PagesAsync(TestDatabase database, long queueId)
    {
        await using var db = database.Open();
        var label = await db.Labels.Where(l => l.Verdict == Verdict.Bad).OrderBy(l => l.Id).FirstAsync();
        await database.LabelAsync(await db.Messages.SingleAsync(m => m.Id == label.MessageId), Verdict.Good);
        var session = await db.Sessions.SingleAsync(s => s.Id == label.SessionId);
        var run = await db.Runs.OrderByDescending(r => r.Id).FirstAsync();
        var set = await db.EvaluationSets.OrderBy(s => s.Id).FirstAsync();
        var sample = await db.Samples.OrderBy(s => s.Id).FirstAsync();
        // So that the version and the set differ.
        var item = await db.SetItems.Where(i => i.SetId == set.Id).OrderByDescending(i => i.Id).FirstAsync();
        Assert.Null((await new RemoveFromSet(database.Contexts, database.Clock).ExecuteAsync(new RemoveFromSetRequest(set.Id, [item.Id]), database.Admin, CancellationToken.None)).Failure);
        var target = await db.Targets.OrderBy(t => t.Id).FirstAsync();
        var task = await db.ReproductionTasks.OrderBy(t => t.Id).FirstAsync();
        return
        [
            Urls.Home, Urls.Sessions, Urls.Chat(session.Id, label.MessageId), Urls.MessagesWith("睡"), Urls.Import,
            Urls.Labelling, Urls.NewQueueFrom(Urls.Messages), Urls.Queue(queueId), Urls.QueueWork(queueId), Urls.Disputes, Urls.Agreement, Urls.LabelSettings,
            Urls.Pool, Urls.With(Urls.Pool, ("sample", sample.Id)), Urls.NewSetFrom(Urls.Pool), Urls.TakeFrom(Urls.Messages), Urls.ImportSet(set.Id),
            Urls.Sets, Urls.Set(set.Id), Urls.With(Urls.Set(set.Id), ("sample", sample.Id)), Urls.With(Urls.Set(set.Id), ("tab", "versions")), Urls.With(Urls.Set(set.Id), ("tab", "coverage")),
            Urls.SetDiff(set.Id, 1, null), Urls.DeletedSets, Urls.Targets, Urls.Target(target.Id),
            Urls.Runs, Urls.Run(run.Id), Urls.With(Urls.Run(run.Id), ("item", 0)), Urls.NewRun(set.Id),
            Urls.Reproductions, Urls.Regression, Urls.Reproduction(task.Id), Urls.NewReproduction(label.MessageId), Urls.NewReproduction(sampleId: sample.Id),
        ];
    }

    /// <summary>Routes of the app that none of the addresses leads to: a new page must be added to the walk.</summary>
    private static IEnumerable<string> RoutesWithout(IReadOnlyList<string> addresses)
    {
        var paths = addresses.Select(a => a.Split('?')[0]).ToHashSet(StringComparer.Ordinal);
        return typeof(Urls).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template)
            .Where(route => !paths.Any(path => Matches(route, path)));
    }

    private static bool Matches(string route, string path)
    {
        var (wanted, parts) = (route.Split('/'), path.Split('/'));
        return wanted.Length == parts.Length && wanted.Zip(parts).All(p => p.First == p.Second || (p.First.StartsWith('{') && long.TryParse(p.Second, CultureInfo.InvariantCulture, out _)));
    }
}

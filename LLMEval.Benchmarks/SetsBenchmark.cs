using System.Diagnostics;
using System.Globalization;
using System.Text;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Scoring;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Table = Spectre.Console.Table;

namespace LLMEval.Benchmarks;

/// <summary>
/// A set of 100,000 questions: importing it, freezing it, its pages and the pool's, what differs between two versions, tags for all of it, near duplicates, a draw. Arguments: items=100000 rounds=15
/// database=sqlite|mariadb.
/// </summary>
internal static class SetsBenchmark
{
    private const int Changed = 1_000;
    private static readonly Actor Manager = Actor.Operator(Permissions.All);
    private static readonly string[] Words = ["\u4eca\u5929", "\u7761\u4e0d\u7740", "\u52a0\u73ed", "\u5b69\u5b50", "\u5206\u624b", "\u8003\u8bd5", "\u5403\u4ec0\u4e48", "\u597d\u7d2f", "\u4e00\u4e2a\u4eba", "\u505a\u68a6", "\u732b", "\u4e0b\u96e8"];

    public static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var items = arguments.Number("items", 100_000);
        using var file = Written(items);
        foreach (var database in BenchmarkDatabase.Available(arguments.Text("database")))
        {
            await using (database)
            {
                await MeasureAsync(database, file, items, arguments.Number("rounds", 15), cancellationToken);
            }
        }
    }

    private static async Task MeasureAsync(BenchmarkDatabase database, MemoryStream file, int items, int rounds, CancellationToken cancellationToken)
    {
        var statements = new StatementLog();
        var contexts = await database.NewAsync(cancellationToken, statements);
        var clock = TimeProvider.System;
        var create = new CreateSet(contexts, clock);
        var import = new ImportSet(new SetFileReader(new ImportOptions()), create, contexts, clock);
        var work = new Table().AddColumns(database.Name, "seconds", "a second");
        long setId = 0;
        await OnceAsync(work, "import", items, async () =>
            setId = (await import.ExecuteAsync(new ImportSetRequest(file, "questions.jsonl") { NewSet = new CreateSetRequest("bench") }, Manager, null, cancellationToken)).Value!.SetId!.Value);
        await OnceAsync(work, "the same rows, raw", items, () => RawAsync(contexts, cancellationToken));
        await OnceAsync(work, "import again, all there", items, () => import.ExecuteAsync(new ImportSetRequest(file, "questions.jsonl") { SetId = setId }, Manager, null, cancellationToken));
        await OnceAsync(work, "freeze", items, () => new FreezeSet(contexts, clock).ExecuteAsync(setId, Manager, cancellationToken));
        await ChangeAsync(contexts, setId, cancellationToken);
        await OnceAsync(work, "freeze after 1,000 changes", items, () => new FreezeSet(contexts, clock).ExecuteAsync(setId, Manager, cancellationToken));
        var worker = new PoolWorker(contexts, new MessagePool(contexts, new MessageSearchQueries(contexts, clock), new SessionQueries(contexts, clock), clock), clock, NullLogger<PoolWorker>.Instance);
        var start = new StartPoolOperation(contexts, worker, clock);
        long operation = 0;
        await OnceAsync(work, "a tag for all", items, async () =>
        {
            operation = (await start.ExecuteAsync(new PoolOperationRequest(PoolWork.AddTags) { Filter = new SampleFilter(), Tags = ["all/of/them"] }, Manager, cancellationToken)).Value;
            await worker.RunAsync(operation, cancellationToken);
        });
        await OnceAsync(work, "the tag taken back", items, async () =>
        {
            await new StopPoolOperation(contexts, worker, clock).UndoAsync(operation, Manager, cancellationToken);
            await worker.RunAsync(operation, cancellationToken);
        });
        await OnceAsync(work, "near duplicates of all", items, () => CompareAsync(contexts, cancellationToken));
        var draw = new DrawSet(create, new ScorerCatalog([]), contexts, clock);
        await OnceAsync(work, "10,000 drawn, stratified by tag", items, () => draw.ExecuteAsync(
            new DrawSetRequest(new CreateSetRequest("drawn"), new SampleFilter(), new SetDraw(DrawRule.Stratified, items / 10, 1) { Strata = DrawStrata.Tag, StrataTag = "topic" }), Manager, cancellationToken));
        AnsiConsole.Write(work);
        AnsiConsole.Write(await PagesAsync(database, contexts, statements, setId, items, rounds, cancellationToken));
    }

    private static async Task<Table> PagesAsync(BenchmarkDatabase database, ContextFactory contexts, StatementLog statements, long setId, int items, int rounds, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var table = new Table().AddColumns(database.Name, "median ms", "p95 ms", "raw median ms", "ratio");
        var (sets, pool, diff) = (new SetItemQueries(contexts), new PoolQueries(contexts, clock), new SetDiffQueries(contexts));
        await using var db = contexts.CreateDbContext();
        var connection = db.Database.GetDbConnection();
        var middle = Cursor.At(items / 2L, 0);
        var page = new PageRequest(Take: 50);
        foreach (var (place, request) in new[] { ("first", page), ("middle", page with { After = middle }), ("last", page with { IsLast = true }) })
        {
            await RowAsync($"items of the set, {place} page", () => sets.OfSetAsync(setId, request, Manager, cancellationToken));
        }
        await RowAsync("items of version 1, middle page", () => sets.OfVersionAsync(setId, 1, page with { After = middle }, Manager, cancellationToken));
        await RowAsync("differences of two versions, counted", () => diff.CountsAsync(setId, 1, 2, Manager, cancellationToken));
        await RowAsync("differences of two versions, first page of 1,000", () => diff.PageAsync(setId, 1, 2, SetChange.Changed, page, Manager, cancellationToken));
        foreach (var (what, filter) in new (string, SampleFilter)[]
        {
            ("no filter", new SampleFilter()),
            ("one tag of 20", new SampleFilter { Tags = "topic/t3" }),
            ("a tag but not another", new SampleFilter { Tags = "topic and not (topic/t3 or rare)" }),
            ("a rare tag (1 in 5,000)", new SampleFilter { Tags = "rare" }),
            ("one bot of 37", new SampleFilter { RobotIds = [BenchmarkCorpus.Robot(5)] }),
            ("text that is in 1 of 8", new SampleFilter { Text = Words[3] }),
            ("text that is nowhere", new SampleFilter { Text = "nowhere at all" }),
            ("only duplicates", new SampleFilter { Duplicates = DuplicateState.OnlyDuplicates }),
            ("of the set", new SampleFilter { SetId = setId }),
        })
        {
            await RowAsync($"pool, {what}, first page", () => pool.PageAsync(filter, page, Manager, cancellationToken));
            await RowAsync($"pool, {what}, counted up to 10,000", () => pool.CountAsync(filter, Manager, cancellationToken));
        }
        await RowAsync("what the pool's filters offer", () => pool.FacetsAsync(Manager, cancellationToken));
        await RowAsync("coverage by tag and bot", () => new CoverageQueries(contexts, clock).OfAsync(new SampleFilter { SetId = setId }, null, Manager, cancellationToken));
        return table;

        async Task RowAsync(string what, Func<Task> action) => table.AddRow([what, .. (await Timing.MeasureAsync(connection, statements, rounds, action, cancellationToken)).Cells]);
    }

    private static async Task OnceAsync(Table table, string what, int items, Func<Task> action)
    {
        var watch = Stopwatch.StartNew();
        await action();
        var seconds = watch.Elapsed.TotalSeconds;
        table.AddRow(what, Timing.Text(seconds, "N1"), Timing.Text(items / seconds, "N0"));
    }

    private static async Task CompareAsync(ContextFactory contexts, CancellationToken cancellationToken)
    {
        var compare = new CompareSamples(contexts);
        while (await compare.ExecuteAsync(cancellationToken) > 0)
        {
        }
    }

    /// <summary>The samples' rows into a table like theirs, as the database itself copies them.</summary>
    private static async Task RawAsync(ContextFactory contexts, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        await db.Database.ExecuteSqlRawAsync("CREATE TABLE Copied AS SELECT * FROM Samples", cancellationToken);
        await db.Database.ExecuteSqlRawAsync("DROP TABLE Copied", cancellationToken);
    }

    private static async Task ChangeAsync(ContextFactory contexts, long setId, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var ids = await db.SetItems.Where(i => i.SetId == setId).OrderBy(i => i.Id).Select(i => i.Id).Take(Changed).ToListAsync(cancellationToken);
        var edit = new EditItem(contexts, TimeProvider.System);
        foreach (var id in ids)
        {
            await edit.ExecuteAsync(new EditItemRequest(setId, id, ["changed"], null, 10), Manager, cancellationToken);
        }
    }

    private static MemoryStream Written(int items)
    {
        var file = new MemoryStream();
        using var writer = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true);
        for (var i = 0; i < items; i++)
        {
            // Every eighth says nearly what the one before it says.
            var n = i % 8 == 7 ? i - 1 : i;
            var question = string.Join("\uff0c", Enumerable.Range(0, 6).Select(k => Words[((n * (k + 3)) + (n / (11 + k))) % Words.Length] + (n * 7919 % (97 + k)).ToString(CultureInfo.InvariantCulture))) + (i % 8 == 7 ? "\u554a" : "");
            var tags = i % 5_000 == 0 ? "\"rare\"," : "";
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $$"""{"id":"q-{{i}}","robot_id":"{{BenchmarkCorpus.Robot(i % 37)}}","input":[{"role":"user","content":"{{question}}"}],"reference":"{{Words[i % Words.Length]}}","tags":[{{tags}}"topic/t{{i % 20}}"]}"""));
        }
        writer.Flush();
        return file;
    }
}

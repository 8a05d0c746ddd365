using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace LLMEval.Benchmarks;

/// <summary>
/// Message search: real sessions repeated under new ids and over a year in no order (the harder case: no part of the index may be passed by for its time), a few messages with words
/// of their own, then the first page and a page from the middle for terms of all frequencies. Arguments: messages=1000000 rounds=15.
/// </summary>
internal static class SearchBenchmark
{
    private const int RareEvery = 30_000;

    // Characters that no conversation uses.
    private const string Absent = "\u9f98\u9f98";
    private const string Rare = "\u9f96\u9fa0Hello, \u9f98\u9f96\u9fa0";

    public static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var wanted = arguments.Number("messages", 1_000_000);
        var file = Path.GetTempFileName();
        try
        {
            var sources = await BenchmarkCorpus.SourcesAsync(cancellationToken);
            var written = await BenchmarkCorpus.WriteAsync(file, sources, wanted, SayRare, cancellationToken);
            var questions = Questions(sources);
            foreach (var database in BenchmarkDatabase.Available(arguments.Text("database")))
            {
                await using (database)
                {
                    await MeasureAsync(database, file, written, questions, arguments.Number("rounds", 15), cancellationToken);
                }
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task MeasureAsync(BenchmarkDatabase database, string file, int messages, List<(string Name, MessageSearchFilter Filter)> questions, int rounds, CancellationToken cancellationToken)
    {
        var contexts = await database.NewAsync(cancellationToken);
        var actor = Actor.Operator(Permissions.All);
        var watch = Stopwatch.StartNew();
        await BenchmarkCorpus.ImportAsync(contexts, file, cancellationToken);
        var imported = watch.Elapsed;
        watch.Restart();
        await new IndexMessages(contexts, NullLogger<IndexMessages>.Instance).ExecuteAsync(IndexMessages.WorthASegment, cancellationToken);
        var indexed = watch.Elapsed;
        await using (var db = contexts.CreateDbContext())
        {
            var bytes = 0L;
            await foreach (var length in db.SearchBlocks.Select(b => b.Data.Length).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                bytes += length;
            }
            var (segments, blocks) = (await db.SearchSegments.CountAsync(cancellationToken), await db.SearchBlocks.CountAsync(cancellationToken));
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                $"{database.Name}: {messages:N0} messages imported at {messages / imported.TotalSeconds:N0}/s, indexed at {messages / indexed.TotalSeconds:N0}/s; {segments} segments, {blocks:N0} blocks, {bytes / (double)messages:0.0} bytes of index a message");
        }
        var queries = new MessageSearchQueries(contexts, TimeProvider.System);
        var table = new Table().AddColumns("question", "hits on the page", "first page, median ms", "p95 ms", "tenth page back, median ms", "last page, median ms");
        foreach (var (name, filter) in questions)
        {
            var (first, page) = await TimeAsync(new PageRequest());
            var tenth = page;
            for (var i = 0; i < 9 && tenth.Next is not null; i++)
            {
                tenth = (await queries.PageAsync(filter, new PageRequest(After: tenth.Next), actor, cancellationToken)).Value!.Page;
            }
            var deep = tenth.Previous is null ? [] : (await TimeAsync(new PageRequest(Before: tenth.Previous))).Times;
            var last = (await TimeAsync(new PageRequest(IsLast: true))).Times;
            table.AddRow(name, Number(page.Items.Count, "N0"), Number(first[first.Count / 2], "0.0"), Number(first[(int)(first.Count * 0.95)], "0.0"), deep.Count == 0 ? "–" : Number(deep[deep.Count / 2], "0.0"), Number(last[last.Count / 2], "0.0"));

            async Task<(List<double> Times, Page<MessageHit> Page)> TimeAsync(PageRequest request)
            {
                var times = new List<double>();
                var shown = Page<MessageHit>.Empty;
                for (var i = 0; i <= rounds; i++)
                {
                    var one = Stopwatch.StartNew();
                    shown = (await queries.PageAsync(filter, request, actor, cancellationToken)).Value!.Page;
                    // The first warms the caches up.
                    if (i > 0)
                    {
                        times.Add(one.Elapsed.TotalMilliseconds);
                    }
                }
                times.Sort();
                return (times, shown);
            }
        }
        AnsiConsole.Write(table);
    }

    /// <summary>Texts of every frequency, found in the source itself.</summary>
    private static List<(string Name, MessageSearchFilter Filter)> Questions(string[] sources)
    {
        var contents = sources.SelectMany(line => JsonNode.Parse(line)!["messages"]!.AsArray()).Select(m => m!["content"]!.GetValue<string>()).Take(30_000).ToList();
        var common = Text(2, 0.05);
        return
        [
            ("absent, 2 characters", new() { Text = Absent }),
            ("absent, its pairs are not", new() { Text = Text(2, 0.02) + Text(2, 0.01) + Text(2, 0.03) }),
            ("rare (1 in 30,000)", new() { Text = "\u9f96\u9fa0HELLO" }),
            ("rare, 2 characters", new() { Text = "\u9f98\u9f96" }),
            ("4 characters, 1 in 2,000", new() { Text = Text(4, 0.0005) }),
            ("4 characters, 1 in 200", new() { Text = Text(4, 0.005) }),
            ("2 characters, 1 in 1,000", new() { Text = Text(2, 0.001) }),
            ("2 characters, 1 in 100", new() { Text = Text(2, 0.01) }),
            ("2 characters, 1 in 20", new() { Text = common }),
            ("2 characters, the commonest", new() { Text = Text(2, 1) }),
            ("1 in 20, one bot of 37", new() { Text = common, RobotIds = [BenchmarkCorpus.Robot(0)] }),
            ("1 in 20, one user of 9,973", new() { Text = common, UserIds = ["bench-u-7"] }),
            ("1 in 20, said by bots, 30 days", new() { Text = common, SenderType = SenderType.Bot, Range = new TimeRange(null, BenchmarkCorpus.Start.AddDays(100), BenchmarkCorpus.Start.AddDays(130)) }),
            ("1 in 20, 300 pairs", new() { Text = common, Pairs = [.. Enumerable.Range(0, 300).Select(i => new UserRobotPair(string.Create(CultureInfo.InvariantCulture, $"bench-u-{i}"), BenchmarkCorpus.Robot(i % 37)))] }),
            ("no text, one user", new() { UserIds = ["bench-u-7"] }),
            ("no text, one bot", new() { RobotIds = [BenchmarkCorpus.Robot(0)] }),
            ("no text, one message id", new() { MsgId = JsonNode.Parse(sources[7])!["messages"]![1]!["msg_id"]!.GetValue<string>() }),
            ("nothing asked", new()),
        ];

        string Text(int length, double share) => contents
            .SelectMany(content => Enumerable.Range(0, Math.Max(0, content.Length - length + 1)).Select(i => content.Substring(i, length)).Where(part => part.All(c => c is >= '\u4e00' and <= '\u9fff')).Distinct())
            .CountBy(part => part)
            .MinBy(pair => (Math.Abs(Math.Log(pair.Value / (share * contents.Count))), pair.Key)).Key;
    }

    private static void SayRare(int index, JsonObject message)
    {
        if (index % RareEvery == 0)
        {
            message["content"] = Rare;
        }
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

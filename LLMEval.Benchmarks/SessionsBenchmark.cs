using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Data.Migrations;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Spectre.Console;

namespace LLMEval.Benchmarks;

/// <summary>
/// Pages of the sessions grid: first, from the middle and last, for every filter that a person would use; then the chat dialog on a session of 100,000 messages.
/// Arguments: messages=1000000 rounds=15 database=sqlite|mariadb, and keep=FOLDER to leave the SQLite file there.
/// </summary>
internal static class SessionsBenchmark
{
    private static readonly Actor Everybody = Actor.Operator(Permissions.All);
    private static readonly DateTime Middle = BenchmarkCorpus.Start.AddDays(182);

    public static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            var sources = await BenchmarkCorpus.SourcesAsync(cancellationToken);
            var messages = await BenchmarkCorpus.WriteAsync(file, sources, arguments.Number("messages", 1_000_000), null, cancellationToken);
            foreach (var database in BenchmarkDatabase.Available(arguments.Text("database")))
            {
                database.KeepIn = arguments.Text("keep");
                await using (database)
                {
                    await MeasureAsync(database, file, sources, messages, arguments.Number("rounds", 15), cancellationToken);
                }
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task MeasureAsync(BenchmarkDatabase database, string file, string[] sources, int messages, int rounds, CancellationToken cancellationToken)
    {
        var statements = new StatementLog();
        var contexts = await database.NewAsync(cancellationToken, statements);
        await BenchmarkCorpus.ImportAsync(contexts, file, cancellationToken);
        await using var db = contexts.CreateDbContext();
        await LabelAsync(db, cancellationToken);
        var sessions = await db.Sessions.CountAsync(cancellationToken);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{database.Name}: {sessions:N0} sessions, {messages:N0} messages, {await db.Labels.CountAsync(cancellationToken):N0} labels");

        var queries = new SessionQueries(contexts, TimeProvider.System);
        var table = new Table().AddColumns("grid", "page", "rows", "median ms", "p95 ms", "raw median ms", "ratio");
        foreach (var (name, filter, sort) in Questions())
        {
            foreach (var (page, request) in Pages(sort))
            {
                var rows = 0;
                var times = await Timing.MeasureAsync(db.Database.GetDbConnection(), statements, rounds,
                    async () => rows = (await queries.PageAsync(filter, request, Everybody, cancellationToken)).Items.Count, cancellationToken);
                table.AddRow([name, page, Timing.Text(rows, "N0"), .. times.Cells]);
            }
        }
        AnsiConsole.Write(table);
        await ChatBenchmark.MeasureAsync(contexts, statements, sources, rounds, cancellationToken);
    }

    private static IEnumerable<(string Name, SessionFilter Filter, string Sort)> Questions()
    {
        var month = new TimeRange(null, Middle, Middle.AddDays(30));
        return
        [
            ("no filter, by start", new(), SessionSort.Started),
            ("no filter, by last activity", new(), SessionSort.LastMessage),
            ("no filter, by change", new(), SessionSort.Updated),
            ("no filter, by messages", new(), SessionSort.Messages),
            ("30 days", new() { Range = month }, SessionSort.Started),
            ("one bot of 37", new() { RobotIds = [BenchmarkCorpus.Robot(3)] }, SessionSort.Started),
            ("one bot, 30 days", new() { RobotIds = [BenchmarkCorpus.Robot(3)], Range = month }, SessionSort.Started),
            ("one user of 9,973", new() { UserIds = [BenchmarkCorpus.User(7)] }, SessionSort.Started),
            ("300 pairs of user and bot", new() { Pairs = [.. Enumerable.Range(0, 300).Select(i => new UserRobotPair(BenchmarkCorpus.User(i), BenchmarkCorpus.Robot(i % 37)))] }, SessionSort.Started),
            ("one tag of 20", new() { Tags = [BenchmarkCorpus.Tag(5)] }, SessionSort.Started),
            ("a rare tag (1 session in 5,000)", new() { Tags = [BenchmarkCorpus.RareTag] }, SessionSort.Started),
            ("61 messages or more (1 session in 2,800)", new() { MinMessages = 61 }, SessionSort.Started),
            ("with memory (none)", new() { HasMemory = true }, SessionSort.Started),
            ("labelled bad (1 session in 40)", new() { Label = LabelState.Bad }, SessionSort.Started),
            ("labelled bad, one bot, by last activity", new() { Label = LabelState.Bad, RobotIds = [BenchmarkCorpus.Robot(3)] }, SessionSort.LastMessage),
            ("unlabelled", new() { Label = LabelState.Unlabelled }, SessionSort.Started),
        ];
    }

    private static IEnumerable<(string Page, PageRequest Request)> Pages(string sort)
    {
        // Any place of the index does as well: a cursor says where, not how many before.
        var middle = sort == SessionSort.Messages ? Cursor.At(10, 0) : sort == SessionSort.Updated ? null : Cursor.At(Middle.AddDays(15), 0);
        yield return ("first", new PageRequest(SortBy: sort));
        if (middle is not null)
        {
            yield return ("middle", new PageRequest(After: middle, SortBy: sort));
        }
        yield return ("last", new PageRequest(SortBy: sort, IsLast: true));
    }

    /// <summary>One bot message in two hundred is judged, half of them bad.</summary>
    private static async Task LabelAsync(LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO Labels (MessageId, SessionId, AnnotatorId, AnnotatorName, Verdict, Scale, CreatedAt, UpdatedAt, Version)
            SELECT m.Id, m.SessionId, 0, 'benchmark', CASE WHEN m.Id % 400 < 200 THEN 'Bad' ELSE 'Good' END, 'ZeroToTen', m.SentAt, m.SentAt, 1 FROM Messages m WHERE m.SenderType = 'Bot' AND m.Id % 200 IN (7, 8)
            """, cancellationToken);
        await db.Database.ExecuteSqlRawAsync(LabellingBackfill.Verdicts, cancellationToken);
    }
}

using System.Diagnostics;
using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Data.Migrations;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Scoring;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Spectre.Console;

namespace LLMEval.Benchmarks;

/// <summary>
/// A queue of 10,000 messages for three people each: drawing it, from Enter to the next message at its beginning, in its middle and near its end, its page, and the agreement of 20,000 messages.
/// Arguments: messages=300000 rounds=50 database=sqlite|mariadb.
/// </summary>
internal static class LabellingBenchmark
{
    private const int Items = 10_000;
    private const int People = 3;
    private static readonly Actor Manager = Actor.Operator(Permissions.All);

    public static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            await BenchmarkCorpus.WriteAsync(file, await BenchmarkCorpus.SourcesAsync(cancellationToken), arguments.Number("messages", 300_000), null, cancellationToken);
            foreach (var database in BenchmarkDatabase.Available(arguments.Text("database")))
            {
                await using (database)
                {
                    await MeasureAsync(database, file, arguments.Number("rounds", 50), cancellationToken);
                }
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task MeasureAsync(BenchmarkDatabase database, string file, int rounds, CancellationToken cancellationToken)
    {
        var contexts = await database.NewAsync(cancellationToken);
        await BenchmarkCorpus.ImportAsync(contexts, file, cancellationToken);
        var clock = TimeProvider.System;
        var pool = new MessagePool(contexts, new MessageSearchQueries(contexts, clock), new SessionQueries(contexts, clock), clock);
        var create = new CreateQueue(contexts, pool, new ScorerCatalog([]), clock);
        var table = new Table().AddColumns(database.Name, "median ms", "p95 ms");
        QueueCreated? queue = null;
        foreach (var rule in Enum.GetValues<QueueRule>())
        {
            await TimeAsync(table, $"draw {Items:N0} messages, {rule}", 1, async i => queue = (await create.ExecuteAsync(
                new CreateQueueRequest($"{rule} {i}", null, new PoolSource { Messages = new MessageSearchFilter() }, rule, Items, People, [], true, QueueConsensus.Majority, 1, null), Manager, null, cancellationToken)).Value);
        }
        var (claim, answer, work, queues) = (new ClaimNext(contexts, clock), new AnswerSlot(contexts, new ModelVerdicts(contexts, clock), clock), new WorkQueries(contexts), new QueueQueries(contexts, clock));
        await using var db = contexts.CreateDbContext();
        foreach (var (place, upTo) in new[] { ("at the beginning", 0), ("in the middle", Items / 2), ("near the end", Items - rounds - 5) })
        {
            // Everybody has come as far, but for a few whom one person is ahead of.
            await db.QueueSlots.Where(s => s.QueueId == queue!.QueueId && s.Place < (long)upTo * People)
                .ExecuteUpdateAsync(u => u.SetProperty(s => s.State, SlotState.Done).SetProperty(s => s.AnnotatorId, s => (s.Place % People) + 1).SetProperty(s => s.AnnotatorName, "x"), cancellationToken);
            var person = new Actor(1, "one", new HashSet<string> { Permissions.LabelsWrite }, null);
            var held = (await claim.ExecuteAsync(queue!.QueueId, [], person, cancellationToken)).Value;
            await TimeAsync(table, $"from Enter to the next message, {place}", rounds, async i =>
            {
                await answer.ExecuteAsync(new SlotAnswer(held!.SlotId, new LabelRequest(held.MessageId, i % 2 == 0 ? Verdict.Good : Verdict.Bad, 7), TimeSpan.FromSeconds(4)), person, cancellationToken);
                held = (await claim.ExecuteAsync(queue.QueueId, [], person, cancellationToken)).Value;
                await work.ReadAsync(held!.SlotId, person, cancellationToken);
                await queues.RowAsync(queue.QueueId, person, cancellationToken);
            });
        }
        await TimeAsync(table, "nothing left for a person, two thirds open", 5, async _ =>
        {
            await db.QueueSlots.Where(s => s.QueueId == queue!.QueueId)
                .ExecuteUpdateAsync(u => u.SetProperty(s => s.State, s => s.Place % People == 0 ? SlotState.Done : SlotState.Open).SetProperty(s => s.AnnotatorId, s => s.Place % People == 0 ? 9 : (long?)null), cancellationToken);
        }, async _ => await claim.ExecuteAsync(queue!.QueueId, [], new Actor(9, "nine", new HashSet<string> { Permissions.LabelsWrite }, null), cancellationToken));
        await TimeAsync(table, "the queue's page", 10, async _ => await queues.DetailAsync(queue!.QueueId, Manager, cancellationToken));
        await LabelAsync(db, cancellationToken);
        await TimeAsync(table, "agreement of 20,000 messages, three people", 3, async _ => await new AgreementQueries(contexts).DetailAsync(new AgreementFilter(), Manager, cancellationToken));
        await TimeAsync(table, "first page of disputes", 20, async _ => await new DisputeQueries(contexts).PageAsync(new DisputeFilter(), new PageRequest(), Manager, cancellationToken));
        AnsiConsole.Write(table);
    }

    private static Task TimeAsync(Table table, string what, int rounds, Func<int, Task> action) => TimeAsync(table, what, rounds, _ => Task.CompletedTask, action);

    private static async Task TimeAsync(Table table, string what, int rounds, Func<int, Task> prepare, Func<int, Task> action)
    {
        var times = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            await prepare(i);
            var watch = Stopwatch.StartNew();
            await action(i);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        table.AddRow(what, Timing.Text(times[times.Count / 2], "N1"), Timing.Text(times[(int)(times.Count * 0.95)], "N1"));
    }

    /// <summary>Three people on 25,000 bot messages, who disagree about one in ten.</summary>
    private static async Task LabelAsync(LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        await db.Labels.ExecuteDeleteAsync(cancellationToken);
        await db.MessageVerdicts.ExecuteDeleteAsync(cancellationToken);
        for (var person = 1; person <= People; person++)
        {
            await db.Database.ExecuteSqlRawAsync(
                """
                INSERT INTO Labels (MessageId, SessionId, AnnotatorId, AnnotatorName, Verdict, Score, Scale, CreatedAt, UpdatedAt, Version)
                SELECT m.Id, m.SessionId, {0}, {1}, CASE WHEN (m.Id * 7 + {0}) % 30 < 3 OR m.Id % 5 = 0 THEN 'Bad' ELSE 'Good' END, (m.Id + {0}) % 11, 'ZeroToTen', m.SentAt, m.SentAt, 1
                FROM (SELECT * FROM Messages WHERE SenderType = 'Bot' ORDER BY Id LIMIT 25000) m
                """, [person, "person " + person.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        }
        await db.Database.ExecuteSqlRawAsync(LabellingBackfill.Verdicts, cancellationToken);
    }
}

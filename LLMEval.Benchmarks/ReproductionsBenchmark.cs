using System.Diagnostics;
using System.Globalization;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using LLMEval.Core.Scoring.Scorers;
using LLMEval.Core.Targets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Table = Spectre.Console.Table;

namespace LLMEval.Benchmarks;

/// <summary>
/// 100,000 reproduction tasks of two versions each: the list by each filter, one task with few and with the most generations, the history of a case; and how fast a task asks, against what latency and
/// parallelism permit. Arguments: tasks=100000 rounds=15 database=sqlite|mariadb.
/// </summary>
internal static class ReproductionsBenchmark
{
    private const int GenerationsOfMost = 500;
    private const int Parallel = 8;
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(50);
    private static readonly Actor Manager = Actor.Operator(Permissions.All);
    private static readonly DateTime Newest = new(2026, 3, 15, 12, 0, 0, DateTimeKind.Utc);

    public static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        foreach (var database in BenchmarkDatabase.Available(arguments.Text("database")))
        {
            await using (database)
            {
                await MeasureAsync(database, arguments.Number("tasks", 100_000), arguments.Number("rounds", 15), cancellationToken);
            }
        }
    }

    private static async Task MeasureAsync(BenchmarkDatabase database, int tasks, int rounds, CancellationToken cancellationToken)
    {
        var statements = new StatementLog();
        var contexts = await database.NewAsync(cancellationToken, statements);
        await using var db = contexts.CreateDbContext();
        var (versionId, sampleId) = await FillAsync(db, tasks, cancellationToken);
        var queries = new ReproductionQueries(contexts, new SelfAddress(), TimeProvider.System);
        var table = new Table().AddColumns(database.Name, "median ms", "p95 ms", "raw median ms", "ratio");
        var connection = db.Database.GetDbConnection();
        var page = new PageRequest(Take: 50);
        foreach (var (what, filter, request) in new (string, ReproductionFilter, PageRequest)[]
        {
            ("no filter, first page", new(), page),
            ("no filter, middle page", new(), page with { After = Cursor.At(Newest.AddMinutes(-tasks / 2), tasks / 2) }),
            ("no filter, last page", new(), page with { IsLast = true }),
            ("still happens", new() { Verdict = ReproductionVerdict.StillHappens }, page),
            ("running (1 in 10,000)", new(ReproductionState.Running), page),
            ("one bot of 37", new(RobotId: BenchmarkCorpus.Robot(5)), page),
            ("a person who started 1 in 1,000", new() { Person = "rare" }, page),
            ("a day of 70", new() { Started = new TimeRange(null, Newest.AddDays(-30), Newest.AddDays(-29)) }, page),
        })
        {
            await RowAsync($"list, {what}", () => queries.PageAsync(filter, request, Manager, cancellationToken));
        }
        await RowAsync("a task of 2 versions with 10 generations each", () => queries.DetailAsync(2, Manager, cancellationToken));
        await RowAsync($"a task of 5 versions with {GenerationsOfMost} generations each", () => queries.DetailAsync(1, Manager, cancellationToken));
        await RowAsync("what lies behind one generation", () => queries.DebugAsync(1, 0, 7, Manager, cancellationToken));
        await RowAsync("history of a case of 100 tasks", () => queries.HistoryAsync("sample:0", Manager, cancellationToken));
        AnsiConsole.Write(table);
        await SpeedAsync(database, contexts, versionId, sampleId, cancellationToken);

        async Task RowAsync(string what, Func<Task> action) => table.AddRow([what, .. (await Timing.MeasureAsync(connection, statements, rounds, action, cancellationToken)).Cells]);
    }

    /// <summary>The first task has the most that a task can have.</summary>
    private static async Task<(long VersionId, long SampleId)> FillAsync(LLMEvalDbContext db, int tasks, CancellationToken cancellationToken)
    {
        var target = new Target { Name = "bot", Connector = Connector.Retrieval, CreatedAt = Newest };
        db.Targets.Add(target);
        var sample = new Sample { Fingerprint = "bench", InputJson = Json.Write(new[] { new SampleMessage("user", "asleep?") }), RecordedAnswer = "guess", CreatedAt = Newest, ContextLength = 10 };
        db.Samples.Add(sample);
        await db.SaveChangesAsync(cancellationToken);
        var version = new TargetVersion { TargetId = target.Id, Number = 1, MaxParallel = Parallel, CreatedAt = Newest };
        db.TargetVersions.Add(version);
        await db.SaveChangesAsync(cancellationToken);
        var snapshot = new TargetSnapshot(version.Id, "bot", 1, Connector.Retrieval, null, "m", null, ChatParameters.None, MemoryPolicy.AsKnown, null, Parallel, 60, "");
        var plan = Json.Write(new ArmPlan(snapshot, new Dictionary<string, ParameterSource>(), null, 1));
        var frozen = Json.Write(new ReproductionCase(new Turn([new SampleMessage("user", "asleep?")], null, [], new RecordedAnswer("guess", "m", 1, null), "s", null), "m", null));
        var criterion = Json.Write(Criterion.Contains("guess"));
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var chunk in Enumerable.Range(0, tasks).Chunk(5_000))
        {
            await BulkWriter.InsertAsync(db, chunk.Select(i => new ReproductionTask
            {
                BizCode = "bench",
                RobotId = BenchmarkCorpus.Robot(i % 37),
                CaseKey = string.Create(CultureInfo.InvariantCulture, $"sample:{i / 100}"),
                SampleId = sample.Id,
                BadAnswerPreview = "guess",
                QuestionPreview = "asleep?",
                CaseJson = frozen,
                CriterionJson = criterion,
                Times = 30,
                State = i % 10_000 == 7 ? ReproductionState.Running : ReproductionState.Completed,
                Verdict = (ReproductionVerdict)(i % 3),
                CreatedAt = Newest.AddMinutes(-i),
                StartedByName = i % 1_000 == 3 ? "rare" : "lin",
            }), cancellationToken);
        }
        var ids = await db.ReproductionTasks.OrderBy(t => t.Id).Select(t => t.Id).ToListAsync(cancellationToken);
        foreach (var chunk in ids.Chunk(5_000))
        {
            await BulkWriter.InsertAsync(db, chunk.SelectMany(id => Enumerable.Range(0, id == ids[0] ? 5 : 2).Select(arm => new ReproductionArm
            {
                TaskId = id,
                Index = arm,
                TargetVersionId = version.Id,
                TargetName = "bot",
                TargetNumber = 1,
                PlanJson = plan,
                Times = 30,
                Bad = 3,
                Graded = 10,
                Rate = 0.3,
                Low = 0.1,
                High = 0.6,
                IsEnded = true,
            })), cancellationToken);
            await BulkWriter.InsertAsync(db, chunk.SelectMany(id => Enumerable.Range(0, id == ids[0] ? 5 : 2).SelectMany(arm => Enumerable.Range(0, id == ids[0] ? GenerationsOfMost : 10).Select(i => new ReproductionGeneration
            {
                TaskId = id,
                ArmIndex = arm,
                Index = i,
                Text = string.Create(CultureInfo.InvariantCulture, $"answer {i % 50} of a bot that says about as much as people do in a chat"),
                Verdict = i % 3 == 0 ? GenerationVerdict.Bad : GenerationVerdict.Good,
                Attempts = 1,
                ResponseModel = "m",
                RequestJson = id == ids[0] ? """{"model":"m","temperature":0.8,"messages":[{"role":"user","content":"asleep?"}]}""" : null,
                At = Newest,
            }))), cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return (version.Id, sample.Id);
    }

    private static async Task SpeedAsync(BenchmarkDatabase database, ContextFactory contexts, long versionId, long sampleId, CancellationToken cancellationToken)
    {
        var scorers = new ScorerCatalog([new ChrfFactory()]);
        var targets = new TargetQueries(contexts);
        var worker = new ReproductionWorker(contexts, scorers, snapshot => new SlowTarget(snapshot), targets, new TrialExecutor(TimeProvider.System, NullLogger<TrialExecutor>.Instance), new RunsOptions(), TimeProvider.System);
        await using var db = contexts.CreateDbContext();
        var ideal = Math.Ceiling((double)GenerationsOfMost / Parallel) * Latency.TotalSeconds;
        var table = new Table().AddColumns(database.Name, "seconds", "at best", "share");
        foreach (var criterion in new[] { Criterion.Contains("guess"), Criterion.SimilarToRecorded() })
        {
            var template = await db.ReproductionTasks.AsNoTracking().OrderBy(t => t.Id).FirstAsync(cancellationToken);
            var arm = await db.ReproductionArms.AsNoTracking().OrderBy(a => a.Id).FirstAsync(cancellationToken);
            (template.Id, template.State, template.CriterionJson, template.SampleId) = (0, ReproductionState.Pending, Json.Write(criterion with { Options = null }), sampleId);
            db.ReproductionTasks.Add(template);
            await db.SaveChangesAsync(cancellationToken);
            (arm.Id, arm.TaskId, arm.TargetVersionId, arm.Times, arm.IsEnded) = (0, template.Id, versionId, GenerationsOfMost, false);
            db.ReproductionArms.Add(arm);
            await db.SaveChangesAsync(cancellationToken);
            var watch = Stopwatch.StartNew();
            await worker.ExecuteAsync(template.Id, cancellationToken);
            var seconds = watch.Elapsed.TotalSeconds;
            table.AddRow($"{GenerationsOfMost} generations, {Parallel} at once, {Latency.TotalMilliseconds} ms each, {criterion.Kind}", Timing.Text(seconds, "0.00"), Timing.Text(ideal, "0.00"), Timing.Text(ideal / seconds, "0 %"));
        }
        AnsiConsole.Write(table);
    }

    /// <summary>Answers after a fixed time.</summary>
    private sealed class SlowTarget(TargetSnapshot snapshot) : IChatTarget
    {
        public TargetSnapshot Snapshot => snapshot;

        public async Task<TargetReply> AskAsync(Transcript transcript, CancellationToken cancellationToken)
        {
            await Task.Delay(Latency, cancellationToken);
            return new TargetReply(ReplyStatus.Answered, "an answer of a bot", "m", null, Latency, 1, RequestJson: "{}", ResponseJson: "{}");
        }
    }
}

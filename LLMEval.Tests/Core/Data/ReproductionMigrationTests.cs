using LLMEval.Core.Data;
using LLMEval.Core.Reproduction;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;

namespace LLMEval.Tests.Core.Data;

public sealed class ReproductionMigrationTests
{
    private const string OldCase = """
        {"turn":{"context":[{"role":"user","content":"asleep?"}],"memory":[],"recorded":{"text":"guess","model":"m","parameters":{"temperature":0.5}}},"recorded_model":"m",
         "target":{"target_version_id":1,"name":"bot","number":1,"connector":"open_ai","request_model":"m","parameters":{"temperature":0.5},"memory_policy":"as_known","max_parallel":4,"timeout_seconds":60,"fingerprint":""},
         "sources":{"temperature":"recorded"},"transcript_version":1}
        """;

    [Theory, OnSqlite, OnMySql]
    public async Task Database_OfTheVersionBefore_KeepsItsTasksAsOneVersionEach(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: ["asleep?", "guess"]);
        var target = await database.TargetVersionAsync("bot");
        await using (var before = database.Open())
        {
            await before.GetService<IMigrator>().MigrateAsync("SamplePool");
            foreach (var (bad, graded, state) in new[] { (8, 10, "Completed"), (0, 10, "Completed"), (1, 2, "Running") })
            {
                await before.Database.ExecuteSqlRawAsync(
                    """
                    INSERT INTO ReproductionTasks (BizCode, RobotId, MessageId, SessionExternalId, MessageExternalId, BadAnswerPreview, CaseJson, TargetVersionId, TargetName, TargetNumber, OverridesJson, ParametersJson,
                        RecordedParametersJson, CriterionJson, Times, State, Bad, Graded, Rate, Low, High, CreatedAt, StartedById, StartedByName)
                    SELECT BizCode, RobotId, Id, 's', 'm', 'guess', {0}, {1}, 'bot', 1, {2}, {3}, {3}, {4}, 10, {5}, {6}, {7}, 0.5, 0.1, 0.9, SentAt, 0, 'x' FROM Messages WHERE Id = {8}
                    """,
                    OldCase, target, "{}", """{"temperature":0.5}""", """{"kind":"contains","any":["guess"]}""", state, bad, graded, messages[1].Id);
            }
            await before.Database.ExecuteSqlRawAsync(
                "INSERT INTO ReproductionGenerations (TaskId, `Index`, Status, Text, Verdict, Attempts, At) SELECT MIN(Id), 0, 'Answered', 'guess', 'Bad', 1, CreatedAt FROM ReproductionTasks GROUP BY CreatedAt");
        }

        await new DatabaseStartup(database.Contexts, database.Options, NullLogger<DatabaseStartup>.Instance).MigrateAsync(default);

        await using var host = RunHost.Idle(database, new Script());
        var rows = (await host.Get<ReproductionQueries>().PageAsync(new ReproductionFilter(), new(Descending: false), database.Admin, default)).Items;
        Assert.Equal([ReproductionVerdict.StillHappens, ReproductionVerdict.Fixed, ReproductionVerdict.Undecided], rows.Select(r => r.Verdict));
        Assert.Equal([(8, 10, true), (0, 10, true), (1, 2, false)], rows.Select(r => (r.Last.Bad, r.Last.Graded, r.Last.IsEnded)));
        Assert.All(rows, r => Assert.Equal(($"message:{messages[1].Id}", "bot@1", target), (r.CaseKey, r.Last.Label, r.Last.TargetVersionId)));
        var detail = await host.Get<ReproductionQueries>().DetailAsync(rows[0].Id, database.Admin, default);
        Assert.Equal("guess", Assert.Single(detail!.Arms[0].Generations).Text);
        Assert.Equal(ParameterDifference.Equal, detail.Arms[0].Parameters.Single(p => p.Key == "temperature").Difference);
        Assert.Equal((0.05, 0.30), (detail.P0, detail.P1));
    }
}

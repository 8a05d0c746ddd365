using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Demo;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static LLMEval.Tests.Core.Collecting.Importing;

namespace LLMEval.Tests.Core.Demo;

public sealed class DemoCorpusTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Load_EmptyDatabase_MovesTheAnchorDayToToday(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        // 18:00 UTC on the 15th is already the 16th in Shanghai.
        database.Clock.Advance(TimeSpan.FromHours(6));
        var demo = await ShippedAsync(database);

        var first = await demo.LoadAsync(database.Admin, null, CancellationToken.None);
        var second = await demo.LoadAsync(database.Admin, null, CancellationToken.None);

        Assert.Equal((1, 1), (first.Value!.Counts.New, second.Value!.Counts.Unchanged));
        await using var db = database.Open();
        var session = await db.Sessions.SingleAsync();
        var message = await db.Messages.SingleAsync();
        var memory = await db.MemoryPoints.SingleAsync();
        Assert.Equal(new DateTime(2026, 3, 4, 14, 41, 0, DateTimeKind.Utc), session.StartedAt);
        Assert.Equal(new DateTime(2026, 3, 4, 14, 41, 5, DateTimeKind.Utc), message.SentAt);
        Assert.Equal(new DateTime(2026, 2, 14, 2, 0, 0, DateTimeKind.Utc), memory.CreatedAt);
    }

    [Fact]
    public async Task ReadLabels_GivesThemAsWritten()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var demo = await ShippedAsync(database);

        var labels = new List<DemoLabel>();
        await foreach (var read in demo.ReadLabels(CancellationToken.None))
        {
            labels.Add(read);
        }

        var label = Assert.Single(labels);
        Assert.Equal(("companion", "s-1", "m-1", Verdict.Bad, 2.5, "better", "why"), (label.BizCode, label.SessionId, label.MessageId, label.Verdict, label.Score, label.GroundTruth, label.Comment));
        Assert.Equal(["重复"], label.Tags);
    }

    [Fact]
    public async Task Load_NothingShippedOrNotAllowed_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var missing = new DemoCorpus(database.Import(), Options, database.Clock) { Folder = Path.Combine(database.Folder, "none") };

        Assert.Equal("DemoCorpusMissing", (await missing.LoadAsync(database.Admin, null, CancellationToken.None)).Failure?.Code);
        Assert.Equal("Forbidden", (await missing.LoadAsync(database.Without(Permissions.DemoLoad), null, CancellationToken.None)).Failure?.Code);
    }

    private static async Task<DemoCorpus> ShippedAsync(TestDatabase database)
    {
        var folder = Directory.CreateDirectory(Path.Combine(database.Folder, "demo")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "anchor.json"), """{"anchor":"2026-01-31T00:00:00+08:00"}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "corpus.jsonl"), SessionWith(
            "s-1", ""","started_at":"2026-01-19T22:41:00+08:00","memory":[{"memory_id":"k","content":"c","created_at":"2026-01-01T10:00:00+08:00"}]""",
            Message("m-1", "x", "bot", ""","send_time":"2026-01-19T22:41:05+08:00" """)));
        await File.WriteAllTextAsync(Path.Combine(folder, "labels.jsonl"),
            """{"biz_code":"companion","session_id":"s-1","msg_id":"m-1","verdict":"bad","score":2.5,"ground_truth":"better","tags":["重复"],"comment":"why"}""" + "\n\n");
        return new DemoCorpus(database.Import(), Options, database.Clock) { Folder = folder };
    }
}

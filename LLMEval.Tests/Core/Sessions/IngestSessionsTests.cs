using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Sessions;

public sealed class IngestSessionsTests
{
    private static readonly DateTime Evening = new(2026, 3, 10, 14, 0, 0, DateTimeKind.Utc);

    [Theory, OnSqlite, OnMySql]
    public async Task Ingest_NewSession_StoresAllOfIt(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var session = Record("s-1", Said("m-1", "睡了没", Evening), Answered("m-2", "还没呢😀", Evening.AddSeconds(3)) with { Generation = new GenerationRecord { Model = "m", LatencyMs = 812 } }) with
        {
            Tags = ["emotion", "sleep"],
            Memory = [new MemoryRecord("k-1", "晚睡") { CreatedAt = Evening.AddDays(-1) }, new MemoryRecord("k-2", "怕黑")],
            Language = "zh",
        };

        var outcome = await IngestAsync(database, session);

        Assert.Equal((1, 2), (outcome.New, outcome.NewMessages));
        await using var db = database.Open();
        var stored = await db.Sessions.SingleAsync();
        Assert.Equal((Evening, Evening.AddSeconds(3), 2, 1, 2, "zh"), (stored.StartedAt, stored.LastMessageAt, stored.MessageCount, stored.BotMessageCount, stored.MemoryCount, stored.Language));
        var messages = await db.Messages.OrderBy(m => m.Ordinal).ToListAsync();
        Assert.Equal([(SenderType.User, "睡了没", false), (SenderType.Bot, "还没呢😀", false)], messages.Select(m => (m.SenderType, m.Content, m.IsTimeInferred)));
        Assert.Equal(("m", 812), await db.Generations.Where(g => g.MessageId == messages[1].Id).Select(g => new ValueTuple<string?, int?>(g.Model, g.LatencyMs)).SingleAsync());
        Assert.Equal(["emotion", "sleep"], await db.SessionTags.Select(t => t.Name).OrderBy(n => n).ToListAsync());
        Assert.Equal([Evening.AddDays(-1), null], await db.MemoryPoints.OrderBy(m => m.Ordinal).Select(m => m.CreatedAt).ToListAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Ingest_ChangedSession_RewritesOnlyWhatDiffersAndKeepsLabels(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var first = database.Clock.GetUtcNow().UtcDateTime;
        await IngestAsync(database, Record("s-1", Said("m-1", "a", Evening), Answered("m-2", "b", Evening.AddSeconds(1)), Said("m-3", "c", Evening.AddSeconds(2))) with
        {
            Tags = ["old", "both"],
            Memory = [new MemoryRecord("k-1", "old"), new MemoryRecord("k-2", "gone")],
        });
        await using (var before = database.Open())
        {
            await database.LabelAsync(await before.Messages.SingleAsync(m => m.ExternalId == "m-2"), Verdict.Bad);
        }
        database.Clock.Advance(TimeSpan.FromHours(1));

        var outcome = await IngestAsync(database, Record("s-1", Said("m-1", "a", Evening), Answered("m-2", "B", Evening.AddSeconds(1)) with { Generation = new GenerationRecord { Model = "m" } }, Said("m-4", "d", Evening.AddSeconds(3))) with
        {
            Tags = ["both", "new"],
            Memory = [new MemoryRecord("k-1", "newer"), new MemoryRecord("k-3", "fresh")],
        });

        Assert.Equal((0, 1, 0, 1, 1), (outcome.New, outcome.Updated, outcome.Unchanged, outcome.NewMessages, outcome.ChangedMessages));
        await using var db = database.Open();
        var messages = await db.Messages.OrderBy(m => m.Ordinal).ToListAsync();
        Assert.Equal(
            [("m-1", "a", 0, first), ("m-2", "B", 1, first.AddHours(1)), ("m-3", "c", 2, first), ("m-4", "d", 3, first.AddHours(1))],
            messages.Select(m => (m.ExternalId, m.Content, m.Ordinal, m.UpdatedAt)));
        Assert.Equal(messages[1].Id, (await db.Labels.SingleAsync()).MessageId);
        Assert.Equal(messages[1].Id, (await db.Generations.SingleAsync()).MessageId);
        Assert.Equal(["both", "new"], await db.SessionTags.Select(t => t.Name).OrderBy(n => n).ToListAsync());
        Assert.Equal([("k-1", "newer"), ("k-3", "fresh"), ("k-2", "gone")], (await db.MemoryPoints.OrderBy(m => m.Ordinal).ToListAsync()).Select(m => (m.ExternalId, m.Content)));
        var session = await db.Sessions.SingleAsync();
        Assert.Equal((4, 1, 3, first.AddHours(1)), (session.MessageCount, session.BotMessageCount, session.MemoryCount, session.UpdatedAt));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Ingest_SameSessionTwiceInOneRequest_LaterUpdates(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);

        var outcome = await IngestAsync(database, Record("s-1", Said("m-1", "a", Evening)), Record("s-2"), Record("s-1", Said("m-1", "b", Evening)));

        Assert.Equal((2, 1), (outcome.New, outcome.Updated));
        await using var db = database.Open();
        Assert.Equal("b", (await db.Messages.SingleAsync()).Content);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Ingest_BySeveralImportersAtOnce_StoresEachOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var sessions = Enumerable.Range(0, 40).Select(i => Record($"s-{i}", Said("m-1", "a", Evening), Answered("m-2", "b", Evening.AddSeconds(1)))).ToArray();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => IngestAsync(database, sessions))));

        Assert.Equal((40, 120), (outcomes.Sum(o => o.New), outcomes.Sum(o => o.Unchanged)));
        await using var db = database.Open();
        Assert.Equal((40, 80), (await db.Sessions.CountAsync(), await db.Messages.CountAsync()));
    }

    [Fact]
    public async Task Ingest_NoTimesAtAll_EndsAtTheImportInOrder()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var now = database.Clock.GetUtcNow().UtcDateTime;

        await IngestAsync(database, Record("s-1", Said("m-1", "a"), Said("m-2", "b"), Said("m-3", "c")));

        await using var db = database.Open();
        var messages = await db.Messages.OrderBy(m => m.SentAt).ToListAsync();
        Assert.Equal([("m-1", now.AddSeconds(-2), true), ("m-2", now.AddSeconds(-1), true), ("m-3", now, true)], messages.Select(m => (m.ExternalId, m.SentAt, m.IsTimeInferred)));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Ingest_UntimedSessionAgainLater_StaysWhereItWas(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var now = database.Clock.GetUtcNow().UtcDateTime;
        await IngestAsync(database, Record("s-1", Said("m-1", "a"), Said("m-2", "b")));
        database.Clock.Advance(TimeSpan.FromDays(3));

        var same = await IngestAsync(database, Record("s-1", Said("m-1", "a"), Said("m-2", "b")));
        var longer = await IngestAsync(database, Record("s-1", Said("m-1", "a"), Said("m-0", "between"), Said("m-2", "b")));

        Assert.Equal((1, 1), (same.Unchanged, longer.Updated));
        await using var db = database.Open();
        var messages = await db.Messages.OrderBy(m => m.SentAt).ToListAsync();
        Assert.Equal([("m-1", now.AddSeconds(-1), 0), ("m-0", now, 1), ("m-2", now.AddSeconds(1), 2)], messages.Select(m => (m.ExternalId, m.SentAt, m.Ordinal)));
        Assert.Equal(now, messages[2].UpdatedAt);
    }

    [Fact]
    public async Task Ingest_OtherTimeChoice_MovesUntimedSessions()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await IngestAsync(database, Record("s-1", Said("m-1", "a")), Record("s-2", Said("m-1", "a")) with { StartedAt = Evening });
        var choice = new TimeChoice(AssumeStart: Evening.AddDays(-9));

        var outcome = await new IngestSessions(database.Contexts, database.Clock).ExecuteAsync(
            new IngestRequest([Record("s-1", Said("m-1", "a")), Record("s-2", Said("m-1", "a")) with { StartedAt = Evening }], "t") { Times = choice }, database.Admin, CancellationToken.None);

        Assert.Equal((1, 1), (outcome.Value!.Updated, outcome.Value.Unchanged));
        await using var db = database.Open();
        Assert.Equal([Evening.AddDays(-9), Evening], await db.Messages.OrderBy(m => m.SentAt).Select(m => m.SentAt).ToListAsync());
    }

    [Fact]
    public async Task Ingest_Spread_FillsTheDaysEvenlyAndTheSameEveryTime()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var now = database.Clock.GetUtcNow().UtcDateTime;
        var request = new IngestRequest([.. Enumerable.Range(0, 1_500).Select(i => Record($"s-{i}", Said("m-1", "a")))], "t") { Times = new TimeChoice(SpreadDays: 30) };
        var ingest = new IngestSessions(database.Contexts, database.Clock);

        await ingest.ExecuteAsync(request, database.Admin, CancellationToken.None);
        database.Clock.Advance(TimeSpan.FromDays(1));
        var again = await ingest.ExecuteAsync(request, database.Admin, CancellationToken.None);

        Assert.Equal(1_500, again.Value!.Unchanged);
        await using var db = database.Open();
        var ages = (await db.Messages.Select(m => m.SentAt).ToListAsync()).ConvertAll(t => (now - t).TotalDays);
        Assert.All(ages, age => Assert.InRange(age, 0, 30.01));
        Assert.All(Enumerable.Range(0, 3), third => Assert.InRange(ages.Count(a => a >= third * 10 && a < (third + 1) * 10), 400, 600));
    }

    [Fact]
    public void SentTimes_BetweenTimedMessages_KeepTheOrder()
    {
        var times = SentTimes.Of([Said("a", ""), Said("b", "", Evening), Said("c", ""), Said("d", ""), Said("e", "", Evening.AddSeconds(1)), Said("f", "")], null, Evening);

        Assert.Equal(times.Order(), times);
        Assert.Equal(6, times.Distinct().Count());
        Assert.Equal((Evening.AddSeconds(-1), Evening, Evening.AddSeconds(1), Evening.AddSeconds(2)), (times[0], times[1], times[4], times[5]));
    }

    private static SessionRecord Record(string id, params MessageRecord[] messages) => new("companion", id, "r-1", "u-1") { Messages = messages };

    private static MessageRecord Said(string id, string content, DateTime? at = null) => new(id, SenderType.User, content) { SentAt = at };

    private static MessageRecord Answered(string id, string content, DateTime? at = null) => new(id, SenderType.Bot, content) { SentAt = at };

    private static async Task<IngestOutcome> IngestAsync(TestDatabase database, params SessionRecord[] sessions)
    {
        var result = await new IngestSessions(database.Contexts, database.Clock).ExecuteAsync(new IngestRequest(sessions, "test"), database.Admin, CancellationToken.None);
        Assert.Null(result.Failure);
        return result.Value!;
    }
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Sessions;

public sealed class SessionQueriesTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Page_WalkedForwardsAndBack_ShowsEachSessionOnceInOrder(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var start = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < 11; i++)
        {
            // Three sessions share each start, so that the id must break ties.
            await database.SessionAsync($"s-{i:00}", startedAt: start.AddHours(i / 3));
        }
        var queries = new SessionQueries(database.Contexts, database.Clock);

        foreach (var sort in SessionSort.All)
        {
            foreach (var descending in new[] { true, false })
            {
                var forwards = new List<string>();
                Page<SessionRow>? page = null;
                do
                {
                    page = await queries.PageAsync(new SessionFilter(), new PageRequest(After: page?.Next, Take: 4, SortBy: sort, Descending: descending), database.Admin, default);
                    forwards.AddRange(page.Items.Select(r => r.SessionId));
                }
                while (page.Next is not null);
                Assert.Equal(11, forwards.Distinct().Count());
                Assert.Equal(11, forwards.Count);

                var last = await queries.PageAsync(new SessionFilter(), new PageRequest(IsLast: true, Take: 4, SortBy: sort, Descending: descending), database.Admin, default);
                Assert.Equal(forwards[^4..], last.Items.Select(r => r.SessionId));
                var before = await queries.PageAsync(new SessionFilter(), new PageRequest(Before: last.Previous, Take: 4, SortBy: sort, Descending: descending), database.Admin, default);
                Assert.Equal(forwards[3..7], before.Items.Select(r => r.SessionId));
                Assert.NotNull(before.Next);
            }
        }
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Page_EachFilter_FindsWhatItSays(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var now = database.Clock.GetUtcNow().UtcDateTime;
        var (bad, badMessages) = await database.SessionAsync("bad", robot: "r-1", user: "u-1");
        var (good, goodMessages) = await database.SessionAsync("good", robot: "r-2", user: "u-2");
        await database.SessionAsync("old", startedAt: now.AddDays(-40));
        await database.SessionAsync("other", biz: "growth", robot: "r-3", user: "u-3");
        await database.LabelAsync(badMessages[1], Verdict.Bad, annotator: 1);
        await database.LabelAsync(badMessages[1], Verdict.Good, annotator: 2);
        await database.LabelAsync(badMessages[1], Verdict.Bad, annotator: 3);
        await database.LabelAsync(goodMessages[1], Verdict.Good);
        var queries = new SessionQueries(database.Contexts, database.Clock);
        async Task<IEnumerable<string>> Found(SessionFilter filter, Actor? actor = null) =>
            (await queries.PageAsync(filter, new PageRequest(), actor ?? database.Admin, default)).Items.Select(r => r.SessionId).Order();

        Assert.Equal(["bad", "good", "other"], await Found(new SessionFilter { Range = TimeRange.Of(TimeSpan.FromDays(1)) }));
        Assert.Equal(["old"], await Found(new SessionFilter { Range = new TimeRange(null, null, now.AddDays(-30)), Time = SessionTime.LastMessage }));
        Assert.Equal(["bad", "good"], await Found(new SessionFilter { RobotIds = ["r-1", "r-2"], Range = TimeRange.Of(TimeSpan.FromDays(1)) }));
        Assert.Equal(["other"], await Found(new SessionFilter { UserIds = ["u-3"] }));
        Assert.Equal(["other"], await Found(new SessionFilter { BizCodes = ["growth"] }));
        Assert.Equal(["bad"], await Found(new SessionFilter { Label = LabelState.Bad }));
        Assert.Equal(["old", "other"], await Found(new SessionFilter { Label = LabelState.Unlabelled }));
        Assert.Equal(["bad"], await Found(new SessionFilter { Label = LabelState.Disputed }));
        await database.SessionAsync("long", robot: "r-4", contents: ["1", "2", "3", "4", "5"]);
        Assert.Equal(["long"], await Found(new SessionFilter { MinMessages = 3 }));
        Assert.Empty(await Found(new SessionFilter { MinMessages = 3, MaxMessages = 4 }));
        Assert.DoesNotContain("long", await Found(new SessionFilter { MaxMessages = 4 }));
        Assert.Empty(await Found(new SessionFilter { HasMemory = true }));
        Assert.Contains("long", await Found(new SessionFilter { HasMemory = false }));
        Assert.Equal(["bad", "long", "old"], await Found(new SessionFilter { Pairs = [new("u-1", "r-1"), new("u-1", "r-4"), new("u-2", "r-4")] }));
        Assert.Equal(["other"], await Found(new SessionFilter(), database.Scoped("growth")));
        Assert.Empty(await Found(new SessionFilter(), database.Scoped()));
        Assert.Empty(await Found(new SessionFilter(), Actor.Nobody));
        Assert.Equal(3, await queries.CountAsync(new SessionFilter { BizCodes = ["companion"], MaxMessages = 4 }, database.Admin, default));
        var row = (await queries.FindAsync("companion", "bad", database.Admin, default))!.Row;
        Assert.Equal((0, 1), (row.GoodCount, row.BadCount));
        Assert.Null(await queries.FindAsync("companion", "bad", database.Scoped("growth"), default));
        Assert.Equal(["r-1", "r-2", "r-3", "r-4"], await queries.RobotIdsAsync("r-", 10, database.Admin, default));
        Assert.Equal(["r-3"], await queries.RobotIdsAsync("", 10, database.Scoped("growth"), default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Transcript_ReadInWindows_GoesBothWaysAndMarksItsEnds(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (session, messages) = await database.SessionAsync(contents: [.. Enumerable.Range(0, 25).Select(i => $"message {i}")]);
        await database.MemoryAsync(session, "later", messages[10].SentAt);
        await database.MemoryAsync(session, "undated", null);
        await database.MemoryAsync(session, "earlier", messages[2].SentAt);
        var queries = new TranscriptQueries(database.Contexts);

        var middle = await queries.ForwardAsync(session.Id, 10, 5, database.Admin, default);
        Assert.Equal([10, 11, 12, 13, 14], middle.Messages.Select(m => m.Ordinal));
        Assert.True(middle.HasEarlier);
        Assert.True(middle.HasLater);
        var start = await queries.BackwardAsync(session.Id, 3, 10, database.Admin, default);
        Assert.Equal([0, 1, 2], start.Messages.Select(m => m.Ordinal));
        Assert.False(start.HasEarlier);
        Assert.Equal(7, await queries.FirstWithinAsync(session.Id, messages[7].SentAt, messages[9].SentAt, database.Admin, default));
        Assert.Equal(4, await queries.OrdinalOfAsync(session.Id, "m-5", database.Admin, default));
        Assert.Equal(["undated", "earlier", "later"], (await queries.MemoryAsync(session.Id, database.Admin, default)).Select(m => m.Content));
        Assert.Empty((await queries.ForwardAsync(session.Id, 0, 5, database.Scoped("growth"), default)).Messages);
        Assert.Empty(await queries.MemoryAsync(session.Id, database.Scoped("growth"), default));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Transcript_FindInside_GoesBothWaysInWhateverCase(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (session, _) = await database.SessionAsync(contents: ["Hello 你好", "100%", "x", "hELLO_again", "你好"]);
        var queries = new TranscriptQueries(database.Contexts);
        Task<int?> Find(string text, int from, bool isForward, Actor? actor = null) => queries.FindAsync(session.Id, text, from, isForward, actor ?? database.Admin, default);

        Assert.Equal((0, 3, null), (await Find("hello", -1, true), await Find("hello", 0, true), await Find("hello", 3, true)));
        Assert.Equal((4, 0, null), (await Find("你好", int.MaxValue, false), await Find("你好", 4, false), await Find("你好", 0, false)));
        Assert.Equal((1, 3, null), (await Find("0%", -1, true), await Find("O_A", -1, true), await Find("0_", -1, true)));
        Assert.Null(await Find("hello", -1, true, database.Scoped("growth")));
    }
}

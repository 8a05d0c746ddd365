using System.Globalization;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace LLMEval.Tests.Core.Search;

public sealed class MessageSearchTests
{
    private static readonly string[] Contents =
    [
        "睡觉了嘛", "还没呢，在等你。", "Good Night, 晚安", "GOOD morning", "哈哈😀😁真的吗", "😁😀", "嗯", "100% 退款!", "ＡＢＣ公司", "第一行\n第二行 睡觉", "  嗯  ", "嗯嗯",
    ];

    [Theory]
    [OnSqlite("睡觉", "睡觉了嘛|第一行\n第二行 睡觉")]
    [OnMySql("睡觉", "睡觉了嘛|第一行\n第二行 睡觉")]
    [OnSqlite("good", "Good Night, 晚安|GOOD morning")]
    [OnMySql("GOOD", "Good Night, 晚安|GOOD morning")]
    [OnSqlite("t, 晚", "Good Night, 晚安")]
    [OnMySql("t, 晚", "Good Night, 晚安")]
    [OnSqlite("😀😁", "哈哈😀😁真的吗")]
    [OnMySql("😀😁", "哈哈😀😁真的吗")]
    [OnSqlite("😁😀", "😁😀")]
    [OnMySql("😁😀", "😁😀")]
    [OnSqlite("呢，在", "还没呢，在等你。")]
    [OnMySql("呢,在", "还没呢，在等你。")]
    [OnSqlite("% 退", "100% 退款!")]
    [OnMySql("0%", "100% 退款!")]
    [OnSqlite("abc公", "ＡＢＣ公司")]
    [OnMySql("abc公", "ＡＢＣ公司")]
    [OnSqlite("行\n第", "第一行\n第二行 睡觉")]
    [OnMySql("行\n第", "第一行\n第二行 睡觉")]
    [OnSqlite("嗯", "嗯|  嗯  |嗯嗯")]
    [OnMySql("嗯", "嗯|  嗯  |嗯嗯")]
    [OnSqlite("没有这句", "")]
    [OnMySql("没有这句", "")]
    public async Task Contains_AnySubstring_IsFoundBeforeAndAfterItIsIndexed(DatabaseProvider provider, string text, string expected)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync(contents: Contents);
        var filter = new MessageSearchFilter { Text = text };

        var before = await FoundAsync(database, filter);
        await IndexAsync(database);
        var after = await FoundAsync(database, filter);

        string[] wanted = [.. expected.Split('|', StringSplitOptions.RemoveEmptyEntries).Reverse()];
        Assert.Equal(wanted, before);
        Assert.Equal(wanted, after);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Exact_IsTheWholeMessage_WhateverItsCaseAndTheSpaceAroundIt(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync(contents: Contents);
        await IndexAsync(database);

        Assert.Equal(["  嗯  ", "嗯"], await FoundAsync(database, new MessageSearchFilter { Text = "嗯", Match = TextMatch.Exact }));
        Assert.Equal(["GOOD morning"], await FoundAsync(database, new MessageSearchFilter { Text = " good Morning ", Match = TextMatch.Exact }));
        Assert.Empty(await FoundAsync(database, new MessageSearchFilter { Text = "睡觉", Match = TextMatch.Exact }));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Page_EachFilter_FindsWhatItSays(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var now = database.Clock.GetUtcNow().UtcDateTime;
        var (_, labelled) = await database.SessionAsync("a", robot: "r-1", user: "u-1", contents: ["甲乙", "甲乙 bot"]);
        await database.SessionAsync("b", robot: "r-2", user: "u-1", startedAt: now.AddDays(-3), contents: ["甲乙 old"]);
        await database.SessionAsync("c", biz: "growth", robot: "r-1", user: "u-2", contents: ["甲乙 growth"]);
        await database.LabelAsync(labelled[1], Verdict.Bad);
        foreach (var isIndexed in new[] { false, true })
        {
            if (isIndexed)
            {
                await IndexAsync(database);
            }
            foreach (var text in new[] { "甲乙", null })
            {
                async Task<IEnumerable<string>> Found(MessageSearchFilter filter, Actor? actor = null) => (await FoundAsync(database, filter with { Text = text }, actor)).Order(StringComparer.Ordinal);

                Assert.Equal(4, (await Found(new MessageSearchFilter())).Count());
                Assert.Equal(["甲乙", "甲乙 bot"], await Found(new MessageSearchFilter { SessionId = "a" }));
                Assert.Empty(await Found(new MessageSearchFilter { SessionId = "nowhere" }));
                Assert.Equal(["甲乙 bot"], await Found(new MessageSearchFilter { MsgId = "m-2" }));
                Assert.Equal(["甲乙 old"], await Found(new MessageSearchFilter { RobotIds = ["r-2", "r-9"] }));
                Assert.Equal(["甲乙 growth"], await Found(new MessageSearchFilter { UserIds = ["u-2"] }));
                Assert.Equal(["甲乙 growth", "甲乙 old"], await Found(new MessageSearchFilter { Pairs = [new("u-2", "r-1"), new("u-1", "r-2"), new("u-2", "r-2")] }));
                Assert.Equal(["甲乙 growth"], await Found(new MessageSearchFilter { BizCodes = ["GROW"] }));
                Assert.Empty(await Found(new MessageSearchFilter { BizCodes = ["grow"], BizMatch = TextMatch.Exact }));
                Assert.Equal(["甲乙 bot"], await Found(new MessageSearchFilter { SenderType = SenderType.Bot }));
                Assert.Equal(["甲乙 old"], await Found(new MessageSearchFilter { Range = new TimeRange(null, null, now.AddDays(-1)) }));
                Assert.Equal(["甲乙 bot"], await Found(new MessageSearchFilter { Label = LabelState.Bad }));
                Assert.Empty(await Found(new MessageSearchFilter { Label = LabelState.Good }));
                Assert.Equal(3, (await Found(new MessageSearchFilter { Label = LabelState.Unlabelled })).Count());
                Assert.Equal(["甲乙 growth"], await Found(new MessageSearchFilter(), database.Scoped("growth")));
                Assert.Empty(await Found(new MessageSearchFilter { BizCodes = ["companion"] }, database.Scoped("growth")));
                Assert.Empty(await Found(new MessageSearchFilter(), database.Scoped()));
            }
        }
        var refused = await Queries(database).PageAsync(new MessageSearchFilter(), new PageRequest(), Actor.Nobody, default);
        Assert.Equal(FailureKind.Forbidden, refused.Failure!.Kind);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Page_WalkedForwardsAndBack_ShowsEachHitOnceNewestFirst(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        for (var i = 0; i < 4; i++)
        {
            // All four start at once, so that the id must break ties.
            await database.SessionAsync(string.Create(CultureInfo.InvariantCulture, $"s-{i}"), contents: ["找我 1", "别的", "找我 2"]);
            if (i == 1)
            {
                await IndexAsync(database);
            }
        }
        var queries = Queries(database);
        foreach (var filter in new[] { new MessageSearchFilter { Text = "找我" }, new MessageSearchFilter { Text = "我" } })
        {
            var forwards = new List<long>();
            Page<MessageHit>? page = null;
            do
            {
                page = (await queries.PageAsync(filter, new PageRequest(After: page?.Next, Take: 3), database.Admin, default)).Value!.Page;
                forwards.AddRange(page.Items.Select(h => h.Id));
            }
            while (page.Next is not null);
            Assert.Equal(8, forwards.Distinct().Count());
            Assert.Equal(8, forwards.Count);

            var last = (await queries.PageAsync(filter, new PageRequest(IsLast: true, Take: 3), database.Admin, default)).Value!.Page;
            Assert.Equal(forwards[^3..], last.Items.Select(h => h.Id));
            var before = (await queries.PageAsync(filter, new PageRequest(Before: last.Previous, Take: 3), database.Admin, default)).Value!.Page;
            Assert.Equal(forwards[2..5], before.Items.Select(h => h.Id));
        }
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Page_OfWhatIsCommon_IsFoundByWalking_AndOfWhatHasNoPairs_EndsEarlyAndGoesOn(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: ["嗯", .. Enumerable.Range(1, 16_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? "常见的话" : "别的")} {i}"))]);
        await IndexAsync(database);
        var common = messages.Where(m => m.Content.StartsWith("常见", StringComparison.Ordinal)).Select(m => m.Id).Reverse().ToList();
        var queries = Queries(database);
        async Task<MessageHits> PageAsync(string text, PageRequest page) => (await queries.PageAsync(new MessageSearchFilter { Text = text }, page, database.Admin, default)).Value!;

        var first = await PageAsync("常见", new PageRequest(Take: 40));
        var second = await PageAsync("常见", new PageRequest(After: first.Page.Next, Take: 40));
        var last = await PageAsync("常见", new PageRequest(IsLast: true, Take: 40));
        var back = await PageAsync("常见", new PageRequest(Before: second.Page.Previous, Take: 40));
        Assert.Equal(common.Take(80), first.Page.Items.Concat(second.Page.Items).Select(h => h.Id));
        Assert.Equal(common.TakeLast(40), last.Page.Items.Select(h => h.Id));
        Assert.Equal(common.Take(40), back.Page.Items.Select(h => h.Id));
        Assert.Null(first.ReachedAt);

        var early = await PageAsync("嗯", new PageRequest(Take: 40));
        Assert.Empty(early.Page.Items);
        Assert.NotNull(early.ReachedAt);
        var rest = await PageAsync("嗯", new PageRequest(After: early.Page.Next, Take: 40));
        Assert.Equal([messages[0].Id], rest.Page.Items.Select(h => h.Id));
        Assert.Null(rest.ReachedAt);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Import_OfAChangedMessage_IsFoundByItsNewTextAndNotByItsOld(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.ImportAsync(Importing.Session("s", Importing.Message("m-1", "旧的说法"), Importing.Message("m-2", "不变的话")));
        await IndexAsync(database);

        await database.ImportAsync(Importing.Session("s", Importing.Message("m-1", "新的说法"), Importing.Message("m-2", "不变的话"), Importing.Message("m-3", "后来的话")));

        foreach (var isIndexed in new[] { false, true })
        {
            if (isIndexed)
            {
                await IndexAsync(database);
            }
            Assert.Equal(["新的说法"], await FoundAsync(database, new MessageSearchFilter { Text = "新的" }));
            Assert.Empty(await FoundAsync(database, new MessageSearchFilter { Text = "旧的" }));
            Assert.Equal(["后来的话", "不变的话"], await FoundAsync(database, new MessageSearchFilter { Text = "的话" }));
        }
        await database.ImportAsync("""{"session_id":"s","biz_code":"companion","robot_id":"r-9","user_id":"u-9","messages":[]}""");
        Assert.Equal(3, (await FoundAsync(database, new MessageSearchFilter { RobotIds = ["r-9"] })).Count);
        await IndexAsync(database);
        Assert.Equal(3, (await FoundAsync(database, new MessageSearchFilter { UserIds = ["u-9"] })).Count);
        Assert.Empty(await FoundAsync(database, new MessageSearchFilter { UserIds = ["u-1"] }));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Segments_ManySmall_AreJoinedAndNothingIsLost(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        for (var i = 0; i < 20; i++)
        {
            await database.SessionAsync(string.Create(CultureInfo.InvariantCulture, $"s-{i}"), contents: ["同一句话", "另一句"]);
            await IndexAsync(database);
        }

        Assert.Equal(20, (await FoundAsync(database, new MessageSearchFilter { Text = "同一句" })).Count);
        await using var db = database.Open();
        Assert.InRange(await db.SearchSegments.CountAsync(), 1, 15);
        Assert.Equal(40, await db.SearchSegments.SumAsync(s => s.MessageCount));
        Assert.Empty(await db.MessageChanges.ToListAsync());
        var segments = await db.SearchSegments.Select(s => s.Id).ToListAsync();
        Assert.All(await db.SearchBlocks.Select(b => b.Id).ToListAsync(), id => Assert.Contains(id >> 16, segments));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task FindById_OfASessionOrAMessage_LeadsThere(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (session, messages) = await database.SessionAsync("s-77");
        var (_, theirs) = await database.SessionAsync("s-78", biz: "growth", startedAt: session.StartedAt.AddDays(-1));
        await IndexAsync(database);
        var queries = Queries(database);

        Assert.Equal(new FoundId(session.Id, null), await queries.FindByIdAsync(" s-77 ", database.Admin, default));
        Assert.Equal(new FoundId(session.Id, messages[1].Id), await queries.FindByIdAsync("m-2", database.Admin, default));
        Assert.Equal(theirs[1].Id, (await queries.FindByIdAsync("m-2", database.Scoped("growth"), default))!.MessageId);
        Assert.Null(await queries.FindByIdAsync("s-77", database.Scoped("growth"), default));
        Assert.Null(await queries.FindByIdAsync("nothing", database.Admin, default));
    }

    [Fact]
    public void Snippet_OfALongMessage_ShowsTheHitAndMarksIt()
    {
        var content = new string('前', 300) + "😀要找\n的" + new string('后', 300);

        var snippet = Snippets.Of(content, "要找");

        Assert.Equal("要找", snippet.Text.Substring(snippet.Marks[0].Start, snippet.Marks[0].Length));
        Assert.StartsWith("…前", snippet.Text, StringComparison.Ordinal);
        Assert.EndsWith("后…", snippet.Text, StringComparison.Ordinal);
        Assert.Contains("要找 的", snippet.Text, StringComparison.Ordinal);
        Assert.Equal(new Snippet("短", []), Snippets.Of("短", "") with { Marks = [] }, (a, b) => a!.Text == b!.Text);
    }

    internal static MessageSearchQueries Queries(TestDatabase database) => new(database.Contexts, database.Clock);

    internal static Task<long> IndexAsync(TestDatabase database) => new IndexMessages(database.Contexts, NullLogger<IndexMessages>.Instance).ExecuteAsync(1, CancellationToken.None);

    private static async Task<List<string>> FoundAsync(TestDatabase database, MessageSearchFilter filter, Actor? actor = null) =>
        [.. (await Queries(database).PageAsync(filter, new PageRequest(), actor ?? database.Admin, CancellationToken.None)).Value!.Page.Items.Select(h => h.Content)];
}

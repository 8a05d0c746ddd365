using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Samples;

public sealed class PoolQueriesTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Page_AllMadeAtOnce_EachIsSeenOnceInBothDirectionsAndOrders(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync([.. Enumerable.Range(0, 23).Select(i => $"question {i}")]);
        var queries = pool.Get<PoolQueries>();
        async Task<Page<PoolRow>> PageAsync(PageRequest request) => (await queries.PageAsync(new SampleFilter(), request, pool.Admin, default)).Value!;

        foreach (var descending in new[] { true, false })
        {
            var expected = descending ? ids.Reverse().ToList() : [.. ids];
            var (seen, back) = (new List<long>(), new List<long>());
            Page<PoolRow>? page = null;
            do
            {
                page = await PageAsync(new PageRequest(After: page?.Next, Take: 5, Descending: descending));
                seen.AddRange(page.Items.Select(r => r.Id));
            }
            while (page.Next is not null);
            page = await PageAsync(new PageRequest(IsLast: true, Take: 5, Descending: descending));
            Assert.Null(page.Next);
            back.InsertRange(0, page.Items.Select(r => r.Id));
            while (page.Previous is not null)
            {
                page = await PageAsync(new PageRequest(Before: page.Previous, Take: 5, Descending: descending));
                back.InsertRange(0, page.Items.Select(r => r.Id));
            }
            Assert.Equal(expected, seen);
            Assert.Equal(expected, back);
        }
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Page_Row_ShowsTagsVerdictAndTheSetsThatTheReaderMaySee(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var (_, messages) = await pool.Database.SessionAsync(contents: ["hi", "hello"]);
        await pool.Database.LabelAsync(messages[1], LLMEval.Core.Labels.Verdict.Bad);
        var taken = (await pool.Get<TakeSample>().ExecuteAsync(new TakeSampleRequest(messages[1].Id), pool.Admin, default)).Value;
        var game = (await pool.AddAsync([PoolHost.Draft("game", "b", "a/c") with { BizCode = "game" }]))[0];
        await pool.SetAsync("one", taken);
        await pool.SetAsync("both", taken, game);
        var deleted = await pool.SetAsync("gone", taken);
        await pool.Get<DeleteSet>().ExecuteAsync(deleted, pool.Admin, default);

        var all = (await pool.Get<PoolQueries>().PageAsync(new SampleFilter(), new PageRequest(), pool.Admin, default)).Value!.Items;
        var scoped = (await pool.Get<PoolQueries>().PageAsync(new SampleFilter(), new PageRequest(), pool.Database.Scoped("companion"), default)).Value!.Items;

        Assert.Equal([(game, 1), (taken, 2)], all.Select(r => (r.Id, r.SetCount)));
        Assert.Equal(["a/c", "b"], all[0].Tags);
        Assert.Equal([null, LLMEval.Core.Labels.Verdict.Bad], all.Select(r => r.Verdict));
        Assert.Equal([(taken, 1)], scoped.Select(r => (r.Id, r.SetCount)));
        Assert.Empty((await pool.Get<PoolQueries>().PageAsync(new SampleFilter(), new PageRequest(), pool.Database.Without(Permissions.SetsView), default)).Value!.Items);
        Assert.Equal("TagExpressionEnd", (await pool.Get<PoolQueries>().PageAsync(new SampleFilter { Tags = "a)" }, new PageRequest(), pool.Admin, default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Count_MoreThanTheCap_StopsThereUnlessAllAreAskedFor(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await using (var db = pool.Database.Open())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await BulkWriter.InsertAsync(db, Enumerable.Range(0, Page.CountCap + 7).Select(i => new Sample { Fingerprint = $"f{i}", BizCode = i < 3 ? "few" : "many" }), default);
            await transaction.CommitAsync();
        }
        var queries = pool.Get<PoolQueries>();

        Assert.Equal(Page.CountCap + 1, (await queries.CountAsync(new SampleFilter(), pool.Admin, default)).Value);
        Assert.Equal(Page.CountCap + 7, (await queries.CountAsync(new SampleFilter(), pool.Admin, default, all: true)).Value);
        Assert.Equal(3, (await queries.CountAsync(new SampleFilter(), pool.Database.Scoped("few"), default)).Value);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Facets_LimitedActor_OfferNothingOfOthers(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await pool.AddAsync([PoolHost.Draft("one", "t", "shared") with { BizCode = "companion", RobotId = "r-2" }, PoolHost.Draft("two", "shared") with { RobotId = "r-1" }]);
        await pool.AddAsync([PoolHost.Draft("three", "secret") with { BizCode = "game", RobotId = "r-9" }], actor: pool.Admin with { Name = "stranger" });

        var facets = await pool.Get<PoolQueries>().FacetsAsync(pool.Database.Scoped("companion"), default);

        Assert.Equal(["r-1", "r-2"], facets.RobotIds);
        Assert.Equal(["companion"], facets.BizCodes);
        Assert.Equal(["test"], facets.People);
        Assert.Equal([new TagCount("shared", 2), new TagCount("t", 1)], facets.Tags);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Coverage_BelowANode_CountsASampleOnceInEachBranch(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await pool.AddAsync(
        [
            PoolHost.Draft("1", "topic/sleep", "topic/sleep/dream", "topic/work") with { RobotId = "r-1" },
            PoolHost.Draft("2", "topic/sleep/dream") with { RobotId = "r-2" },
            PoolHost.Draft("3", "topic", "topical/x") with { RobotId = "r-1" },
            PoolHost.Draft("4") with { RobotId = "r-1" },
        ]);
        async Task<Coverage> OfAsync(string? below) => (await pool.Get<CoverageQueries>().OfAsync(new SampleFilter(), below, pool.Admin, default)).Value!;

        var (top, topic) = (await OfAsync(null), await OfAsync(" /topic/"));

        Assert.Equal((4, false), (top.Total, top.IsCut));
        Assert.Equal(["r-1", "r-2"], top.RobotIds);
        Assert.Equal(["topic", "topical", ""], top.Tags);
        Assert.Equal([("", "r-1", 1), ("topic", "r-1", 2), ("topic", "r-2", 1), ("topical", "r-1", 1)], Cells(top));
        Assert.Equal(["topic/sleep", "topic/work", ""], topic.Tags);
        Assert.Equal([("", "r-1", 2), ("topic/sleep", "r-1", 1), ("topic/sleep", "r-2", 1), ("topic/work", "r-1", 1)], Cells(topic));
    }

    [Theory, OnSqlite]
    public async Task Coverage_MoreBranchesThanRows_SaysThatItIsCut(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        await pool.AddAsync(Enumerable.Range(100, Coverage.MostTags + 1).Select(i => PoolHost.Draft($"{i}", $"t{i}/a", $"t{i}/b")));

        var coverage = (await pool.Get<CoverageQueries>().OfAsync(new SampleFilter(), null, pool.Admin, default)).Value!;

        Assert.True(coverage.IsCut);
        Assert.Equal(Enumerable.Range(100, Coverage.MostTags).Select(i => $"t{i}"), coverage.Tags);
        Assert.Equal(Coverage.MostTags, coverage.Cells.Count);
    }

    private static IEnumerable<(string, string, int)> Cells(Coverage coverage) => coverage.Cells.Select(c => (c.Tag, c.RobotId, c.Count)).OrderBy(c => c.Tag, StringComparer.Ordinal).ThenBy(c => c.RobotId, StringComparer.Ordinal);
}

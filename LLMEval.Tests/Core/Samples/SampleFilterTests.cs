using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Samples;

public sealed class SampleFilterTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Filter_EachFieldAloneAndTogether_FindsWhatItSays(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var zh = (await pool.AddAsync([new SampleDraft([new SampleMessage("user", "100%\u7761\u4e0d\u7740")]) { BizCode = "companion", RobotId = "r-1", Tags = ["topic/sleep"], References = ["yes"] }]))[0];
        pool.Database.Clock.Advance(TimeSpan.FromHours(2));
        var person = pool.Admin with { Name = "mei" };
        var en = (await pool.AddAsync([new SampleDraft([new SampleMessage("user", "Are_you there?")]) { BizCode = "game", RobotId = "r-2", RecordedAnswer = "back\\slash" }], SampleOrigin.File, person))[0];
        var (_, messages) = await pool.Database.SessionAsync(contents: ["hi", "good one", "hello there", "bad one", "what now", "odd one", "and again", "no label"]);
        await pool.Database.LabelAsync(messages[1], Verdict.Good);
        await pool.Database.LabelAsync(messages[3], Verdict.Bad);
        await pool.Database.LabelAsync(messages[5], Verdict.Good);
        await pool.Database.LabelAsync(messages[5], Verdict.Bad, annotator: 2);
        var taken = new List<long>();
        foreach (var message in messages.Where((_, i) => i % 2 == 1))
        {
            taken.Add((await pool.Get<TakeSample>().ExecuteAsync(new TakeSampleRequest(message.Id, 0), pool.Admin, default)).Value);
        }
        var setId = await pool.SetAsync("some", zh, taken[2]);
        await using (var db = pool.Database.Open())
        {
            await db.Samples.Where(s => s.Id == taken[3]).ExecuteUpdateAsync(u => u.SetProperty(s => s.DuplicateOfId, taken[0]));
        }
        pool.Database.Clock.Advance(TimeSpan.FromMinutes(1));
        var all = new[] { zh, en, taken[0], taken[1], taken[2], taken[3] };

        async Task Finds(SampleFilter filter, params long[] expected) => Assert.Equal(expected, await pool.FoundAsync(filter));
        await Finds(new(), all);
        await Finds(new() { Tags = "topic" }, zh);
        await Finds(new() { BizCodes = ["game", "companion"], RobotIds = ["r-2"] }, en);
        await Finds(new() { BizCodes = ["companion"] }, [zh, .. taken]);
        await Finds(new() { Origins = [SampleOrigin.File] }, en);
        await Finds(new() { Origins = [SampleOrigin.Message, SampleOrigin.Typed] }, [zh, .. taken]);
        await Finds(new() { HasReference = true }, zh);
        await Finds(new() { HasReference = false }, [en, .. taken]);
        await Finds(new() { Label = LabelState.Unlabelled }, zh, en, taken[3]);
        await Finds(new() { Label = LabelState.Good }, taken[0]);
        await Finds(new() { Label = LabelState.Bad }, taken[1]);
        await Finds(new() { Label = LabelState.Disputed }, taken[2]);
        await Finds(new() { Languages = [Languages.Chinese] }, zh);
        await Finds(new() { MinLength = 3, MaxLength = 8 }, zh, taken[2]);
        await Finds(new() { Added = TimeRange.Of(TimeSpan.FromHours(1)) }, [en, .. taken]);
        await Finds(new() { Added = new TimeRange(null, null, pool.Database.Clock.GetUtcNow().UtcDateTime.AddHours(-1)) }, zh);
        await Finds(new() { AddedBy = ["mei"] }, en);
        await Finds(new() { Duplicates = DuplicateState.OnlyFirst }, [.. all.Except([taken[3]])]);
        await Finds(new() { Duplicates = DuplicateState.OnlyDuplicates }, taken[3]);
        await Finds(new() { SetId = setId }, zh, taken[2]);
        // What SQL takes for a pattern is plain text here.
        await Finds(new() { Text = "100%\u7761" }, zh);
        await Finds(new() { Text = "_" }, en);
        await Finds(new() { Text = " k\\s " }, en);
        await Finds(new() { Text = "%e" });
        await Finds(
            new()
            {
                BizCodes = ["companion"],
                RobotIds = ["r-1"],
                Origins = [SampleOrigin.Message],
                HasReference = false,
                Label = LabelState.Disputed,
                Languages = [Languages.English],
                MinLength = 2,
                MaxLength = 20,
                Added = TimeRange.Of(TimeSpan.FromHours(1)),
                AddedBy = ["test"],
                Duplicates = DuplicateState.OnlyFirst,
                Text = "odd",
                SetId = setId,
                Tags = "not topic",
            }, taken[2]);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Filter_LimitedActor_FindsTheirLinesAndThoseOfNoneButNothingRemoved(DatabaseProvider provider)
    {
        await using var pool = await PoolHost.CreateAsync(provider);
        var ids = await pool.AddAsync(new[] { "companion", "game", null, "companion" }.Select((biz, i) => PoolHost.Draft($"question {i}", "t") with { BizCode = biz }));
        await using (var db = pool.Database.Open())
        {
            await db.Samples.Where(s => s.Id == ids[3]).ExecuteUpdateAsync(u => u.SetProperty(s => s.RemovedAt, DateTime.UnixEpoch));
        }

        Assert.Equal([ids[0], ids[2]], await pool.FoundAsync(new SampleFilter { Tags = "t" }, pool.Database.Scoped("companion")));
        Assert.Empty(await pool.FoundAsync(new SampleFilter { BizCodes = ["game"] }, pool.Database.Scoped("companion")));
        Assert.Equal([ids[2]], await pool.FoundAsync(new SampleFilter(), pool.Database.Scoped()));
    }
}

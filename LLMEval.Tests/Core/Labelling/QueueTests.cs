using System.Globalization;
using LLMEval.Core.Data;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Labelling;

public sealed class QueueTests
{
    private static readonly PoolSource All = new() { Messages = new MessageSearchFilter() };

    [Theory, OnSqlite, OnMySql]
    public async Task Queue_LabelledByFourAtOnce_GivesNobodyAMessageTwiceAndLosesNothing(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ConversationAsync(database, 20);
        await using var queues = new Queues(database);
        var created = await queues.CreateAsync(All, r => r with { Overlap = 3 });
        Assert.Equal((20, 60), (created.Drawn, (await queues.RowAsync(created.QueueId)).Slots));

        await Task.WhenAll(Enumerable.Range(1, 4).Select(id => Task.Run(async () =>
        {
            var person = Queues.Person(id);
            while (await queues.ClaimAsync(created.QueueId, person) is { } claim)
            {
                Assert.True((await queues.AnswerAsync(claim, id % 2 == 0 ? Verdict.Good : Verdict.Bad, person)).IsCounted);
            }
        })));

        var row = await queues.RowAsync(created.QueueId);
        Assert.True(row.IsDone);
        await using var db = database.Open();
        var labels = await db.Labels.ToListAsync();
        Assert.Equal(60, labels.Count);
        Assert.All(labels.GroupBy(l => l.MessageId), g => Assert.Equal(3, g.Select(l => l.AnnotatorId).Distinct().Count()));
        var verdicts = await db.MessageVerdicts.ToListAsync();
        Assert.All(verdicts, v => Assert.Equal((3, true), (v.GoodCount + v.BadCount, v.IsDisputed)));
        Assert.All(verdicts, v => Assert.Equal(v.GoodCount > v.BadCount ? Verdict.Good : Verdict.Bad, v.Verdict));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Reservation_Lapsed_GoesToAnotherAndTheLateLabelIsKept(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ConversationAsync(database, 1);
        await using var queues = new Queues(database);
        var queueId = (await queues.CreateAsync(All)).QueueId;
        var (early, late) = (Queues.Person(1), Queues.Person(2));
        var first = (await queues.ClaimAsync(queueId, early))!;
        Assert.Equal(first.SlotId, (await queues.ClaimAsync(queueId, early))!.SlotId);
        Assert.Null(await queues.ClaimAsync(queueId, late));
        Assert.False((await queues.RowAsync(queueId)).IsDone);

        database.Clock.Advance(ClaimNext.Reservation + TimeSpan.FromSeconds(1));
        var second = (await queues.ClaimAsync(queueId, late))!;
        Assert.True((await queues.AnswerAsync(second, Verdict.Good, late)).IsCounted);
        Assert.False((await queues.AnswerAsync(first, Verdict.Bad, early)).IsCounted);

        Assert.True((await queues.RowAsync(queueId)).IsDone);
        await using var db = database.Open();
        Assert.Equal(2, await db.Labels.CountAsync());
        Assert.True((await db.MessageVerdicts.SingleAsync()).IsDisputed);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Queue_SkippedOrRetracted_IsNotDone(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ConversationAsync(database, 2);
        await using var queues = new Queues(database);
        var queueId = (await queues.CreateAsync(All)).QueueId;
        var person = Queues.Person(1);
        var skipped = (await queues.ClaimAsync(queueId, person))!;
        Assert.Equal("SkipReasonNeeded", (await queues.Get<SkipSlot>().ExecuteAsync(skipped.SlotId, "  ", person, default)).Failure!.Code);
        Assert.True((await queues.Get<SkipSlot>().ExecuteAsync(skipped.SlotId, "unreadable", person, default)).IsOk);
        var other = (await queues.ClaimAsync(queueId, person))!;
        Assert.NotEqual(skipped.MessageId, other.MessageId);
        await queues.AnswerAsync(other, Verdict.Good, person);
        Assert.Null(await queues.ClaimAsync(queueId, person));
        Assert.False((await queues.RowAsync(queueId)).IsDone);

        var colleague = Queues.Person(2);
        await queues.AnswerAsync((await queues.ClaimAsync(queueId, colleague))!, Verdict.Bad, colleague);
        Assert.True((await queues.RowAsync(queueId)).IsDone);

        Assert.True((await queues.Get<RetractLabel>().ExecuteAsync(other.MessageId, null, person, default)).IsOk);
        Assert.False((await queues.RowAsync(queueId)).IsDone);
        Assert.Equal(other.MessageId, (await queues.ClaimAsync(queueId, person))!.MessageId);
        var detail = (await queues.Get<QueueQueries>().DetailAsync(queueId, database.Admin, default))!;
        Assert.Equal("unreadable", Assert.Single(detail.Skips).Reason);
        Assert.Equal([(1L, 0, 1), (2L, 1, 0)], detail.People.Select(p => (p.AnnotatorId, p.Done, p.Skipped)));
        Assert.Equal((400.0, 9000), (detail.People[1].PerHour!.Value, detail.People[1].MedianMs));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Queue_AssignedAndScoped_IsOnlyForThose(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ConversationAsync(database, 2);
        await ConversationAsync(database, 2, biz: "social");
        await using var queues = new Queues(database);
        var (anna, ben) = (await queues.AccountAsync("anna"), await queues.AccountAsync("ben"));
        var tooFew = await queues.Get<CreateQueue>().ExecuteAsync(new CreateQueueRequest("q", null, All, QueueRule.Random, 10, 2, [anna.UserId], true, QueueConsensus.Majority, 1, null), database.Admin, null, default);
        Assert.Equal("TooFewAssignees", tooFew.Failure!.Code);
        var queueId = (await queues.CreateAsync(All, r => r with { AssigneeIds = [anna.UserId], IsBlind = true })).QueueId;

        Assert.Equal("QueueNotFound", (await queues.Get<ClaimNext>().ExecuteAsync(queueId, [], ben, default)).Failure!.Code);
        Assert.Empty((await queues.Get<QueueQueries>().PageAsync(false, new(), ben, default)).Items);
        var scoped = anna with { BizCodes = ["social"] };
        var claim = (await queues.ClaimAsync(queueId, scoped))!;
        var work = (await queues.Get<WorkQueries>().ReadAsync(claim.SlotId, scoped, default))!;
        Assert.Equal("social", work.Message.BizCode);
        Assert.Null(await queues.Get<WorkQueries>().ReadAsync(claim.SlotId, ben, default));
        await queues.AnswerAsync(claim, Verdict.Good, scoped);
        await queues.AnswerAsync((await queues.ClaimAsync(queueId, scoped))!, Verdict.Good, scoped);
        Assert.Null(await queues.ClaimAsync(queueId, scoped));
        Assert.False((await queues.RowAsync(queueId)).IsDone);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task BlindQueue_HidesOthersUntilOnesOwnIsGiven(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var messages = await ConversationAsync(database, 1);
        await database.LabelAsync(messages[1], Verdict.Bad, annotator: 9);
        await using var queues = new Queues(database);
        var queueId = (await queues.CreateAsync(All, r => r with { IsBlind = true })).QueueId;
        var person = Queues.Person(1);
        var claim = (await queues.ClaimAsync(queueId, person))!;
        var before = (await queues.Get<WorkQueries>().ReadAsync(claim.SlotId, person, default))!;
        await queues.AnswerAsync(claim, Verdict.Good, person);
        var after = (await queues.Get<WorkQueries>().ReadAsync(claim.SlotId, person, default))!;

        Assert.True(before.AreOthersHidden);
        Assert.Empty(before.Others);
        Assert.Equal(Verdict.Bad, Assert.Single(after.Others).Verdict);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Draw_ByEachRule_TakesWhatItSays(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var frequent = await ConversationAsync(database, 30);
        var rare = await ConversationAsync(database, 2, robot: "r-2");
        await database.LabelAsync(frequent[5], Verdict.Bad, annotator: 8);
        await database.LabelAsync(frequent[5], Verdict.Good, annotator: 9);
        await using var queues = new Queues(database);
        async Task<List<(long MessageId, string? Stratum)>> DrawAsync(QueueRule rule, int size, int seed = 1)
        {
            var created = await queues.CreateAsync(All, r => r with { Name = $"{rule} {size} {seed} {Guid.NewGuid()}", Rule = rule, Size = size, Seed = seed });
            await using var db = database.Open();
            return [.. (await db.QueueItems.Where(i => i.QueueId == created.QueueId).OrderBy(i => i.Position).ToListAsync()).Select(i => (i.MessageId, i.Stratum))];
        }

        var byBot = await DrawAsync(QueueRule.ByBot, 6);
        Assert.Equal(["r-1", "r-2", "r-1", "r-2", "r-1", "r-1"], byBot.Select(d => d.Stratum));
        Assert.Equal(rare.Where((_, i) => i % 2 == 1).Select(m => m.Id).Order(), byBot.Where(d => d.Stratum == "r-2").Select(d => d.MessageId).Order());
        var random = await DrawAsync(QueueRule.Random, 10);
        Assert.Equal(random, await DrawAsync(QueueRule.Random, 10));
        Assert.NotEqual(random, await DrawAsync(QueueRule.Random, 10, seed: 2));
        var newest = await DrawAsync(QueueRule.NewestFirst, 3);
        await using var open = database.Open();
        Assert.Equal(await open.Messages.Where(m => m.SenderType == LLMEval.Core.Sessions.SenderType.Bot).OrderByDescending(m => m.SentAt).ThenByDescending(m => m.Id).Take(3).Select(m => m.Id).ToListAsync(), newest.Select(d => d.MessageId));
        var uncertain = await DrawAsync(QueueRule.UncertainFirst, 5);
        Assert.Equal((frequent[5].Id, "people"), uncertain[0]);
        Assert.All(uncertain.Skip(1), d => Assert.Equal(Drawing.RandomStratum, d.Stratum));
        Assert.Equal(5, uncertain.DistinctBy(d => d.MessageId).Count());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Queue_WithTheModel_WeighsPeopleWhenItIsDone(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ConversationAsync(database, 24);
        await using var queues = new Queues(database);
        var queueId = (await queues.CreateAsync(All, r => r with { Overlap = 3, Consensus = QueueConsensus.DawidSkene })).QueueId;
        Assert.Equal("TooFewForModel", (await queues.Get<ModelVerdicts>().ExecuteAsync(queueId, database.Admin, default)).Failure!.Code);
        // Two careful people agree but for one message; the third says good of everything.
        foreach (var id in new[] { 1, 2, 3 })
        {
            for (var i = 0; await queues.ClaimAsync(queueId, Queues.Person(id)) is { } claim; i++)
            {
                await queues.AnswerAsync(claim, id == 3 || i % 2 == 0 || (id == 2 && i == 1) ? Verdict.Good : Verdict.Bad, Queues.Person(id));
            }
        }
        await using var db = database.Open();
        var verdicts = await db.MessageVerdicts.ToListAsync();
        Assert.All(verdicts, v => Assert.Equal(VerdictSource.Model, v.Source));
        Assert.All(verdicts, v => Assert.Equal(v.Confidence < 0.8, v.IsDisputed));
        Assert.Equal(12, verdicts.Count(v => v is { Verdict: Verdict.Good, BadCount: 0 }));
        var report = (await queues.Get<ModelVerdicts>().ExecuteAsync(queueId, database.Admin, default)).Value!;
        Assert.Equal(24, report.Messages);
        Assert.True(report.People.Single(p => p.Name == "person 3").Accuracy < report.People.Single(p => p.Name == "person 1").Accuracy);
    }

    internal static async Task<IReadOnlyList<LLMEval.Core.Sessions.Message>> ConversationAsync(TestDatabase database, int replies, string biz = "companion", string robot = "r-1") =>
        (await database.SessionAsync(id: $"{biz}-{robot}", biz: biz, robot: robot, contents: [.. Enumerable.Range(0, replies * 2).Select(i => string.Create(CultureInfo.InvariantCulture, $"message {i} of {robot}"))])).Messages;
}

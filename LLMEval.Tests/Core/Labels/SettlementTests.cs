using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labelling;
using LLMEval.Core.Labels;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Labels;

public sealed class SettlementTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Dispute_Settled_CountsForFiltersAndReferencesUntilTakenBack(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (session, messages) = await database.SessionAsync();
        await database.LabelAsync(messages[1], Verdict.Good, "one", annotator: 8);
        await database.LabelAsync(messages[1], Verdict.Bad, "two", annotator: 9);
        var settle = new SettleMessage(database.Contexts, database.Clock);
        var disputes = new DisputeQueries(database.Contexts);
        var request = new SettlementRequest(messages[1].Id, Verdict.Bad, SettlementReason.GuidelineGap, 2, "settled", "because", 0);
        async Task<int> FoundAsync(LabelState state)
        {
            await using var db = database.Open();
            return await (await db.Sessions.MatchingAsync(new SessionFilter { Label = state }, db, database.Clock.GetUtcNow().UtcDateTime, default)).CountAsync();
        }

        Assert.Equal((1, 0, 0), (await FoundAsync(LabelState.Disputed), await FoundAsync(LabelState.Good), await FoundAsync(LabelState.Bad)));
        Assert.Equal(messages[1].Id, Assert.Single((await disputes.PageAsync(new(), new(), database.Admin, default)).Items).MessageId);
        Assert.Equal("Forbidden", (await settle.ExecuteAsync(request, database.Without(Permissions.LabelsAdjudicate), default)).Failure!.Code);
        Assert.Equal("ScoreOutOfRange", (await settle.ExecuteAsync(request with { Score = 11 }, database.Admin, default)).Failure!.Code);
        Assert.True((await settle.ExecuteAsync(request, database.Admin, default)).IsOk);
        Assert.Equal("SettledMeanwhile", (await settle.ExecuteAsync(request with { Verdict = Verdict.Good }, database.Admin, default)).Failure!.Code);

        Assert.Equal((0, 0, 1), (await FoundAsync(LabelState.Disputed), await FoundAsync(LabelState.Good), await FoundAsync(LabelState.Bad)));
        Assert.Empty((await disputes.PageAsync(new(), new(), database.Admin, default)).Items);
        Assert.Equal(SettlementReason.GuidelineGap, Assert.Single((await disputes.PageAsync(new(DisputeState.Settled), new(), database.Admin, default)).Items).Reason);
        // A later label does not unsettle what was settled.
        await database.LabelAsync(messages[1], Verdict.Good, annotator: 10);
        Assert.Equal(1, await FoundAsync(LabelState.Bad));
        var sample = await new TakeSample(database.Contexts, database.Clock).ExecuteAsync(new TakeSampleRequest(messages[1].Id), database.Admin, default);
        await using var open = database.Open();
        Assert.Equal(["settled"], Json.Read<string[]>((await open.Samples.SingleAsync(s => s.Id == sample.Value)).ReferencesJson));
        Assert.Equal(session.Id, (await open.MessageVerdicts.SingleAsync()).SessionId);

        Assert.True((await settle.UndoAsync(messages[1].Id, 1, database.Admin, default)).IsOk);
        Assert.Equal((1, 1, 0), (await FoundAsync(LabelState.Disputed), await FoundAsync(LabelState.Good), await FoundAsync(LabelState.Bad)));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Undo_AskedAgainAndAgain_GoesBackStepByStep(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync();
        var (label, undo) = (new LabelMessage(database.Contexts, database.Clock), new UndoLabel(database.Contexts, database.Clock));
        var id = messages[1].Id;
        await label.ExecuteAsync(new LabelRequest(id, Verdict.Good, 7, "truth", Tags: ["a"]), database.Admin, default);
        await label.ExecuteAsync(new LabelRequest(id, Verdict.Bad, 1), database.Admin, default);

        var once = (await undo.ExecuteAsync(id, database.Admin, default)).Value!;
        Assert.Equal((Verdict.Good, 7.0, "truth"), (once.Verdict, once.Score!.Value, once.GroundTruth));
        Assert.Equal(["a"], once.Tags);
        Assert.Null((await undo.ExecuteAsync(id, database.Admin, default)).Value);
        Assert.Equal("NothingToUndo", (await undo.ExecuteAsync(id, database.Admin, default)).Failure!.Code);
        await using var db = database.Open();
        Assert.Empty(await db.Labels.ToListAsync());
        Assert.Empty(await db.MessageVerdicts.ToListAsync());
        Assert.Equal(4, (await new LabelQueries(database.Contexts).HistoryAsync(id, database.Admin, default)).Count);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Selection_LabelledAtOnce_KeepsWhatLabelsSaidBesides(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync(contents: ["1", "2", "3", "4"]);
        await new LabelMessage(database.Contexts, database.Clock).ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Good, 9, "truth", Tags: ["a"]), database.Admin, default);
        var many = new LabelMany(database.Contexts, database.Clock);
        var request = new LabelManyRequest([.. messages.Select(m => m.Id), 999_999], Verdict.Bad, ["b"]);

        Assert.Equal(new LabelledMany(2, 0, 3), (await many.ExecuteAsync(request, database.Admin, default)).Value);
        Assert.Equal(new LabelledMany(0, 2, 3), (await many.ExecuteAsync(request, database.Admin, default)).Value);
        var labels = (await new LabelQueries(database.Contexts).OfMessagesAsync([messages[1].Id, messages[3].Id], database.Admin, default));
        var kept = labels[messages[1].Id].Single();
        Assert.Equal((Verdict.Bad, 9.0, "truth"), (kept.Verdict, kept.Score!.Value, kept.GroundTruth));
        Assert.Equal(["a", "b"], kept.Tags);
        Assert.Equal("4", labels[messages[3].Id].Single().Prediction);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Scale_OfABusinessLine_BoundsItsScoresAndIsKeptWithThem(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync();
        var settings = new LabelSettings(database.Contexts, database.Clock);
        var label = new LabelMessage(database.Contexts, database.Clock);
        Assert.Equal("ShortcutUnfit", (await settings.SaveAsync(new([], [new("cold", "g")]), database.Admin, default)).Failure!.Code);
        Assert.True((await settings.SaveAsync(new([new("", ScoreScale.ZeroToHundred), new("companion", ScoreScale.OneToFive)], [new("cold", "X"), new("other", null)]), database.Admin, default)).IsOk);

        Assert.Equal([new("cold", "x"), new("other", null)], (await settings.OfMessageAsync(messages[1].Id, database.Admin, default))!.Issues);
        Assert.Equal("ScoreOutOfRange", (await label.ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Good, 0.5), database.Admin, default)).Failure!.Code);
        Assert.Equal(ScoreScale.OneToFive, (await label.ExecuteAsync(new LabelRequest(messages[1].Id, Verdict.Good, 5), database.Admin, default)).Value!.Scale);
        Assert.Equal(1, ScoreScale.OneToFive.Share(5));
    }
}

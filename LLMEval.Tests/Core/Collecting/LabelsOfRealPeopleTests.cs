using System.Text.Json;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Collecting;

/// <summary>
/// The pairs of PandaLM, which three people compared: each pair becomes a session with the first answer as the bot's, and each vote a label of it. Who prefers the first answer calls it good (10), who
/// prefers the second calls it bad (0), and who sees a tie calls it good (5): the other was no better.
/// </summary>
public sealed class LabelsOfRealPeopleTests
{
    [RealDataTheory, OnSqlite, OnMySql]
    public async Task Votes_OfThreePeopleOnFiveHundredPairs_CountAsTheyVoted(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var pairs = (await File.ReadAllLinesAsync(Path.Combine(Tools.SharedData!, "human-scored-pairs.jsonl"))).Select(l => JsonElement.Parse(l)).ToList();
        var sessions = await database.ImportAsync(string.Join('\n', pairs.Select(SessionOf)));
        Assert.Equal((500, 1_000), (sessions.Counts.New, sessions.Counts.NewMessages));
        var labels = string.Join('\n', pairs.SelectMany(LabelsOf));

        var first = await database.ImportLabelsAsync(labels);
        var again = await database.ImportLabelsAsync(labels);

        Assert.Equal(((1_500, 1_500, 0, 0, 0), (1_500, 0, 0, 1_500, 0)), (first.Counted(), again.Counted()));
        await using var db = database.Open();
        Assert.Equal(["human-1", "human-2", "human-3"], await db.ExternalAnnotators.Select(a => a.Name).Order().ToListAsync());
        Assert.Equal([500, 500, 500], await db.Labels.GroupBy(l => l.AnnotatorId).Select(g => g.Count()).ToListAsync());
        Assert.Equal((705, 173, 622), (await db.Labels.CountAsync(l => l.Score == 0), await db.Labels.CountAsync(l => l.Score == 5), await db.Labels.CountAsync(l => l.Score == 10)));
        var verdicts = await db.MessageVerdicts.Join(db.Messages, v => v.MessageId, m => m.Id, (v, m) => new { v, m.SessionId }).Join(db.Sessions, x => x.SessionId, s => s.Id, (x, s) => new { s.ExternalId, x.v }).ToDictionaryAsync(x => x.ExternalId, x => x.v);
        Assert.Equal(500, verdicts.Count);
        foreach (var pair in pairs)
        {
            var bad = Votes(pair).Count(v => v.Vote == "2");
            var verdict = verdicts[pair.GetProperty("item_id").GetString()!];
            Assert.Equal((3 - bad, bad, bad < 2 ? Verdict.Good : Verdict.Bad, bad is 1 or 2), (verdict.GoodCount, verdict.BadCount, verdict.Verdict!.Value, verdict.IsDisputed));
        }
    }

    private static IEnumerable<(string Who, string Vote)> Votes(JsonElement pair) =>
        pair.GetProperty("annotations").EnumerateArray().Select(a => (a.GetProperty("annotator").GetString()!, a.GetProperty("value").GetString()!));

    private static string SessionOf(JsonElement pair)
    {
        var context = pair.GetProperty("context");
        var question = $"{context.GetProperty("instruction").GetString()}\n{context.GetProperty("input").GetString()}".Trim();
        return Importing.Session(
            pair.GetProperty("item_id").GetString()!, Importing.Message("question", question), Importing.Message("answer", pair.GetProperty("responses")[0].GetProperty("text").GetString()!, "bot"));
    }

    private static IEnumerable<string> LabelsOf(JsonElement pair) => Votes(pair).Select(v =>
    {
        var (verdict, score) = v.Vote switch { "1" => ("good", 10), "2" => ("bad", 0), "tie" => ("good", 5), _ => throw new InvalidDataException($"{v.Vote} is no vote.") };
        return $$"""{"biz_code":"companion","session_id":"{{pair.GetProperty("item_id").GetString()}}","msg_id":"answer","annotator":"{{v.Who}}","verdict":"{{verdict}}","score":{{score}},"scale":"0-10"}""";
    });
}

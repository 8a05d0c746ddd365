using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Exports;
using LLMEval.Core.Labels;
using LLMEval.Core.Search;
using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Core.Labelling;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Exports;

public sealed class ExportLabelsTests
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    [Theory]
    [OnSqlite(LabelFormat.Csv)]
    [OnMySql(LabelFormat.Csv)]
    [OnSqlite(LabelFormat.Jsonl)]
    [OnMySql(LabelFormat.Jsonl)]
    [OnSqlite(LabelFormat.LabelStudio)]
    [OnMySql(LabelFormat.LabelStudio)]
    [OnSqlite(LabelFormat.Argilla)]
    [OnMySql(LabelFormat.Argilla)]
    public async Task Labels_ImportedElsewhereAndExportedAgain_AreTheSame(DatabaseProvider provider, LabelFormat format)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var other = await TestDatabase.CreateAsync(provider);
        await LabelledAsync(database);
        await AccountAndSessionsAsync(other);
        other.Clock.Advance(TimeSpan.FromDays(3));

        var first = await WriteAsync(database, format);
        var known = await database.ImportLabelsAsync(first);
        var report = await other.ImportLabelsAsync(first);
        var again = await other.ImportLabelsAsync(first);

        Assert.Equal(format, report.Format);
        Assert.Equal(((5L, 0L, 0L, 5L, 0L), (5L, 5L, 0L, 0L, 0L), (5L, 0L, 0L, 5L, 0L)), (known.Counted(), report.Counted(), again.Counted()));
        Assert.Equal(first, await WriteAsync(other, format));
        await using var db = other.Open();
        // The account keeps its label; the others have none there.
        Assert.Equal(1, await db.Labels.CountAsync(l => l.AnnotatorId > 0));
        Assert.Equal(["stranger", "test"], await db.ExternalAnnotators.Select(a => a.Name).Order().ToListAsync());
    }

    [Fact]
    public async Task Csv_IsForPeople_AndNoFormulaIsExecuted()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await LabelledAsync(database);

        var lines = (await WriteAsync(database, LabelFormat.Csv)).Split("\r\n");

        Assert.Equal("﻿biz_code,session_id,msg_id,annotator,verdict,score,scale,ground_truth,prediction,tags,comment,labelled_at,settled", lines[0]);
        Assert.Equal("companion,s-1,m-2,lin@example.com,bad,2.5,0-10,'=1+1,\"a, \"\"b\"\"\",cold; short\\; really,''=not mine,2026-03-15T20:00:00+08:00,", lines[1]);
        Assert.Equal("companion,s-1,m-2,test,good,,,,,,,2026-03-15T20:00:00.25+08:00,", lines[2]);
    }

    [Fact]
    public async Task Jsonl_HasALineForEachLabel()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await LabelledAsync(database);

        var lines = (await WriteAsync(database, LabelFormat.Jsonl)).Split('\n');

        Assert.Equal(
            """{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"lin@example.com","verdict":"bad","score":2.5,"scale":"0-10","ground_truth":"=1+1","prediction":"a, \"b\"","tags":["cold","short; really"],"comment":"'=not mine","labelled_at":"2026-03-15T20:00:00+08:00"}""",
            lines[0]);
        Assert.Equal(6, lines.Length);
        Assert.Equal("", lines[5]);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task LabelStudio_HasATaskForEachMessage_WithWhatWasSaidBefore(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await LabelledAsync(database);

        var tasks = JsonElement.Parse(await WriteAsync(database, LabelFormat.LabelStudio)).EnumerateArray().ToList();

        Assert.Equal([("s-1", 3), ("s-2", 2)], tasks.Select(t => (t.GetProperty("data").GetProperty("session_id").GetString()!, t.GetProperty("annotations").GetArrayLength())));
        Assert.Equal("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","answer":"还没呢，在等你。","dialogue":[{"author":"user","text":"睡了没"}]}""", tasks[0].GetProperty("data").GetRawText());
        Assert.Equal(
            """{"completed_by":{"email":"lin@example.com"},"result":[{"from_name":"verdict","to_name":"answer","type":"choices","value":{"choices":["bad"]}},{"from_name":"score","to_name":"answer","type":"number","value":{"number":2.5},"meta":{"scale":"0-10"}},{"from_name":"tags","to_name":"answer","type":"choices","value":{"choices":["cold","short; really"]}},{"from_name":"ground_truth","to_name":"answer","type":"textarea","value":{"text":["=1+1"]}},{"from_name":"prediction","to_name":"answer","type":"textarea","value":{"text":["a, \"b\""]}},{"from_name":"comment","to_name":"answer","type":"textarea","value":{"text":["'=not mine"]}}],"created_at":"2026-03-15T20:00:00+08:00","updated_at":"2026-03-15T20:00:00+08:00"}""",
            tasks[0].GetProperty("annotations")[0].GetRawText());
        // The tenth message before is the first that is told.
        var dialogue = tasks[1].GetProperty("data").GetProperty("dialogue").EnumerateArray().Select(u => u.GetProperty("text").GetString()).ToList();
        Assert.Equal((10, "5", "14"), (dialogue.Count, dialogue[0], dialogue[^1]));
    }

    [Fact]
    public async Task Argilla_HasARecordForEachMessage_AndOneForEachScale()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await LabelledAsync(database);

        var records = (await WriteAsync(database, LabelFormat.Argilla)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l)).ToList();

        Assert.Equal([("s-1", "0-10"), ("s-2", "0-1"), ("s-2", "1-5")], records.Select(r => (r.GetProperty("metadata").GetProperty("session_id").GetString()!, r.GetProperty("metadata").GetProperty("scale").GetString()!)));
        Assert.Equal("""{"answer":"还没呢，在等你。","chat":[{"role":"user","content":"睡了没"}]}""", records[0].GetProperty("fields").GetRawText());
        Assert.Equal(
            """{"verdict":[{"value":"bad","user_id":"lin@example.com","status":"submitted"},{"value":"good","user_id":"test","status":"submitted"},{"value":"good","user_id":"stranger","status":"submitted"}],"score":[{"value":2.5,"user_id":"lin@example.com","status":"submitted"}],"tags":[{"value":["cold","short; really"],"user_id":"lin@example.com","status":"submitted"}],"ground_truth":[{"value":"=1+1","user_id":"lin@example.com","status":"submitted"}],"prediction":[{"value":"a, \"b\"","user_id":"lin@example.com","status":"submitted"}],"comment":[{"value":"'=not mine","user_id":"lin@example.com","status":"submitted"}]}""",
            records[0].GetProperty("responses").GetRawText());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Export_KeepsToTheScopeAndTheQueue(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var queues = new Queues(database);
        await LabelledAsync(database);
        var (_, messages) = await database.SessionAsync("s-9", biz: "growth");
        await database.LabelAsync(messages[1], Verdict.Good);
        await new SettleMessage(database.Contexts, database.Clock).ExecuteAsync(new SettlementRequest(messages[1].Id, Verdict.Bad, SettlementReason.Mistake, null, null, null, 0), database.Admin, default);
        var queue = await queues.CreateAsync(new PoolSource { MessageIds = [messages[1].Id] });
        string[] formats = ["Csv", "Jsonl", "LabelStudio", "Argilla"];

        foreach (var format in formats.Select(Enum.Parse<LabelFormat>))
        {
            var ofQueue = await WriteAsync(database, format, queueId: queue.QueueId);
            Assert.Contains("s-9", ofQueue, StringComparison.Ordinal);
            Assert.DoesNotContain("companion", ofQueue, StringComparison.Ordinal);
            Assert.DoesNotContain("growth", await WriteAsync(database, format, "companion"), StringComparison.Ordinal);
        }
        Assert.EndsWith(",bad\r\n", await WriteAsync(database, LabelFormat.Csv, "growth"), StringComparison.Ordinal);
        Assert.Equal("[\n\n]\n", await WriteAsync(database, LabelFormat.LabelStudio, "nothing"));
    }

    [Fact]
    public async Task Prepare_WithoutTheRightOrTheQueue_Refuses_AndElseIsAudited()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var export = new LabelExport(null, LabelFormat.Csv, Zone);
        var viewer = database.Admin with { Permissions = new HashSet<string> { Permissions.SessionsView, Permissions.LabelsWrite } };

        Assert.Equal("Forbidden", (await Export(database).PrepareAsync(export, viewer, default))?.Code);
        Assert.Equal("QueueNotFound", (await Export(database).PrepareAsync(export with { QueueId = 5 }, database.Admin, default))?.Code);
        Assert.Null(await Export(database).PrepareAsync(export, database.Without(Permissions.LabelsManage), default));
        Assert.Null(await Export(database).PrepareAsync(export, database.Without(Permissions.LabelsAdjudicate), default));

        await using var db = database.Open();
        Assert.Equal(["Csv", "Csv"], await db.AuditEntries.Where(e => e.Action == "labels.export").Select(e => e.Subject).ToListAsync());
    }

    [Fact]
    public async Task Export_OfMoreThanAPage_HoldsEachLabelOnce()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("s-1", contents: [.. Enumerable.Range(0, 1_300).Select(i => $"{i}")]);
        var text = string.Join('\n', Enumerable.Range(1, 650).SelectMany(i => new[] { "a", "b" }.Select(who => $$"""{"biz_code":"companion","session_id":"s-1","msg_id":"m-{{2 * i}}","annotator":"{{who}}","verdict":"good"}""")));
        await database.ImportLabelsAsync(text);

        foreach (var format in Enum.GetValues<LabelFormat>())
        {
            await using var other = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
            await other.SessionAsync("s-1", contents: [.. Enumerable.Range(0, 1_300).Select(i => $"{i}")]);
            Assert.Equal((1_300, 1_300, 0, 0, 0), (await other.ImportLabelsAsync(await WriteAsync(database, format))).Counted());
        }
    }

    private static async Task AccountAndSessionsAsync(TestDatabase database)
    {
        await using var people = new Queues(database);
        await people.AccountAsync("lin");
        await database.SessionAsync("s-1");
        await database.SessionAsync("s-2", contents: [.. Enumerable.Range(0, 16).Select(i => $"{i}")]);
    }

    /// <summary>An account, the command line and a stranger judge one message; two strangers another one, on two scales.</summary>
    private static async Task LabelledAsync(TestDatabase database)
    {
        await AccountAndSessionsAsync(database);
        await using var db = database.Open();
        var lin = await db.Users.SingleAsync(u => u.Email == "lin@example.com");
        var id = await db.Messages.Where(m => m.ExternalId == "m-2" && m.Content == "还没呢，在等你。").Select(m => m.Id).SingleAsync();
        var label = new LabelMessage(database.Contexts, database.Clock);
        await label.ExecuteAsync(new LabelRequest(id, Verdict.Bad, 2.5, "=1+1", "a, \"b\"", ["short; really", "cold"], "'=not mine"), new Actor(lin.Id, "lin", Permissions.All.ToHashSet(), null), default);
        database.Clock.Advance(TimeSpan.FromMilliseconds(250));
        await label.ExecuteAsync(new LabelRequest(id, Verdict.Good), database.Admin, default);
        await database.ImportLabelsAsync(
            """
            {"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"stranger","verdict":"good","labelled_at":"2026-01-01"}
            {"biz_code":"companion","session_id":"s-2","msg_id":"m-16","annotator":"stranger","verdict":"good","score":0.5,"scale":"0-1"}
            {"biz_code":"companion","session_id":"s-2","msg_id":"m-16","annotator":"test","verdict":"bad","score":2,"scale":"1-5","comment":"line\nline"}
            """);
    }

    private static ExportLabels Export(TestDatabase database) => new(database.Contexts, database.Clock);

    private static async Task<string> WriteAsync(TestDatabase database, LabelFormat format, string? scope = null, long? queueId = null)
    {
        using var stream = new MemoryStream();
        await Export(database).WriteAsync(new LabelExport(queueId, format, Zone), stream, scope is null ? database.Admin : database.Scoped(scope), default);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Core.Labelling;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static LLMEval.Tests.Core.Collecting.ImportingLabels;

namespace LLMEval.Tests.Core.Collecting;

public sealed class ImportLabelsTests
{
    private const string Studio =
        """
        [
          {"id":1,"data":{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","answer":"x"},"annotations":[
            {"id":7,"completed_by":{"id":3,"email":"lin@example.com"},"was_cancelled":false,"created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-02T10:00:00Z","result":[
              {"from_name":"verdict","to_name":"answer","type":"choices","value":{"choices":["Bad"]}},
              {"from_name":"score","to_name":"answer","type":"rating","value":{"rating":2},"meta":{"scale":"1-5"}},
              {"from_name":"tags","to_name":"answer","type":"choices","value":{"choices":["cold","short"]}},
              {"from_name":"ground_truth","to_name":"answer","type":"textarea","value":{"text":["one","two"]}},
              {"from_name":"colour","to_name":"answer","type":"choices","value":{"choices":["red"]}}]},
            {"id":8,"completed_by":4,"result":[{"from_name":"verdict","to_name":"answer","type":"choices","value":{"choices":["good"]}}]},
            {"id":9,"completed_by":5,"was_cancelled":true,"result":[]}]},
          {"id":2,"data":{"answer":"nobody looked"},"annotations":[]}
        ]
        """;

    [Theory, OnSqlite, OnMySql]
    public async Task Csv_OfSeveralPeople_BecomesTheirLabels_AndAgainNothingChanges(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var people = new Queues(database);
        var lin = await people.AccountAsync("lin");
        var (_, messages) = await database.SessionAsync();
        var text = $""""
            {Columns}
            companion,s-1,m-2,LIN@example.com,good,8,0-10,"better, ""truly""",还没呢,cold; short,fine,2026-03-10T09:00:00+08:00
            companion,s-1,m-2,阿珍,bad,0.25,0-1,,,,,
            """";

        var dry = await database.ImportLabelsAsync(text, mode: IngestMode.Compare);
        Assert.Equal((2, 2, 0, 0, 0), dry.Counted());
        await using var db = database.Open();
        Assert.Empty(await db.Labels.ToListAsync());
        var first = await database.ImportLabelsAsync(text);
        var again = await database.ImportLabelsAsync(text);
        var changed = await database.ImportLabelsAsync(text.Replace(",bad,", ",good,", StringComparison.Ordinal));

        Assert.Equal(((2, 2, 0, 0, 0), (2, 0, 0, 2, 0), (2, 0, 1, 1, 0)), (first.Counted(), again.Counted(), changed.Counted()));
        Assert.Equal(LabelFormat.Csv, first.Format);
        var labels = (await new LabelQueries(database.Contexts).OfMessagesAsync([messages[1].Id], database.Admin, default))[messages[1].Id].OrderByDescending(l => l.AnnotatorId).ToList();
        Assert.Equal([lin.UserId, -(await db.ExternalAnnotators.SingleAsync(a => a.Name == "阿珍")).Id], labels.Select(l => l.AnnotatorId));
        Assert.Equal(("lin", Verdict.Good, 8.0, ScoreScale.ZeroToTen, "better, \"truly\"", "还没呢", "fine"), (labels[0].AnnotatorName, labels[0].Verdict, labels[0].Score!.Value, labels[0].Scale, labels[0].GroundTruth, labels[0].Prediction, labels[0].Comment));
        Assert.Equal(["cold", "short"], labels[0].Tags);
        Assert.Equal(new DateTime(2026, 3, 10, 1, 0, 0), labels[0].UpdatedAt);
        Assert.Equal((0.25, ScoreScale.ZeroToOne, Verdict.Good, 2), (labels[1].Score!.Value, labels[1].Scale, labels[1].Verdict, labels[1].Version));
        var verdict = await db.MessageVerdicts.SingleAsync();
        Assert.Equal((2, 0, Verdict.Good, false), (verdict.GoodCount, verdict.BadCount, verdict.Verdict!.Value, verdict.IsDisputed));
        Assert.Equal(3, await db.LabelRevisions.CountAsync());
        Assert.Equal(3, await db.AuditEntries.CountAsync(e => e.Action == "label.set"));
        Assert.Equal(3, await db.AuditEntries.CountAsync(e => e.Action == "labels.import"));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task LabelStudio_TellsLabelsByTheirControls(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync();

        var report = await database.ImportLabelsAsync(Studio);

        Assert.Equal((LabelFormat.LabelStudio, (2L, 2L, 0L, 0L, 0L)), (report.Format, report.Counted()));
        await using var db = database.Open();
        var labels = await db.Labels.Include(l => l.Tags).OrderBy(l => l.Id).ToListAsync();
        Assert.Equal(["lin@example.com", "4"], labels.Select(l => l.AnnotatorName));
        Assert.Equal((Verdict.Bad, 2.0, ScoreScale.OneToFive, "one\ntwo"), (labels[0].Verdict, labels[0].Score!.Value, labels[0].Scale, labels[0].GroundTruth));
        Assert.Equal((new DateTime(2026, 3, 1, 10, 0, 0), new DateTime(2026, 3, 2, 10, 0, 0)), (labels[0].CreatedAt, labels[0].UpdatedAt));
        Assert.Equal(["cold", "short"], labels[0].Tags.Select(t => t.Name).Order());
        Assert.True((await db.MessageVerdicts.SingleAsync()).IsDisputed);
    }

    [Fact]
    public async Task Argilla_TellsLabelsByTheirUsers_WithoutDrafts()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        var line = """
            {"fields":{"answer":"x"},"metadata":{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","scale":"1-5"},"responses":{"verdict":[{"value":"good","user_id":"a","status":"submitted"},{"value":"bad","user_id":"b"},{"value":"bad","user_id":"c","status":"discarded"}],"score":[{"value":4,"user_id":"b"}],"tags":[{"value":["x","y"],"user_id":"a"}]}}
            """;

        var report = await database.ImportLabelsAsync(line);

        Assert.Equal((LabelFormat.Argilla, (2L, 2L, 0L, 0L, 0L)), (report.Format, report.Counted()));
        await using var db = database.Open();
        var labels = await db.Labels.Include(l => l.Tags).OrderBy(l => l.AnnotatorName).ToListAsync();
        Assert.Equal(["a", "b"], labels.Select(l => l.AnnotatorName));
        Assert.Equal((2, (double?)null, 4.0, ScoreScale.OneToFive), (labels[0].Tags.Count, labels[0].Score, labels[1].Score!.Value, labels[1].Scale));
    }

    [Theory]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"great"}""", "verdict is 'great'; expected good or bad")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a"}""", "verdict is missing; expected good or bad")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","verdict":"good"}""", "annotator is missing; expected an e-mail address or a name")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":" a","verdict":"good"}""", "annotator is ' a'; expected no blank at its ends and no control character")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":7,"annotator":"a","verdict":"good"}""", "msg_id is of type number; expected string")]
    [InlineData("""{"biz_code":"companion","session_id":"s-9","msg_id":"m-2","annotator":"a","verdict":"good"}""", "msg_id is 'm-2'; expected a message of session 's-9' of the business line 'companion'")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-1","annotator":"a","verdict":"good"}""", "msg_id is 'm-1', a message of the sender user; expected one of a bot")]
    [InlineData("""{"biz_code":"growth","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good"}""", "biz_code is 'growth'; you may not import into this business line")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good","score":11}""", "score is 11; expected a number from 0 to 10, as the scale is 0-10")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good","score":5.5,"scale":"1-5"}""", "score is 5.5; expected a number from 1 to 5, as the scale is 1-5")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good","score":"high"}""", "score is 'high'; expected a number")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good","scale":"0-7"}""", "scale is '0-7'; expected 0-1, 1-5, 0-10, 0-100")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good","labelled_at":"soon"}""", "labelled_at is 'soon'; expected a time such as 2024-11-11T23:02:11+08:00 or a date")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good","tags":"x"}""", "tags is of type string; expected array")]
    [InlineData("""{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good","comment":"\ud83d"}""", "the line holds half a surrogate pair, which is no character")]
    [InlineData("""{"msg_id":"m-2",""", "the line is not JSON: at byte 15, Expected start of a property name or value, but instead reached end of data")]
    [InlineData("""[]""", "the line is of type array; expected object")]
    public async Task Jsonl_ThatWillNotDo_IsRejectedInOneSentence(string line, string sentence)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        var kept = new KeptStream();
        var good = """{"biz_code":"companion","session_id":"s-1","msg_id":"m-2","annotator":"a","verdict":"good"}""";

        var report = await database.ImportLabelsAsync(good + "\n\n" + line + "\n", LabelFormat.Jsonl, actor: database.Scoped("companion"), rejected: () => kept);

        Assert.Equal((2, 1, 0, 0, 1), report.Counted());
        var rejected = Assert.Single(report.FirstRejected);
        Assert.Equal((3, sentence), (rejected.Line, rejected.Rejection.Reason));
        var written = JsonElement.Parse(Encoding.UTF8.GetString(kept.Bytes!));
        Assert.Equal((3, sentence, line), (written.GetProperty("line").GetInt32(), written.GetProperty("reason").GetString(), written.GetProperty("raw").GetString()));
    }

    [Theory]
    [InlineData("companion,s-1,m-2,a,good,,,,,,", 2, "the line has 11 cells; expected 12, as in the first line")]
    [InlineData("companion,s-1,m-2,a,maybe,,,,,,,", 2, "verdict is 'maybe'; expected good or bad")]
    [InlineData("companion,s-1,m-2,a,good,,,\"two\nlines\",,,,\ncompanion,s-1,,a,good,,,,,,,", 4, "msg_id is empty; expected text")]
    [InlineData("companion,s-1,m-2,a,good,,,,,,\"x\"y,", 2, "the line has a quoted cell that does not end, or goes on after its closing quote; expected quotes inside a cell to be doubled")]
    public async Task Csv_ThatWillNotDo_IsRejectedWithTheLineThatItBeginsIn(string lines, int number, string sentence)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();

        var report = await database.ImportLabelsAsync(Columns + "\n" + lines);

        var rejected = Assert.Single(report.FirstRejected);
        Assert.Equal((number, sentence), (rejected.Line, rejected.Rejection.Reason));
    }

    [Fact]
    public async Task Csv_InAnotherEncoding_IsRejectedLineByLine()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        using var stream = new MemoryStream([.. Encoding.UTF8.GetBytes(Columns + "\ncompanion,s-1,m-2,"), 0xb0, 0xa2, .. ",good,,,,,,,\n"u8]);

        var report = await database.ImportLabels().ExecuteAsync(new LabelImportRequest(stream, "gbk.csv"), database.Admin, null, default);

        Assert.Equal("the line is not UTF-8: byte 18 does not fit", Assert.Single(report.Value!.FirstRejected).Rejection.Reason);
    }

    [Fact]
    public async Task LabelStudio_ThatWillNotDo_NamesTheAnnotationAndTakesTheRest()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync();
        var text = Studio.Replace("\"Bad\"", "\"so so\"", StringComparison.Ordinal).Replace("{\"answer\":\"nobody looked\"},\"annotations\":[]", "{\"biz_code\":\"companion\"},\"annotations\":[{}]", StringComparison.Ordinal);

        var report = await database.ImportLabelsAsync(text);

        Assert.Equal((3, 1, 0, 0, 2), report.Counted());
        Assert.Equal(["annotations[0].verdict is 'so so'; expected good or bad", "data.session_id is missing; expected text"], report.FirstRejected.Select(r => r.Rejection.Reason));
        Assert.Equal([1L, 2], report.FirstRejected.Select(r => r.Line));
    }

    [Theory]
    [InlineData("hello\nworld", null, "LabelShapeUnknown")]
    [InlineData("", null, "LabelShapeUnknown")]
    [InlineData("""{"session_id":"s-1","messages":[{"msg_id":"m-1"}]}""", null, "LabelShapeUnknown")]
    [InlineData("biz_code,session_id,msg_id,verdict\n", null, "LabelColumnMissing")]
    [InlineData("[1,", LabelFormat.LabelStudio, "LabelsUnreadable")]
    public async Task File_ThatCannotBeRead_IsRefused(string text, LabelFormat? format, string code)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);

        var result = await database.TryImportLabelsAsync(text, format);

        Assert.Equal((code, "labels.txt"), (result.Failure?.Code, result.Failure?.Args[0]));
    }

    [Fact]
    public async Task LabelStudio_ThatBreaksOff_KeepsWhatCameBefore()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("s-1", contents: [.. Enumerable.Range(0, 800).Select(i => i.ToString(CultureInfo.InvariantCulture))]);
        var tasks = Enumerable.Range(1, 400).Select(i => string.Create(CultureInfo.InvariantCulture,
            $$$"""{"data":{"biz_code":"companion","session_id":"s-1","msg_id":"m-{{{2 * i}}}"},"annotations":[{"completed_by":"a","result":[{"from_name":"verdict","value":{"choices":["good"]}}]}]}"""));

        var result = await database.TryImportLabelsAsync("[" + string.Join(",\n", tasks) + ",\n{]");

        Assert.Equal("line 401, byte 1: ']' is an invalid start of a property name. Expected a '\"'", result.Failure?.Args[1]);
        await using var db = database.Open();
        Assert.InRange(await db.Labels.CountAsync(), 200, 400);
    }

    [Fact]
    public async Task Import_WithoutTheRight_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);

        var result = await database.TryImportLabelsAsync(Columns, actor: database.Without(Permissions.LabelsManage));

        Assert.Equal("Forbidden", result.Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Scale_OfTheLineCountsFirst_ThenTheBusinessLines(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync();
        await new LabelSettings(database.Contexts, database.Clock).SaveAsync(new([new("companion", ScoreScale.ZeroToHundred)], []), database.Admin, default);

        await database.ImportLabelsAsync("biz_code;session_id;msg_id;annotator;verdict;score;scale\ncompanion;s-1;m-2;a;good;80;\ncompanion;s-1;m-2;b;good;0.8;0-1\ncompanion;s-1;m-2;c;good;;");

        await using var db = database.Open();
        Assert.Equal([ScoreScale.ZeroToHundred, ScoreScale.ZeroToOne, ScoreScale.ZeroToHundred], await db.Labels.OrderBy(l => l.AnnotatorName).Select(l => l.Scale).ToListAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task LineThatComesTwice_IsReadInOrder_InOneBatchAndOverSeveral(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync("s-1", contents: [.. Enumerable.Range(0, 800).Select(i => i.ToString(CultureInfo.InvariantCulture))]);
        string Line(int message, string verdict) => string.Create(CultureInfo.InvariantCulture, $"{{\"biz_code\":\"companion\",\"session_id\":\"s-1\",\"msg_id\":\"m-{message}\",\"annotator\":\"a\",\"verdict\":\"{verdict}\"}}");
        var text = string.Join('\n', [Line(2, "good"), Line(2, "good"), Line(2, "bad"), .. Enumerable.Range(2, 398).Select(i => Line(2 * i, "good")), Line(2, "bad"), Line(2, "good")]);

        var dry = await database.ImportLabelsAsync(text, mode: IngestMode.Compare);
        var real = await database.ImportLabelsAsync(text);

        Assert.Equal((403, 399, 2, 2, 0), dry.Counted());
        Assert.Equal(dry.Counted(), real.Counted());
        await using var db = database.Open();
        Assert.Equal((399, 399), (await db.Labels.CountAsync(), await db.MessageVerdicts.CountAsync(v => v.GoodCount == 1 && v.BadCount == 0)));
        Assert.Equal(["m-2", "m-4", "m-6", "m-8"], await db.Labels.OrderBy(l => l.Id).Take(4).Join(db.Messages, l => l.MessageId, m => m.Id, (_, m) => m.ExternalId).ToListAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task TwoImportsAtOnce_OfTheSameLabels_StoreThemOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync("s-1", contents: [.. Enumerable.Range(0, 200).Select(i => i.ToString(CultureInfo.InvariantCulture))]);
        var text = string.Join('\n', Enumerable.Range(1, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"biz_code\":\"companion\",\"session_id\":\"s-1\",\"msg_id\":\"m-{2 * i}\",\"annotator\":\"stranger {i % 3}\",\"verdict\":\"good\"}}")));

        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => database.ImportLabelsAsync(text))));

        Assert.Equal((100, 300), (reports.Sum(r => r.Counts.New), reports.Sum(r => r.Counts.Unchanged)));
        await using var db = database.Open();
        Assert.Equal((100, 3, 100), (await db.Labels.CountAsync(), await db.ExternalAnnotators.CountAsync(), await db.LabelRevisions.CountAsync()));
    }

    private sealed class KeptStream : MemoryStream
    {
        public byte[]? Bytes { get; private set; }

        protected override void Dispose(bool disposing)
        {
            Bytes ??= ToArray();
            base.Dispose(disposing);
        }
    }
}

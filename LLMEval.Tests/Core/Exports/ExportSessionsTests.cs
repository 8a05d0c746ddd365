using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Collecting;
using LLMEval.Core.Data;
using LLMEval.Core.Exports;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using MiniExcelLibs;

namespace LLMEval.Tests.Core.Exports;

public sealed class ExportSessionsTests
{
    private const string Line =
        """
        {"session_id":"s-1","biz_code":"companion","robot_id":"r-1","robot_name":"小暖","user_id":"=cmd|' /C calc'!A0","lang":"zh","started_at":"2026-03-15T10:00:00+08:00","tags":["a","情绪"],"system_prompt":"be \"kind\"","mood":{"x":[1,2]},"messages":[{"msg_id":"m-1","sender_type":"user","content":"睡了没😀","send_time":"2026-03-15T10:00:00+08:00"},{"msg_id":"m-2","sender_type":"bot","content":"<b>还没</b>","send_time":"2026-03-15T10:00:05.25+08:00","generation":{"model":"m","prompt_version":"7","params":{"temperature":0.8},"memory_ids":["k-1"],"latency_ms":812,"usage":{"input_tokens":4,"output_tokens":9},"request":{"a":1},"trace":[{"tool":"t"}],"finish":"stop"},"odd":true}],"memory":[{"memory_id":"k-1","content":"晚睡","created_at":"2026-03-01T10:00:00+08:00","kind":"habit"}]}
        {"session_id":"s-2","biz_code":"companion","robot_id":"r-2","user_id":"u-2","started_at":"2026-03-14T10:00:00+08:00","tags":[],"messages":[{"msg_id":"m-1","sender_type":"tool","content":"no time"},{"msg_id":"m-2","sender_type":"system","content":""}],"memory":[]}

        """;

    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");

    [Theory, OnSqlite, OnMySql]
    public async Task Jsonl_ImportedElsewhereAndExportedAgain_IsTheSame(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var other = await TestDatabase.CreateAsync(provider);
        await ImportAsync(database, Line);

        var first = await WriteAsync(database, ExportFormat.Jsonl);
        await ImportAsync(other, first);
        var second = await WriteAsync(other, ExportFormat.Jsonl);

        Assert.Equal(first, second);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Line.Split('\n')[0]), JsonNode.Parse(first.Split('\n')[0])), first);
        Assert.Equal(2, first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await using var db = other.Open();
        Assert.Equal(("7", "[\"k-1\"]", 812), await db.Generations.Select(g => ValueTuple.Create(g.PromptVersion, g.MemoryIdsJson, g.LatencyMs!.Value)).SingleAsync());
    }

    [RealDataFact]
    public async Task Jsonl_OfRealData_ComesBackWhole()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var other = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await ImportAsync(database, await File.ReadAllTextAsync(Path.Combine(Tools.SharedData!, "memory-zh.jsonl")));

        var first = await WriteAsync(database, ExportFormat.Jsonl);
        await ImportAsync(other, first);

        // Sessions of one instant stand in the order in which they were stored.
        Assert.Equal(first.Split('\n').Order(StringComparer.Ordinal), (await WriteAsync(other, ExportFormat.Jsonl)).Split('\n').Order(StringComparer.Ordinal));
        await using var db = other.Open();
        Assert.Equal((90, 694, 900), (await db.Sessions.CountAsync(), await db.Messages.CountAsync(), await db.MemoryPoints.CountAsync()));
    }

    [Fact]
    public async Task Jsonl_OfALongSession_HoldsEveryMessageInOrder()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await database.SessionAsync("long", contents: [.. Enumerable.Range(0, 6_000).Select(i => $"message {i}")]);
        await database.SessionAsync("short");

        var lines = (await WriteAsync(database, ExportFormat.Jsonl)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(2, lines.Length);
        var said = JsonDocument.Parse(lines.Single(l => l.Contains("\"long\"", StringComparison.Ordinal))).RootElement.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content").GetString());
        Assert.Equal(Enumerable.Range(0, 6_000).Select(i => $"message {i}"), said);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Csv_NeutralisesFormulas_AndKeepsTheFilterAndTheScope(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ImportAsync(database, Line);
        await database.SessionAsync("other", biz: "growth", robot: "r-9");

        var text = await WriteAsync(database, ExportFormat.Csv, new SessionFilter { RobotIds = ["r-1"] });

        Assert.Equal("﻿session_id,biz_code,robot_id,robot_name,user_id,messages,memory_points,good,bad,tags,started_at,last_message_at,updated_at\r\n", text[..(text.IndexOf('\n', StringComparison.Ordinal) + 1)]);
        Assert.StartsWith("s-1,companion,r-1,小暖,\"'=cmd|' /C calc'!A0\",2,1,0,0,\"a, 情绪\",2026-03-15 10:00:00,", text.Split("\r\n")[1], StringComparison.Ordinal);
        Assert.Equal(2, text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        var growth = await WriteAsync(database, ExportFormat.Csv, new SessionFilter(), "growth");
        Assert.Contains("other,growth", growth, StringComparison.Ordinal);
        Assert.DoesNotContain("companion", growth, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Xlsx_HoldsTextThatIsNeverAFormula()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await ImportAsync(database, Line);
        using var stream = new MemoryStream();

        await Export(database).WriteAsync(Request(ExportFormat.Xlsx, new SessionFilter()), stream, database.Admin, default);

        stream.Position = 0;
        var rows = (await stream.QueryAsync(useHeaderRow: true)).Cast<IDictionary<string, object>>().ToList();
        Assert.Equal(["s-1", "s-2"], rows.Select(r => r["session_id"]));
        Assert.Equal(2.0, rows[0]["messages"]);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        using var sheet = new StreamReader(zip.GetEntry("xl/worksheets/sheet1.xml")!.Open());
        Assert.DoesNotContain("<x:f>", await sheet.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_WithoutPermission_Refuses_AndElseIsAudited()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var request = Request(ExportFormat.Xlsx, new SessionFilter());

        Assert.Equal("Forbidden", (await Export(database).PrepareAsync(request, database.Without(LLMEval.Core.Access.Permissions.SessionsView), default))?.Code);
        Assert.Null(await Export(database).PrepareAsync(request, database.Admin, default));

        await using var db = database.Open();
        Assert.Equal("Xlsx", await db.AuditEntries.Where(e => e.Action == "sessions.export").Select(e => e.Subject).SingleAsync());
    }

    private static ExportSessions Export(TestDatabase database) => new(new SessionQueries(database.Contexts, database.Clock), database.Contexts, database.Clock);

    private static SessionExport Request(ExportFormat format, SessionFilter filter) => new(filter, SessionSort.Started, true, format, Zone);

    private static async Task<string> WriteAsync(TestDatabase database, ExportFormat format, SessionFilter? filter = null, params string[] scope)
    {
        using var stream = new MemoryStream();
        await Export(database).WriteAsync(Request(format, filter ?? new SessionFilter()), stream, scope.Length == 0 ? database.Admin : database.Scoped(scope), default);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static async Task ImportAsync(TestDatabase database, string lines)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(lines));
        var report = await database.Import().ExecuteAsync(new ImportRequest(stream, "test"), database.Admin, null, default);
        Assert.Equal(0, report.Value!.Counts.Rejected);
    }
}

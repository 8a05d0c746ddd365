using System.IO.Compression;
using System.Text;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using static LLMEval.Tests.Core.Collecting.Importing;

namespace LLMEval.Tests.Core.Collecting;

public sealed class ImportFileTests
{
    [RealDataTheory]
    [OnSqlite("companion-zh", 2_800, 28_275, 0)]
    [OnMySql("companion-zh", 2_800, 28_275, 0)]
    [OnSqlite("memory-zh", 90, 694, 900)]
    [OnMySql("memory-zh", 90, 694, 900)]
    [OnSqlite("companion-en", 166, 1_855, 0)]
    [OnMySql("companion-en", 166, 1_855, 0)]
    [OnSqlite("chitchat-zh", 450, 9_321, 0)]
    [OnMySql("chitchat-zh", 450, 9_321, 0)]
    [OnSqlite("task-zh", 300, 5_078, 0)]
    [OnMySql("task-zh", 300, 5_078, 0)]
    public async Task Import_RealFile_TakesEveryMessageOnce(DatabaseProvider provider, string name, int sessions, int messages, int memory)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var path = Path.Combine(Tools.SharedData!, name + ".jsonl");

        var first = await ImportPathAsync(database, path);
        var second = await ImportPathAsync(database, path);

        Assert.Equal(new ImportCounts(sessions, sessions, 0, 0, 0, messages, 0), first.Counts);
        Assert.Equal(new ImportCounts(sessions, 0, 0, sessions, 0, 0, 0), second.Counts);
        await using var db = database.Open();
        Assert.Equal((sessions, messages, memory), (await db.Sessions.CountAsync(), await db.Messages.CountAsync(), await db.MemoryPoints.CountAsync()));
        Assert.Equal(messages, await db.Sessions.SumAsync(s => s.MessageCount));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Import_RejectedLines_AreWrittenWithTheirReasons(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var kept = new KeptStream();
        var bad = Session("s-2", Message("m", "x", "robot"));
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(Session("s-1", Message("m", "睡了没")) + "\n" + bad + "\n{"));

        var result = await database.Import().ExecuteAsync(new ImportRequest(source, "a.jsonl") { OpenRejected = () => kept }, database.Admin, null, CancellationToken.None);

        Assert.Equal(new ImportCounts(3, 1, 0, 0, 2, 1, 0), result.Value!.Counts);
        Assert.Equal([2L, 3], result.Value.FirstRejected.Select(r => r.Line));
        var lines = Encoding.UTF8.GetString(kept.Bytes!).TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal("messages[0].sender_type is 'robot'; expected user, bot, system or tool", lines[0].GetProperty("reason").GetString());
        Assert.Equal(bad, lines[0].GetProperty("raw").GetString());
        Assert.Equal(3, lines[1].GetProperty("line").GetInt64());
    }

    [Fact]
    public async Task Import_NothingRejected_OpensNoRejectedFile()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(Session("s-1")));

        var result = await database.Import().ExecuteAsync(new ImportRequest(source, "a.jsonl") { OpenRejected = () => throw new InvalidOperationException() }, database.Admin, null, CancellationToken.None);

        Assert.Equal(1, result.Value!.Counts.New);
    }

    [Fact]
    public async Task Import_Gzip_IsReadByItsFirstBytes()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        using var source = new MemoryStream();
        await using (var gzip = new GZipStream(source, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Session("s-1", Message("m", "x"))));
        }
        source.Position = 0;

        var result = await database.Import().ExecuteAsync(new ImportRequest(source, "a.jsonl.gz"), database.Admin, null, CancellationToken.None);

        Assert.Equal(new ImportCounts(1, 1, 0, 0, 0, 1, 0), result.Value!.Counts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("\n\n")]
    public async Task Import_HardlyAnything_IsNoFault(string text)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);

        var report = await database.ImportAsync(text);

        Assert.Equal(text == "x" ? 1 : 0, report.Counts.Rejected);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Import_DryRun_CountsAndStoresNothing(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.ImportAsync(Session("s-1", Message("m", "x")) + "\n" + Session("s-2", Message("m", "x")));
        var options = new ImportOptions { TimeZone = Shanghai, BatchMessages = 1 };

        var report = await database.ImportAsync(
            string.Join('\n', Session("s-1", Message("m", "x")), Session("s-2", Message("m", "y")), Session("s-3", Message("m", "x")), Session("s-3", Message("m", "x"))), mode: IngestMode.Compare, options: options);

        Assert.Equal((1, 1, 2), (report.Counts.New, report.Counts.Updated, report.Counts.Unchanged));
        await using var db = database.Open();
        Assert.Equal(2, await db.Sessions.CountAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Import_CancelledMidway_LeavesWholeBatchesAndGoesOnNextTime(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var text = string.Join('\n', Enumerable.Range(0, 100).Select(i => Session($"s-{i}", [.. Enumerable.Range(0, 9).Select(m => Message($"m-{m}", "x"))])));
        var options = new ImportOptions { TimeZone = Shanghai, BatchMessages = 50 };
        using var stop = new CancellationTokenSource();
        var progress = new Seen(p => { if (p.Counts.New >= 30) { stop.Cancel(); } });
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(text));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Import(options).ExecuteAsync(new ImportRequest(source, "a"), database.Admin, progress, stop.Token));

        await using var db = database.Open();
        var stored = await db.Sessions.CountAsync();
        Assert.InRange(stored, 30, 95);
        Assert.Equal(0, stored % 5);
        Assert.Equal(stored * 9, await db.Messages.CountAsync());
        var rest = await database.ImportAsync(text, options: options);
        Assert.Equal((100 - stored, stored), (rest.Counts.New, rest.Counts.Unchanged));
        Assert.Equal(900, await db.Messages.CountAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Import_ByScopedActor_RejectsOtherBusinessLines(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);

        var report = await database.ImportAsync(Session("s-1") + "\n" + Session("s-2").Replace("companion", "games", StringComparison.Ordinal), actor: database.Scoped("games"));

        Assert.Equal((1, 1), (report.Counts.New, report.Counts.Rejected));
        Assert.Equal("biz_code is 'companion'; you may not import into this business line", report.FirstRejected[0].Rejection.Reason);
    }

    [Fact]
    public async Task Import_WithoutPermission_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);

        var result = await database.Import().ExecuteAsync(new ImportRequest(Stream.Null, "a"), database.Without(Permissions.SessionsImport), null, CancellationToken.None);

        Assert.Equal("Forbidden", result.Failure?.Code);
    }

    [Fact]
    public async Task Import_LeavesAnAuditEntryWithoutContent()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);

        await database.ImportAsync(Session("s-1", Message("m", "secret words")));

        await using var db = database.Open();
        var entries = await db.AuditEntries.OrderBy(e => e.Id).ToListAsync();
        Assert.Equal(["sessions.ingest", "sessions.import"], entries.Select(e => e.Action));
        Assert.DoesNotContain(entries, e => e.DetailJson!.Contains("secret", StringComparison.Ordinal));
    }

    private static async Task<ImportReport> ImportPathAsync(TestDatabase database, string path)
    {
        await using var file = File.OpenRead(path);
        var result = await database.Import().ExecuteAsync(new ImportRequest(file, Path.GetFileName(path)), database.Admin, null, CancellationToken.None);
        return result.Value!;
    }

    private sealed class Seen(Action<ImportProgress> see) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => see(value);
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

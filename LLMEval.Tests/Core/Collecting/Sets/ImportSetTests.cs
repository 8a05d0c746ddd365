using System.Text;
using LLMEval.Core.Collecting;
using LLMEval.Core.Collecting.Sets;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Collecting.Sets;

public sealed class ImportSetTests
{
    private const string Good = """{"id":"1","input":[{"role":"user","content":"你好"}],"reference":"你好呀","tags":["a/b"]}""";
    private const string AlsoGood = """{"question":"睡不着","answer":"想聊聊吗"}""";
    private const string Bad = """{"id":"3","input":[{"role":"alien","content":"?"}]}""";

    [Theory]
    [OnSqlite]
    [OnMySql]
    public async Task Import_WithOneBadLine_KeepsAllOut_UnlessTheGoodOnesAreWanted(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var rejected = new MemoryStream();
        var request = Request([Good, Bad, AlsoGood, "", "{broken"]) with { NewSet = new CreateSetRequest("mine"), OpenRejected = () => rejected };

        var refused = (await RunAsync(database, request)).Value!;

        Assert.Equal((4, 2, null), (refused.Read, refused.Rejected, refused.SetId));
        Assert.Equal(["2: input[0].role is 'alien'; expected user, assistant, system or tool"], refused.FirstRejected.Take(1).Select(r => $"{r.Line}: {r.Rejection.Reason}"));
        Assert.Equal(5, refused.FirstRejected[1].Line);
        Assert.Equal(2, Encoding.UTF8.GetString(rejected.ToArray()).Count(c => c == '\n'));
        await using (var db = await database.Contexts.CreateDbContextAsync())
        {
            Assert.Equal((0, 0), (await db.EvaluationSets.CountAsync(), await db.Samples.CountAsync()));
        }

        var taken = (await RunAsync(database, request with { GoodLinesOnly = true, OpenRejected = null, Tags = ["from/file"] })).Value!;

        Assert.Equal((2, 0, 2), (taken.Added, taken.AlreadyThere, taken.Rejected));
        await using var after = await database.Contexts.CreateDbContextAsync();
        Assert.Equal(["mine.jsonl:1", "mine.jsonl:3"], await after.Samples.OrderBy(s => s.Id).Select(s => s.OriginName!).ToListAsync());
        Assert.Equal(["a/b", "from/file", "from/file"], await after.SampleTags.OrderBy(t => t.Name).Select(t => t.Name).ToListAsync());
        Assert.True(await after.Samples.AllAsync(s => s.RemovedAt == null && s.Origin == SampleOrigin.File));
        Assert.Equal("mine.jsonl", LLMEval.Core.Common.Json.Read<SetSource>((await after.EvaluationSets.SingleAsync()).SourceJson!).Name);
    }

    [Theory]
    [OnSqlite]
    [OnMySql]
    public async Task Import_TheSameFileAgain_AddsNothing_AndBringsBackWhatWasTakenOut(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var lines = Enumerable.Range(0, 450).Select(i => $$"""{"question":"question {{i}}"}""").ToArray();
        var first = (await RunAsync(database, Request(lines) with { NewSet = new CreateSetRequest("mine") })).Value!;
        await using (var db = await database.Contexts.CreateDbContextAsync())
        {
            await db.SetItems.Where(i => i.Position < 10).ExecuteDeleteAsync();
            await db.Samples.Where(s => s.Id <= 10).ExecuteUpdateAsync(u => u.SetProperty(s => s.RemovedAt, database.Clock.GetUtcNow().UtcDateTime));
        }

        var again = (await RunAsync(database, Request([.. lines, """{"question":"new"}"""]) with { SetId = first.SetId })).Value!;

        Assert.Equal((450, 0), (first.Added, first.AlreadyThere));
        Assert.Equal((11, 440), (again.Added, again.AlreadyThere));
        await using var after = await database.Contexts.CreateDbContextAsync();
        Assert.Equal(451, await after.Samples.CountAsync(s => s.RemovedAt == null));
        Assert.Equal(451, (await after.EvaluationSets.SingleAsync()).ItemCount);
        Assert.Equal(451, await after.SetItems.Select(i => i.Position).Distinct().CountAsync());
    }

    [Theory]
    [OnSqlite]
    [OnMySql]
    public async Task Import_WhatThePoolHasAlready_GetsTheTagsOfTheFileBesideItsOwn(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await RunAsync(database, Request([Good]) with { NewSet = new CreateSetRequest("one") });

        await RunAsync(database, Request([Good.Replace("a/b", "c", StringComparison.Ordinal)]) with { NewSet = new CreateSetRequest("two"), Tags = ["d", "a/b"] });

        await using var db = await database.Contexts.CreateDbContextAsync();
        Assert.Equal(["a/b", "c", "d"], await db.SampleTags.Where(t => t.SampleId == 1).OrderBy(t => t.Name).Select(t => t.Name).ToListAsync());
    }

    [Theory]
    [OnSqlite]
    [OnMySql]
    public async Task Import_NamedMessages_TakesThem_AndNamesThoseThatAreNotThere(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await database.SessionAsync("s-1", contents: ["早", "早呀"]);
        string Line(string msgId) => $$$"""{"message":{"biz_code":"companion","session_id":"s-1","msg_id":"{{{msgId}}}"}}""";
        var known = await MessageIdsAsync(database);

        var refused = (await RunAsync(database, Request([Line(known[1]), Line(known[0]), Line("nobody")]) with { NewSet = new CreateSetRequest("mine") })).Value!;
        var taken = (await RunAsync(database, Request([Line(known[1]), AlsoGood]) with { NewSet = new CreateSetRequest("mine") })).Value!;

        Assert.Equal([2L, 3L], refused.FirstRejected.Select(r => r.Line));
        Assert.Equal((2, 0), (taken.Added, taken.Rejected));
    }

    [Fact]
    public async Task Import_IntoWhatTheActorMayNotSeeOrChange_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var limited = database.Admin with { BizCodes = ["companion"] };
        var other = """{"question":"x","biz_code":"game"}""";

        var outside = (await RunAsync(database, Request([other]) with { NewSet = new CreateSetRequest("mine") }, limited)).Value!;
        var taken = (await RunAsync(database, Request([AlsoGood]) with { NewSet = new CreateSetRequest("mine") }, limited)).Value!;
        var nameTaken = await RunAsync(database, Request([AlsoGood]) with { NewSet = new CreateSetRequest(" mine ") });
        var missing = await RunAsync(database, Request([AlsoGood]) with { SetId = 99 });

        Assert.Equal(Rejection.OutOfScope, outside.FirstRejected.Single().Rejection.Code);
        Assert.Equal(1, taken.Added);
        Assert.Equal(("SetNameTaken", "SetNotFound"), (nameTaken.Failure!.Code, missing.Failure!.Code));
    }

    [Theory]
    [InlineData("x.csv", "a,b\n1,2\n", "SetFileQuestionMissing")]
    [InlineData("x.csv", "", "SetFileEmpty")]
    [InlineData("x.jsonl", "", "SetFileEmpty")]
    [InlineData("x.yaml", "tests: [", "SetFileUnreadable")]
    [InlineData("x.yaml", "a: 1", "SetFileShapeWrong")]
    [InlineData("x.json", "[{\"question\":\"a\"},", "SetFileUnreadable")]
    [InlineData("x.xlsx", "PK\u0003\u0004nonsense", "SetFileUnreadable")]
    public async Task Import_WhatIsNoSuchFile_IsOneSentence(string name, string content, string code)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var request = new ImportSetRequest(new MemoryStream(Encoding.UTF8.GetBytes(content)), name) { NewSet = new CreateSetRequest("mine") };

        Assert.Equal(code, (await RunAsync(database, request)).Failure?.Code);
        await using var db = await database.Contexts.CreateDbContextAsync();
        Assert.Equal(0, await db.EvaluationSets.CountAsync());
    }

    [Fact]
    public async Task Preview_OfATable_GuessesItsColumns_AndFollowsWhatIsChosen()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        const string Table = "编号,问题,参考答案,标签,别的\n1,你好,\"很好\n真的\",\"日常;问候\",z\n2,,x,y,z\n";
        var request = new ImportSetRequest(new MemoryStream([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Table)]), "x.csv") { NewSet = new CreateSetRequest("mine") };

        var guessed = (await Verb(database).PreviewAsync(request, default)).Value!;
        var chosen = (await Verb(database).PreviewAsync(request with { Columns = new SetColumns { Question = "参考答案", Tags = ["别的"] } }, default)).Value!;

        Assert.Equal(("问题", "编号", "参考答案", "标签"), (guessed.Columns!.Question, guessed.Columns.Id, guessed.Columns.References[0], guessed.Columns.Tags[0]));
        Assert.Equal(["很好\n真的"], guessed.Lines[0].Draft!.References);
        Assert.Equal(["日常", "问候"], guessed.Lines[0].Draft!.Tags);
        Assert.Equal("""{"别的":"z"}""", guessed.Lines[0].Draft!.MetadataJson);
        Assert.Equal((4L, Rejection.Missing), (guessed.Lines[1].Number, guessed.Lines[1].Rejection!.Code));
        Assert.Equal("很好\n真的", chosen.Lines[0].Draft!.Input[0].Content);
    }

    private static ImportSetRequest Request(string[] lines) => new(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))), "mine.jsonl");

    private static ImportSet Verb(TestDatabase database) =>
        new(new SetFileReader(new ImportOptions()), new CreateSet(database.Contexts, database.Clock), database.Contexts, database.Clock);

    private static Task<Result<ImportSetReport>> RunAsync(TestDatabase database, ImportSetRequest request, Actor? actor = null) => Verb(database).ExecuteAsync(request, actor ?? database.Admin, null, default);

    private static async Task<List<string>> MessageIdsAsync(TestDatabase database)
    {
        await using var db = await database.Contexts.CreateDbContextAsync();
        return await db.Messages.OrderBy(m => m.Id).Select(m => m.ExternalId).ToListAsync();
    }
}

using System.Text;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using LLMEval.Tests.Core.Collecting;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Sessions;

public sealed class TagSessionsTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Tags_GivenHere_OutliveAChangedImport_AndThoseOfTheSourceDoNot(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ImportAsync(database, """["source","kept"]""", "x");
        var id = await OneAsync(database);

        var changed = await new TagSessions(database.Contexts, database.Clock).ExecuteAsync(new TagSessionsRequest([id], [" ours ", "kept"], ["gone"]), database.Admin, default);
        await ImportAsync(database, """["kept"]""", "y");

        Assert.Equal(1, changed.Value);
        Assert.Equal(["kept", "ours"], await TagsAsync(database));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Tags_AreTakenAndGiven_OnlyWithinTheScope(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await ImportAsync(database, """["a","b"]""", "x");
        var (other, _) = await database.SessionAsync("s-2", biz: "growth");
        var id = await OneAsync(database);
        var verb = new TagSessions(database.Contexts, database.Clock);

        Assert.Equal(1, (await verb.ExecuteAsync(new TagSessionsRequest([id, other.Id], ["c"], ["a"]), database.Scoped("companion"), default)).Value);
        Assert.Equal(0, (await verb.ExecuteAsync(new TagSessionsRequest([id], ["c"], ["a"]), database.Admin, default)).Value);
        Assert.Equal(["b", "c"], await TagsAsync(database));
        Assert.Equal("Forbidden", (await verb.ExecuteAsync(new TagSessionsRequest([id], ["c"], []), database.Without(Permissions.LabelsWrite), default)).Failure?.Code);
        Assert.Equal("NumberOutOfRange", (await verb.ExecuteAsync(new TagSessionsRequest([], ["c"], []), database.Admin, default)).Failure?.Code);
        Assert.Equal("SessionTags", (await verb.ExecuteAsync(new TagSessionsRequest([id], [new string('x', 65)], []), database.Admin, default)).Failure?.Code);
        await using var db = database.Open();
        Assert.Equal(2, await db.AuditEntries.CountAsync(e => e.Action == "sessions.tag"));
    }

    private static async Task ImportAsync(TestDatabase database, string tags, string content)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Importing.Session("s-1", Importing.Message("m-1", content)).Replace("\"messages\"", $"\"tags\":{tags},\"messages\"", StringComparison.Ordinal)));
        var report = await database.Import().ExecuteAsync(new ImportRequest(stream, "test"), database.Admin, null, default);
        Assert.Equal(0, report.Value!.Counts.Rejected);
    }

    private static async Task<long> OneAsync(TestDatabase database)
    {
        await using var db = database.Open();
        return await db.Sessions.Where(s => s.ExternalId == "s-1").Select(s => s.Id).SingleAsync();
    }

    private static async Task<List<string>> TagsAsync(TestDatabase database)
    {
        await using var db = database.Open();
        return await db.SessionTags.Where(t => db.Sessions.Any(s => s.Id == t.SessionId && s.ExternalId == "s-1")).OrderBy(t => t.Name).Select(t => t.Name).ToListAsync();
    }
}

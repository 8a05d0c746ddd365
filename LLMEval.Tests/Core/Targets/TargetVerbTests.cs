using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LLMEval.Tests.Core.Targets;

public class TargetVerbTests
{
    private static TargetVersionRequest Http(string? endpoint = "https://api.example.com/v1", string? key = "sk-1234567", string parameters = "{}") =>
        new(endpoint, "m-1", key, "你是小艾", JsonElement.Parse(parameters));

    [Theory, OnSqlite, OnMySql]
    public async Task AddTarget_ThenVersion_AreNumberedFoundAndAudited(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var services = TargetServices.Over(database, database.Clock);
        var queries = services.GetRequiredService<TargetQueries>();

        var first = await services.GetRequiredService<AddTarget>().ExecuteAsync(new TargetRequest(" 小艾 ", "bot", Connector.OpenAI, Http()), database.Admin, default);
        var second = await services.GetRequiredService<AddTargetVersion>().ExecuteAsync("小艾", Http(parameters: """{"top_p":0.5,"temperature":0.2}"""), database.Admin, default);

        Assert.True(first.IsOk && second.IsOk);
        var newest = await queries.FindVersionAsync("小艾", database.Admin, default);
        var older = await queries.FindVersionAsync("小艾@1", database.Admin, default);
        Assert.Equal((second.Value, "小艾@2", """{"temperature":0.2,"top_p":0.5}"""), (newest.Value!.TargetVersionId, newest.Value.Label, newest.Value.Parameters.GetRawText()));
        Assert.Equal((first.Value, 1), (older.Value!.TargetVersionId, older.Value.Number));
        Assert.NotEqual(older.Value.Fingerprint, newest.Value.Fingerprint);
        Assert.Equal("TargetNotFound", (await queries.FindVersionAsync("小艾@3", database.Admin, default)).Failure!.Code);
        Assert.Equal("TargetReferenceInvalid", (await queries.FindVersionAsync("小艾@x", database.Admin, default)).Failure!.Code);
        var detail = await queries.DetailAsync("小艾", database.Admin, default);
        Assert.Equal([2, 1], detail!.Versions.Select(v => v.Number));
        Assert.Equal("小艾", (await queries.DetailAsync(detail.Row.Id, database.Admin, default))!.Row.Name);
        Assert.Equal(["小艾@2", "小艾@1"], (await queries.ChoicesAsync("艾", 10, database.Admin, default)).Select(c => c.Label));
        Assert.Empty(await queries.ChoicesAsync(null, 10, database.Without(Permissions.TargetsView), default));
        Assert.All(detail.Versions, v => Assert.True(v.HasSecret));
        await using var db = database.Open();
        Assert.Equal(["target.add", "target.version.add"], await db.AuditEntries.OrderBy(a => a.Id).Select(a => a.Action).ToListAsync());
    }

    [Theory, OnSqlite, OnMySql]
    public async Task AddTarget_NameTaken_IsRefusedAlsoWhenBothComeAtOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var services = TargetServices.Over(database, database.Clock);
        var add = services.GetRequiredService<AddTarget>();

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => add.ExecuteAsync(new TargetRequest("bot", null, Connector.Recorded, new()), database.Admin, default))));

        Assert.Single(results, r => r.IsOk);
        Assert.All(results.Where(r => !r.IsOk), r => Assert.Equal("TargetNameTaken", r.Failure!.Code));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task AddTargetVersion_SeveralAtOnce_TakeConsecutiveNumbers(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var services = TargetServices.Over(database, database.Clock);
        await services.GetRequiredService<AddTarget>().ExecuteAsync(new TargetRequest("bot", null, Connector.Recorded, new()), database.Admin, default);
        var add = services.GetRequiredService<AddTargetVersion>();

        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => add.ExecuteAsync("bot", new(), database.Admin, default))));

        Assert.All(results, r => Assert.True(r.IsOk));
        Assert.Equal([4, 3, 2, 1], (await services.GetRequiredService<TargetQueries>().DetailAsync("bot", database.Admin, default))!.Versions.Select(v => v.Number));
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Page_ManyTargets_GoesForthAndBackByName(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var services = TargetServices.Over(database, database.Clock);
        var add = services.GetRequiredService<AddTarget>();
        foreach (var name in new[] { "c", "a", "e", "b", "d" })
        {
            await add.ExecuteAsync(new TargetRequest(name, null, Connector.Retrieval, new(Model: "retrieval-1")), database.Admin, default);
        }
        var queries = services.GetRequiredService<TargetQueries>();

        var first = await queries.PageAsync(null, new PageRequest(Take: 2), database.Admin, default);
        var second = await queries.PageAsync(null, new PageRequest(After: first.Next, Take: 2), database.Admin, default);
        var back = await queries.PageAsync(null, new PageRequest(Before: second.Previous, Take: 2), database.Admin, default);

        Assert.Equal(["a", "b"], first.Items.Select(t => t.Name));
        Assert.Equal(["c", "d"], second.Items.Select(t => t.Name));
        Assert.Equal(["a", "b"], back.Items.Select(t => t.Name));
        Assert.Equal((5, 1, "retrieval-1"), (first.Total, first.Items[0].LatestNumber, first.Items[0].LatestModel));
        Assert.Equal(["d"], (await queries.PageAsync("d", new PageRequest(), database.Admin, default)).Items.Select(t => t.Name));
        Assert.Empty((await queries.PageAsync(null, new PageRequest(), database.Without(Permissions.TargetsView), default)).Items);
    }

    [Fact]
    public async Task AddTargetVersion_WithoutKey_KeepsItOnlyAtTheSameHost()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var services = TargetServices.Over(database, database.Clock);
        await services.GetRequiredService<AddTarget>().ExecuteAsync(new TargetRequest("bot", null, Connector.OpenAI, Http()), database.Admin, default);
        var add = services.GetRequiredService<AddTargetVersion>();

        await add.ExecuteAsync("bot", Http("https://api.example.com/v2", key: null), database.Admin, default);
        await add.ExecuteAsync("bot", Http("https://evil.example.org/v1", key: null), database.Admin, default);
        await add.ExecuteAsync("bot", Http(key: ""), database.Admin, default);

        Assert.Equal([false, false, true, true], (await services.GetRequiredService<TargetQueries>().DetailAsync("bot", database.Admin, default))!.Versions.Select(v => v.HasSecret));
        await using var db = database.Open();
        var cipher = await db.TargetVersions.Where(v => v.Number == 1).Select(v => v.SecretCipher).SingleAsync();
        Assert.DoesNotContain("sk-1234567", cipher);
        Assert.Equal("sk-1234567", services.GetRequiredService<SecretBox>().TryOpen(cipher!));
        Assert.Null(services.GetRequiredService<SecretBox>().TryOpen("garbage"));
    }

    public static TheoryData<string, string?, string, string> Refused => new()
    {
        { "a@b", "https://x/v1", "{}", "TargetNameInvalid" },
        { " ", "https://x/v1", "{}", "TargetNameInvalid" },
        { "bot", null, "{}", "TargetEndpointInvalid" },
        { "bot", "ftp://x/v1", "{}", "TargetEndpointInvalid" },
        { "bot", "//x/v1", "{}", "TargetEndpointInvalid" },
        { "bot", "https://user:pass@x/v1", "{}", "TargetEndpointInvalid" },
        { "bot", "https://x/v1", "[]", "TargetParametersNotAnObject" },
        { "bot", "https://x/v1", """{"messages":[]}""", "TargetParameterReserved" },
        { "bot", "https://x/v1", """{"temperature":"hot"}""", "TargetParameterInvalid" },
        { "bot", "https://x/v1", """{"a']":1}""", "TargetParameterInvalid" },
        { "bot", "https://x/v1", """{"max_tokens":0}""", "TargetParameterInvalid" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task AddTarget_UnfitInput_IsRefusedWithItsCode(string name, string? endpoint, string parameters, string code)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await using var services = TargetServices.Over(database, database.Clock);
        var add = services.GetRequiredService<AddTarget>();
        var request = new TargetRequest(name, null, Connector.OpenAI, Http(endpoint, parameters: parameters));

        Assert.Equal(code, (await add.ExecuteAsync(request, database.Admin, default)).Failure!.Code);
        Assert.Equal("Forbidden", (await add.ExecuteAsync(request, database.Without(Permissions.TargetsEdit), default)).Failure!.Code);
        Assert.Equal("TargetModelUnknown", (await add.ExecuteAsync(new TargetRequest("r", null, Connector.Retrieval, new(Model: "gpt")), database.Admin, default)).Failure!.Code);
    }

    [Fact]
    public void Merge_NullTakesAway_AndNamesAreSorted() =>
        Assert.Equal("""{"a":3,"b":2}""", ChatParameters.Merge(JsonElement.Parse("""{"b":2,"c":1}"""), JsonElement.Parse("""{"c":null,"a":3}""")).GetRawText());
}

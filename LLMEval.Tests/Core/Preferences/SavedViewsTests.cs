using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Preferences;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Preferences;

public sealed class SavedViewsTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Views_PrivateAndShared_AreSeenByThoseWhoMay_AndDeletedByTheirOwner(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var (lin, mei) = (await PersonAsync(app, "lin@example.com"), await PersonAsync(app, "mei@example.com"));
        var (save, queries, delete) = (app.Get<SaveView>(), app.Get<SavedViewQueries>(), app.Get<DeleteView>());

        await save.ExecuteAsync(new SaveViewRequest("sessions", "bad ones", "?label=good", false), lin, default);
        var bad = await save.ExecuteAsync(new SaveViewRequest("sessions", " bad ones ", "?label=bad", false), lin, default);
        await save.ExecuteAsync(new SaveViewRequest("sessions", "all", "?range=all", true), lin, default);
        await save.ExecuteAsync(new SaveViewRequest("messages", "elsewhere", "", true), lin, default);

        Assert.Equal(["all ?range=all", "bad ones ?label=bad"], (await queries.OfPageAsync("sessions", lin, default)).Select(v => $"{v.Name} {v.Query}"));
        var shared = Assert.Single(await queries.OfPageAsync("sessions", mei, default));
        Assert.Equal(("all", false, "lin@example.com"), (shared.Name, shared.IsOwn, shared.OwnerName));
        Assert.Equal("ViewNotFound", (await delete.ExecuteAsync(shared.Id, mei, default))?.Code);
        Assert.Null(await delete.ExecuteAsync(bad.Value, lin, default));
        Assert.Single(await queries.OfPageAsync("sessions", lin, default));
        Assert.Equal("ViewName", (await save.ExecuteAsync(new SaveViewRequest("sessions", "  ", "", false), lin, default)).Failure?.Code);
        Assert.Equal("ViewTooLong", (await save.ExecuteAsync(new SaveViewRequest("sessions", "x", new string('x', 32_001), false), lin, default)).Failure?.Code);
        Assert.Equal("AccountOnly", (await save.ExecuteAsync(new SaveViewRequest("sessions", "x", "", false), Actor.Nobody, default)).Failure?.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Settings_AreOnesOwn(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var (lin, mei) = (await PersonAsync(app, "lin@example.com"), await PersonAsync(app, "mei@example.com"));
        var settings = app.Get<UserSettings>();

        await settings.SetAsync("k", "1", lin, default);
        await settings.SetAsync("k", "2", lin, default);
        await settings.SetAsync("k", "3", mei, default);
        await settings.SetAsync("k", null, mei, default);
        await settings.SetAsync("k", null, mei, default);

        Assert.Equal(("2", null), (await settings.GetAsync("k", lin, default), await settings.GetAsync("k", mei, default)));
        Assert.Equal("AccountOnly", (await settings.SetAsync("k", "1", Actor.Nobody, default))?.Code);
    }

    private static async Task<Actor> PersonAsync(TestApp app, string email) =>
        await app.Get<ActorQueries>().OfUserAsync(await app.AddAccountAsync(email, RoleNames.Viewer), default);
}

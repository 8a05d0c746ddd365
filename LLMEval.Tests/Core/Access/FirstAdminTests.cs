using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Core.Access;

public sealed class FirstAdminTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Create_WithTheLinkOfAnEmptyDatabase_MakesAnAdministratorOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var first = app.Get<FirstAdmin>();
        var token = await first.NewTokenAsync(default);

        var made = await first.CreateAsync(new FirstAdminRequest(token, "a@example.com", TestApp.Password), default);
        var again = await first.CreateAsync(new FirstAdminRequest(token, "b@example.com", TestApp.Password), default);

        Assert.Null(made.Failure);
        Assert.Equal("FirstAdminExists", again.Failure!.Code);
        Assert.True((await app.Get<ActorQueries>().OfUserAsync(made.Value, default)).May(Permissions.UsersManage));
        Assert.Null(await first.NewTokenAsync(default));
        await using var db = database.Open();
        Assert.Equal("user.first_admin", (await db.AuditEntries.SingleAsync()).Action);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task Create_SeveralAtOnce_OnlyOneSucceeds(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var first = app.Get<FirstAdmin>();
        var token = await first.NewTokenAsync(default);

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => first.CreateAsync(new FirstAdminRequest(token, $"u{i}@example.com", TestApp.Password), default))));

        Assert.Single(results, r => r.IsOk);
        Assert.All(results.Where(r => !r.IsOk), r => Assert.Equal("FirstAdminExists", r.Failure!.Code));
        await using var db = database.Open();
        Assert.Equal(1, await db.Users.CountAsync());
    }

    [Theory]
    [OnSqlite("a@example.com", "short", "PasswordTooShort")]
    [OnSqlite("a@example.com", "aaaaaaaaaaaaaa", "PasswordTooSimple")]
    [OnSqlite("no address", TestApp.Password, "EmailInvalid")]
    public async Task Create_WithBadInput_SaysWhatIsWrongAndStaysOpen(DatabaseProvider provider, string email, string password, string code)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var first = app.Get<FirstAdmin>();
        var token = await first.NewTokenAsync(default);

        var result = await first.CreateAsync(new FirstAdminRequest(token, email, password), default);

        Assert.Equal(code, result.Failure!.Code);
        Assert.True(await first.IsOpenAsync(token, default));
    }

    [Theory, OnSqlite]
    public async Task Link_AfterADayOrForged_CannotBeUsed(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var first = app.Get<FirstAdmin>();
        var token = await first.NewTokenAsync(default);

        Assert.False(await first.IsOpenAsync(token + "x", default));
        Assert.False(await first.IsOpenAsync("nonsense", default));
        Assert.True(await first.IsOpenAsync(token, default));
        database.Clock.Advance(FirstAdmin.Lifetime + TimeSpan.FromMinutes(1));
        Assert.False(await first.IsOpenAsync(token, default));
        Assert.Equal("LinkExpired", (await first.CreateAsync(new FirstAdminRequest(token, "a@example.com", TestApp.Password), default)).Failure!.Code);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Access;

public sealed class AccountTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task AddUser_GivesAnActorWithTheRolesPermissionsAndTheScope(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);

        var id = await app.AddAccountAsync("v@example.com", "viewer", "companion", "social");
        var actor = await app.Get<ActorQueries>().OfUserAsync(id, default);

        Assert.True(actor.May(Permissions.SessionsView));
        Assert.False(actor.May(Permissions.LabelsWrite));
        Assert.Equal(["companion", "social"], actor.BizCodes);
    }

    [Theory]
    [OnSqlite("x@example.com", "Owner", "RoleUnknown")]
    [OnSqlite("taken@example.com", "Viewer", "EmailTaken")]
    [OnSqlite("nobody", "Viewer", "EmailInvalid")]
    [OnMySql("TAKEN@example.com", "Viewer", "EmailTaken")]
    public async Task AddUser_WithBadInput_IsRefused(DatabaseProvider provider, string email, string role, string code)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        await app.AddAccountAsync("taken@example.com", "Viewer");

        var result = await app.Get<AddUser>().ExecuteAsync(new AddUserRequest(email, role), database.Admin, default);

        Assert.Equal(code, result.Failure!.Code);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task ResetPassword_EndsTheOldPasswordAndItsLinkWorksOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var id = await app.AddAccountAsync("a@example.com", "Viewer");
        var setPassword = app.Get<SetPassword>();

        var earlier = (await app.Get<ResetPassword>().ExecuteAsync("a@example.com", database.Admin, default)).Value!;
        var reset = (await app.Get<ResetPassword>().ExecuteAsync("A@example.com", database.Admin, default)).Value!;

        Assert.Null(await setPassword.EmailOfAsync(earlier.Token));
        Assert.Equal("a@example.com", await setPassword.EmailOfAsync(reset.Token));
        Assert.Equal("PasswordTooShort", (await setPassword.ExecuteAsync(reset.Token, "short", default)).Failure!.Code);
        Assert.Equal(id, (await setPassword.ExecuteAsync(reset.Token, "another good password", default)).Value);
        Assert.Equal("LinkExpired", (await setPassword.ExecuteAsync(reset.Token, "a third good password", default)).Failure!.Code);
    }

    [Theory, OnSqlite]
    public async Task Verbs_WithoutThePermission_AreForbidden(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var actor = database.Without(Permissions.UsersManage);

        Assert.Equal("Forbidden", (await app.Get<AddUser>().ExecuteAsync(new AddUserRequest("a@example.com", "Admin"), actor, default)).Failure!.Code);
        Assert.Equal("Forbidden", (await app.Get<ResetPassword>().ExecuteAsync("a@example.com", actor, default)).Failure!.Code);
        Assert.Equal("Forbidden", (await app.Get<CreateApiKey>().ExecuteAsync(new CreateApiKeyRequest("k", ["all"], []), actor, default)).Failure!.Code);
    }

    [Theory, OnSqlite]
    public async Task Actor_OfADisabledAccount_MayNothing(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var id = await app.AddAccountAsync("a@example.com", "Admin");
        Assert.NotEmpty((await app.Get<ActorQueries>().OfUserAsync(id, default)).Permissions);
        await using (var db = database.Open())
        {
            (await db.Users.FindAsync(id))!.IsDisabled = true;
            await db.SaveChangesAsync();
        }

        database.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Empty((await app.Get<ActorQueries>().OfUserAsync(id, default)).Permissions);
    }

    [Theory, OnSqlite, OnMySql]
    public async Task ApiKey_ActsWithItsScopesUntilItExpires(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);
        var request = new CreateApiKeyRequest("ci", [Permissions.SessionsView], ["companion"], TimeSpan.FromDays(1));

        var key = (await app.Get<CreateApiKey>().ExecuteAsync(request, database.Admin, default)).Value!;
        var actor = await app.Get<ApiKeyQueries>().ActorOfAsync(key.Secret, default);

        Assert.Matches("^llme_[0-9A-Za-z]{43}$", key.Secret);
        Assert.Equal([Permissions.SessionsView], actor!.Permissions);
        Assert.Equal(["companion"], actor.BizCodes);
        Assert.Null(await app.Get<ApiKeyQueries>().ActorOfAsync(key.Secret + "0", default));
        Assert.Equal("KeyNameTaken", (await app.Get<CreateApiKey>().ExecuteAsync(request, database.Admin, default)).Failure!.Code);
        await using (var db = database.Open())
        {
            Assert.DoesNotContain(key.Secret[5..], db.ApiKeys.Single().SecretHash + db.ApiKeys.Single().Prefix, StringComparison.Ordinal);
        }
        database.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Null(await app.Get<ApiKeyQueries>().ActorOfAsync(key.Secret, default));
    }

    [Theory]
    [OnSqlite("sessions.vew", "ScopeUnknown")]
    [OnSqlite("runs.start", "Forbidden")]
    public async Task ApiKey_BeyondItsMaker_IsRefused(DatabaseProvider provider, string scope, string code)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = TestApp.Build(database);

        var result = await app.Get<CreateApiKey>().ExecuteAsync(new CreateApiKeyRequest("k", [scope], []), database.Without(Permissions.RunsStart), default);

        Assert.Equal(code, result.Failure!.Code);
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace LLMEval.Tests.Core.Data;

public sealed class DatabaseStartupTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Migrate_TwoNodesAtOnce_MakesEachRoleOnce(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using (var db = database.Open())
        {
            await db.Roles.ExecuteDeleteAsync();
        }

        await Task.WhenAll(Start(database), Start(database), Start(database));

        await using var after = database.Open();
        Assert.Equal(RoleNames.Defaults.Keys.Order(), await after.Roles.Select(r => r.Name!).OrderBy(n => n).ToListAsync());
        Assert.Equal(RoleNames.Defaults.Sum(r => r.Value.Count), await after.RolePermissions.CountAsync());
    }

    [Fact]
    public async Task Migrate_UnreachableMySql_SaysSoInOneSentenceThatNamesTheKey()
    {
        var options = new DatabaseOptions { Provider = DatabaseProvider.MySql, ConnectionString = "Server=127.0.0.1;Port=1;Database=x;User ID=x;Connection Timeout=2", DataDirectory = Path.GetTempPath() };

        var error = await Assert.ThrowsAsync<ConfigurationException>(() => new DatabaseStartup(new ContextFactory(options), options, NullLogger<DatabaseStartup>.Instance).MigrateAsync(CancellationToken.None));

        Assert.Equal("ConnectionStrings:LLMEval", error.Key);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static Task Start(TestDatabase database) =>
        Task.Run(() => new DatabaseStartup(database.Contexts, database.Options, NullLogger<DatabaseStartup>.Instance).MigrateAsync(CancellationToken.None));
}

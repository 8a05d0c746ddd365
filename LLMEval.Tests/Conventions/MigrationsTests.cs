using LLMEval.Core.Data;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Conventions;

public sealed class MigrationsTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Model_AfterAllMigrations_HasNoPendingChanges(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var db = database.Open();

        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
    }

    [Fact]
    public void Migrations_OfBothProviders_ComeInPairs()
    {
        var folder = Path.Combine(Tools.ProjectRoot, "LLMEval.Core", "Data", "Migrations");

        Assert.Equal(Names(Path.Combine(folder, "Sqlite")), Names(Path.Combine(folder, "MySql")));
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.GetFiles(folder, "*.Designer.cs").Select(f => Path.GetFileName(f).Split('_', 2)[1]).Order();
}

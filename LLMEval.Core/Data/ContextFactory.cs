using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Data;

/// <summary>Makes a context of the configured provider for one operation.</summary>
public sealed class ContextFactory(DatabaseOptions options) : IDbContextFactory<LLMEvalDbContext>
{
    private readonly DbContextOptions<SqliteContext>? _sqlite = options.Provider == DatabaseProvider.Sqlite ? OptionsForSqlite(options.ConnectionString) : null;
    private readonly DbContextOptions<MySqlContext>? _mySql = options.Provider == DatabaseProvider.MySql ? OptionsForMySql(options.ConnectionString) : null;

    public LLMEvalDbContext CreateDbContext() => _sqlite is not null ? new SqliteContext(_sqlite) : new MySqlContext(_mySql!);

    public Task<LLMEvalDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) => Task.FromResult(CreateDbContext());

    private static DbContextOptions<SqliteContext> OptionsForSqlite(string connectionString) =>
        new DbContextOptionsBuilder<SqliteContext>()
            .UseSqlite(connectionString, sqlite => sqlite.CommandTimeout(60))
            .AddInterceptors(new SqlitePragmas())
            .Options;

    // No EnableRetryOnFailure: it forbids our own transactions, and workers repeat their steps anyhow.
    private static DbContextOptions<MySqlContext> OptionsForMySql(string connectionString) =>
        new DbContextOptionsBuilder<MySqlContext>()
            .UseMySql(connectionString, MySqlContext.OldestServer)
            .Options;
}

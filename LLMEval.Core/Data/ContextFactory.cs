using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LLMEval.Core.Data;

/// <summary>Makes a context of the configured provider for one operation.</summary>
/// <param name="observer">Sees every command, where somebody measures or checks them.</param>
public sealed class ContextFactory(DatabaseOptions options, IInterceptor? observer = null) : IDbContextFactory<LLMEvalDbContext>
{
    private readonly DbContextOptions<SqliteContext>? _sqlite = options.Provider == DatabaseProvider.Sqlite ? OptionsForSqlite(options.ConnectionString, Interceptors(observer, new SqlitePragmas())) : null;
    private readonly DbContextOptions<MySqlContext>? _mySql = options.Provider == DatabaseProvider.MySql ? OptionsForMySql(options.ConnectionString, Interceptors(observer)) : null;

    public LLMEvalDbContext CreateDbContext() => _sqlite is not null ? new SqliteContext(_sqlite) : new MySqlContext(_mySql!);

    public Task<LLMEvalDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) => Task.FromResult(CreateDbContext());

    private static DbContextOptions<SqliteContext> OptionsForSqlite(string connectionString, IInterceptor[] interceptors) =>
        new DbContextOptionsBuilder<SqliteContext>()
            .UseSqlite(connectionString, sqlite => sqlite.CommandTimeout(60))
            .AddInterceptors(interceptors)
            .Options;

    // No EnableRetryOnFailure: it forbids our own transactions, and workers repeat their steps anyhow.
    private static DbContextOptions<MySqlContext> OptionsForMySql(string connectionString, IInterceptor[] interceptors) =>
        new DbContextOptionsBuilder<MySqlContext>()
            .UseMySql(connectionString, MySqlContext.OldestServer)
            .AddInterceptors(interceptors)
            .Options;

    private static IInterceptor[] Interceptors(IInterceptor? observer, params IInterceptor[] own) => observer is null ? own : [.. own, observer];
}

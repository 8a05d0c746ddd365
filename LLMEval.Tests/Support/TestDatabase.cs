using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MySqlConnector;

namespace LLMEval.Tests.Support;

/// <summary>A database of its own for one test, migrated and with the built-in roles: a SQLite file or a database on the tests' MariaDB.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly SemaphoreSlim TemplateGate = new(1, 1);
    private static string? _sqliteTemplate;
    private readonly string? _mySqlName;

    private TestDatabase(DatabaseOptions options, string? mySqlName)
    {
        Options = options;
        _mySqlName = mySqlName;
        Contexts = new ContextFactory(options);
    }

    public DatabaseOptions Options { get; }

    public IDbContextFactory<LLMEvalDbContext> Contexts { get; }

    public string Folder => Options.DataDirectory;

    /// <summary>Stands at 2026-03-15 12:00 UTC until a test moves it.</summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 15, 12, 0, 0, TimeSpan.Zero));

    /// <summary>May do and see everything.</summary>
    public Actor Admin { get; } = new(0, "test", Permissions.All.ToHashSet(), null);

    public Actor Scoped(params string[] bizCodes) => Admin with { BizCodes = bizCodes };

    public Actor Without(string permission) => Admin with { Permissions = Permissions.All.Where(p => p != permission).ToHashSet() };

    public LLMEvalDbContext Open() => Contexts.CreateDbContext();

    public static async Task<TestDatabase> CreateAsync(DatabaseProvider provider)
    {
        var folder = Directory.CreateTempSubdirectory("llmeval-test-").FullName;
        if (provider == DatabaseProvider.Sqlite)
        {
            var file = Path.Combine(folder, "llmeval.db");
            File.Copy(await SqliteTemplateAsync(), file);
            return new TestDatabase(SqliteOptions(file, folder), null);
        }
        var server = await MariaDbServer.GetAsync();
        var name = await server.CreateDatabaseAsync();
        var database = new TestDatabase(new DatabaseOptions { Provider = provider, ConnectionString = server.ConnectionString(name), DataDirectory = folder }, name);
        await MigrateAsync(database.Options);
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        if (_mySqlName is not null)
        {
            await using (var pooled = new MySqlConnection(Options.ConnectionString))
            {
                await MySqlConnection.ClearPoolAsync(pooled);
            }
            await (await MariaDbServer.GetAsync()).DropDatabaseAsync(_mySqlName);
        }
        else
        {
            SqliteConnection.ClearPool(new SqliteConnection(Options.ConnectionString));
        }
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<string> SqliteTemplateAsync()
    {
        await TemplateGate.WaitAsync();
        try
        {
            if (_sqliteTemplate is null)
            {
                var folder = Directory.CreateTempSubdirectory("llmeval-template-").FullName;
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
                var options = SqliteOptions(Path.Combine(folder, "template.db"), folder);
                await MigrateAsync(options);
                await using var db = new ContextFactory(options).CreateDbContext();
                await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE);");
                SqliteConnection.ClearAllPools();
                _sqliteTemplate = Path.Combine(folder, "template.db");
            }
            return _sqliteTemplate;
        }
        finally
        {
            TemplateGate.Release();
        }
    }

    private static DatabaseOptions SqliteOptions(string file, string folder) =>
        new() { Provider = DatabaseProvider.Sqlite, ConnectionString = $"Data Source={file};Foreign Keys=True", DataDirectory = folder };

    private static Task MigrateAsync(DatabaseOptions options) =>
        new DatabaseStartup(new ContextFactory(options), options, NullLogger<DatabaseStartup>.Instance).MigrateAsync(CancellationToken.None);
}

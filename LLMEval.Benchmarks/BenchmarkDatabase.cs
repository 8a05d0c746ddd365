using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LLMEval.Core.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using MySqlConnector;

namespace LLMEval.Benchmarks;

/// <summary>Fresh, migrated databases in a temporary folder: a SQLite file each, or a database each on a MariaDB of our own.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/sbin/mariadbd", "/usr/bin/mariadbd", "/usr/local/sbin/mariadbd"];
    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-bench-").FullName;
    private readonly Process? _server;
    private readonly int _port;
    private int _count;

    private BenchmarkDatabase(DatabaseProvider provider)
    {
        Provider = provider;
        if (provider == DatabaseProvider.MySql)
        {
            (_server, _port) = Start();
        }
    }

    public DatabaseProvider Provider { get; }

    public string Name => Provider == DatabaseProvider.Sqlite ? "SQLite" : "MariaDB";

    /// <summary>SQLite always; MariaDB where it is installed.</summary>
    /// <param name="only">sqlite or mariadb: that one alone.</param>
    public static IEnumerable<BenchmarkDatabase> Available(string? only = null)
    {
        if (!string.Equals(only, "mariadb", StringComparison.OrdinalIgnoreCase))
        {
            yield return new BenchmarkDatabase(DatabaseProvider.Sqlite);
        }
        if (string.Equals(only, "sqlite", StringComparison.OrdinalIgnoreCase))
        {
            yield break;
        }
        if (Places.Any(File.Exists))
        {
            yield return new BenchmarkDatabase(DatabaseProvider.MySql);
        }
        else
        {
            Console.Error.WriteLine("MariaDB is not installed: skipped");
        }
    }

    /// <summary>A folder that the SQLite files move to at the end, to be looked at in the app; null to delete them.</summary>
    public string? KeepIn { get; set; }

    public async Task<ContextFactory> NewAsync(CancellationToken cancellationToken, IInterceptor? observer = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench{++_count}");
        var options = new DatabaseOptions
        {
            Provider = Provider,
            DataDirectory = _folder,
            ConnectionString = Provider == DatabaseProvider.Sqlite
                ? new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, name + ".db"), ForeignKeys = true }.ToString()
                : new MySqlConnectionStringBuilder { Server = "127.0.0.1", Port = (uint)_port, UserID = "root", Database = name, AllowLoadLocalInfile = true }.ToString(),
        };
        var contexts = new ContextFactory(options, observer);
        await new DatabaseStartup(contexts, options, NullLogger<DatabaseStartup>.Instance).MigrateAsync(cancellationToken);
        return contexts;
    }

    public async ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        await MySqlConnection.ClearAllPoolsAsync();
        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        if (KeepIn is not null)
        {
            Directory.CreateDirectory(KeepIn);
            foreach (var file in Directory.EnumerateFiles(_folder, "*.db*"))
            {
                File.Move(file, Path.Combine(KeepIn, Path.GetFileName(file)), overwrite: true);
            }
        }
        Directory.Delete(_folder, recursive: true);
    }

    private (Process Server, int Port) Start()
    {
        var data = Path.Combine(_folder, "data");
        using var install = Process.Start(new ProcessStartInfo("mariadb-install-db",
            ["--no-defaults", $"--datadir={data}", $"--user={Environment.UserName}", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"])
        { RedirectStandardOutput = true })!;
        install.StandardOutput.ReadToEnd();
        install.WaitForExit();
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var server = Process.Start(new ProcessStartInfo(Places.First(File.Exists),
        [
            "--no-defaults", $"--datadir={data}", $"--user={Environment.UserName}", $"--port={port}", $"--socket={Path.Combine(_folder, "s")}", "--bind-address=127.0.0.1", "--skip-name-resolve", "--local-infile=1",
            "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=1G", "--skip-log-bin", "--performance-schema=OFF",
        ])
        { RedirectStandardError = true })!;
        server.BeginErrorReadLine();
        for (var i = 0; i < 200; i++)
        {
            try
            {
                using var connection = new MySqlConnection($"Server=127.0.0.1;Port={port};User ID=root;Pooling=false");
                connection.Open();
                return (server, port);
            }
            catch (MySqlException)
            {
                Task.Delay(50).GetAwaiter().GetResult();
            }
        }
        throw new InvalidOperationException("MariaDB did not start within ten seconds.");
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MySqlConnector;

namespace LLMEval.Tests.Support;

/// <summary>One MariaDB for the whole test process, in a temporary folder on a free port, ended with the process.</summary>
public sealed class MariaDbServer
{
    private const string FolderPrefix = "llmeval-mariadb-";
    private static readonly Lazy<Task<MariaDbServer>> Shared = new(StartAsync);
    private static int _databases;
    private readonly Process _process;
    private readonly string _folder;

    private MariaDbServer(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();
    }

    public int Port { get; }

    public static Task<MariaDbServer> GetAsync() => Shared.Value;

    public string ConnectionString(string database) =>
        new MySqlConnectionStringBuilder
        {
            Server = "127.0.0.1",
            Port = (uint)Port,
            UserID = "root",
            Database = database,
            AllowUserVariables = true,
            AllowLoadLocalInfile = true,
            MaximumPoolSize = 40,
        }.ToString();

    /// <summary>Makes an empty database with a name of its own.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync($"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        return name;
    }

    /// <summary>Ends the database's connections too: each database has a pool of its own, and those of hundreds of ended tests together would leave the server none to give.</summary>
    public async Task DropDatabaseAsync(string name)
    {
        var left = new List<long>();
        await using var connection = new MySqlConnection(ConnectionString(""));
        await connection.OpenAsync();
        await using (var list = new MySqlCommand("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = @name", connection))
        {
            list.Parameters.AddWithValue("@name", name);
            await using var rows = await list.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                left.Add(rows.GetInt64(0));
            }
        }
        foreach (var id in left)
        {
            try
            {
                await using var end = new MySqlCommand(string.Create(CultureInfo.InvariantCulture, $"KILL {id}"), connection);
                await end.ExecuteNonQueryAsync();
            }
            catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchThread)
            {
                // It closed by itself in the meantime.
            }
        }
        await using var drop = new MySqlCommand($"DROP DATABASE IF EXISTS {name}", connection);
        await drop.ExecuteNonQueryAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString(""));
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<MariaDbServer> StartAsync()
    {
        var server = Tools.MariaDb ?? throw new InvalidOperationException("MariaDB is required here (CI is set) but mariadbd was not found; install mariadb-server.");
        SweepAbandoned();
        var folder = Directory.CreateTempSubdirectory(FolderPrefix).FullName;
        var data = Path.Combine(folder, "data");
        await RunToEndAsync("mariadb-install-db", $"--no-defaults --user={Environment.UserName} --datadir={data} --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve");
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(server,
            $"--no-defaults --user={Environment.UserName} --datadir={data} --port={port} --socket={folder}/m.sock --pid-file={folder}/m.pid --log-error={folder}/server.log " +
            "--bind-address=127.0.0.1 --skip-name-resolve --local-infile=1 --character-set-server=utf8mb4 --innodb-flush-log-at-trx-commit=0 " +
            "--skip-log-bin --performance-schema=OFF --max-connections=300 --innodb-buffer-pool-size=512M")
        { RedirectStandardError = true, RedirectStandardOutput = true }) ?? throw new InvalidOperationException("mariadbd did not start.");
        var fixture = new MariaDbServer(process, folder, port);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await fixture.ExecuteAsync("SELECT 1");
                return fixture;
            }
            catch (MySqlException) when (waited.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>The test host is given a moment to exit and then killed, often before <see cref="Stop"/> has deleted the folder; the next run does it.</summary>
    private static void SweepAbandoned()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            var pidFile = Path.Combine(folder, "m.pid");
            if (!File.Exists(pidFile) || !int.TryParse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture, out var pid) || Array.Exists(Process.GetProcesses(), p => p.Id == pid))
            {
                continue;
            }
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's, or being swept by another run at this moment.
            }
        }
    }

    private static async Task RunToEndAsync(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {error}{await output}");
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Stop()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit(5000);
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // The process is ending; what is left lies in the temporary folder.
        }
    }
}

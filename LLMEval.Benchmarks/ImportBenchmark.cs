using System.Data;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Access;
using LLMEval.Core.Collecting;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using MathNet.Numerics.Random;
using Microsoft.EntityFrameworkCore;
using MySqlConnector;
using Spectre.Console;

namespace LLMEval.Benchmarks;

/// <summary>
/// Our import (reading, checking, fingerprints, transactions) against the database's own bulk load of the very rows that it made, into the same tables with the same indexes:
/// on SQLite prepared single-row inserts in one transaction, on MariaDB LOAD DATA LOCAL INFILE. Arguments: messages=200000 rounds=3.
/// </summary>
internal static class ImportBenchmark
{
    private const int Seed = 20260131;

    public static async Task RunAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            var messages = await WriteSourceAsync(file, arguments.Number("messages", 200_000), cancellationToken);
            var table = new Table().AddColumns("database", "messages", "import rows/s", "bulk load rows/s", "ratio", "goal");
            foreach (var database in BenchmarkDatabase.Available())
            {
                await using (database)
                {
                    // Alternating, and the medians: other work on the machine hits both alike.
                    var imports = new List<double>();
                    var loads = new List<double>();
                    for (var round = 0; round < arguments.Number("rounds", 3); round++)
                    {
                        var filled = await database.NewAsync(cancellationToken);
                        imports.Add(messages / await SecondsAsync(() => ImportAsync(filled, file, arguments.Number("batch", 2_000), cancellationToken)));
                        var rows = await RowsAsync(filled, cancellationToken);
                        var empty = await database.NewAsync(cancellationToken);
                        loads.Add(messages / await SecondsAsync(() => LoadAsync(empty, rows, cancellationToken)));
                    }
                    var (import, load) = (Median(imports), Median(loads));
                    table.AddRow(database.Name, Text(messages, "N0"), Text(import, "N0"), Text(load, "N0"), Text(import / load, "0.00"), "≥ 0.50");
                }
            }
            AnsiConsole.Write(table);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task ImportAsync(ContextFactory contexts, string path, int batch, CancellationToken cancellationToken)
    {
        var import = new ImportFile(new IngestSessions(contexts, TimeProvider.System), new ImportOptions { BatchMessages = batch }, contexts, TimeProvider.System);
        await using var file = File.OpenRead(path);
        var result = await import.ExecuteAsync(new ImportRequest(file, "benchmark"), Actor.Operator(Permissions.All), null, cancellationToken);
        if (result.Value?.Counts.Rejected != 0)
        {
            throw new InvalidOperationException("The benchmark's own lines were refused.");
        }
    }

    /// <summary>Everything that the import stored, as columns of the database's own types.</summary>
    private static async Task<List<DataTable>> RowsAsync(ContextFactory contexts, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var tables = new List<DataTable>();
        foreach (var type in new[] { typeof(Session), typeof(SessionTag), typeof(Message), typeof(Generation), typeof(MemoryPoint) })
        {
            var name = db.Model.FindEntityType(type)!.GetTableName()!;
            await db.Database.OpenConnectionAsync(cancellationToken);
            await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // A table's name of our own model.
            command.CommandText = $"SELECT * FROM {name}";
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var table = new DataTable(name) { Locale = CultureInfo.InvariantCulture };
            for (var i = 0; i < reader.FieldCount; i++)
            {
                table.Columns.Add(reader.GetName(i), typeof(object));
            }
            while (await reader.ReadAsync(cancellationToken))
            {
                var values = new object[reader.FieldCount];
                reader.GetValues(values);
                table.Rows.Add(values);
            }
            tables.Add(table);
        }
        return tables;
    }

    private static async Task LoadAsync(ContextFactory contexts, List<DataTable> tables, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        await db.Database.OpenConnectionAsync(cancellationToken);
        if (db.Database.GetDbConnection() is MySqlConnection mySql)
        {
            foreach (var table in tables.Where(t => t.Rows.Count > 0))
            {
                await new MySqlBulkCopy(mySql) { DestinationTableName = table.TableName }.WriteToServerAsync(table, cancellationToken);
            }
            return;
        }
        await using var transaction = await db.Database.GetDbConnection().BeginTransactionAsync(cancellationToken);
        foreach (var table in tables)
        {
            await using var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // Names of our own model.
            command.CommandText = $"INSERT INTO {table.TableName} VALUES ({string.Join(',', Enumerable.Range(0, table.Columns.Count).Select(i => "@" + i.ToString(CultureInfo.InvariantCulture)))})";
#pragma warning restore CA2100
            for (var i = 0; i < table.Columns.Count; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "@" + i.ToString(CultureInfo.InvariantCulture);
                command.Parameters.Add(parameter);
            }
            foreach (DataRow row in table.Rows)
            {
                for (var i = 0; i < table.Columns.Count; i++)
                {
                    command.Parameters[i].Value = row[i];
                }
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Repeats real sessions under new ids until there are enough messages; without the shared data, sessions of drawn characters.</summary>
    private static async Task<int> WriteSourceAsync(string path, int messages, CancellationToken cancellationToken)
    {
        var sources = SharedFile("companion-zh.jsonl") is { } shared ? await File.ReadAllLinesAsync(shared, cancellationToken) : Drawn();
        await using var writer = new StreamWriter(path);
        var written = 0;
        for (var i = 0; written < messages; i++)
        {
            var session = JsonNode.Parse(sources[i % sources.Length])!.AsObject();
            session["session_id"] = string.Create(CultureInfo.InvariantCulture, $"bench-{i}");
            var said = session["messages"]!.AsArray();
            written += said.Count;
            await writer.WriteLineAsync(session.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        }
        return written;
    }

    internal static string[] Drawn()
    {
        Console.Error.WriteLine("The shared data is not beside the project: sessions of drawn characters instead");
        var random = new Xoshiro256StarStar(Seed);
        return [.. Enumerable.Range(0, 500).Select(s => Json.Write(new
        {
            session_id = "s",
            biz_code = "bench",
            robot_id = string.Create(CultureInfo.InvariantCulture, $"r-{s % 5}"),
            user_id = string.Create(CultureInfo.InvariantCulture, $"u-{s % 97}"),
            messages = Enumerable.Range(0, 10).Select(m => new
            {
                msg_id = string.Create(CultureInfo.InvariantCulture, $"m-{m}"),
                sender_type = m % 2 == 0 ? "user" : "bot",
                content = new string([.. Enumerable.Range(0, 20 + random.Next(60)).Select(_ => (char)random.Next(0x4e00, 0x9fa5))]),
            }),
        }))];
    }

    internal static string? SharedFile(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", name);
            if (File.Exists(path))
            {
                return path;
            }
        }
        return null;
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        await work();
        return watch.Elapsed.TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

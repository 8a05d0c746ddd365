using System.Data.Common;
using System.Diagnostics;
using System.Globalization;

namespace LLMEval.Benchmarks;

/// <summary>One thing that the app does, many times, and after each time the very statements that it sent, run again raw: on a connection from the same pool, every row read, nothing made of it.</summary>
/// <param name="Ours">Milliseconds, ascending.</param>
/// <param name="Raw">Milliseconds, ascending.</param>
internal sealed record Timing(IReadOnlyList<double> Ours, IReadOnlyList<double> Raw)
{
    /// <summary>median ms, p95 ms, raw median ms, ratio of the medians.</summary>
    public string[] Cells => [Text(Ours[Ours.Count / 2], "0.0"), Text(Ours[(int)(Ours.Count * 0.95)], "0.0"), Text(Raw[Raw.Count / 2], "0.0"), Text(Ours[Ours.Count / 2] / Raw[Raw.Count / 2], "0.0")];

    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public static async Task<Timing> MeasureAsync(DbConnection connection, StatementLog statements, int rounds, Func<Task> action, CancellationToken cancellationToken)
    {
        var ours = new List<double>();
        var raw = new List<double>();
        for (var i = 0; i <= rounds; i++)
        {
            statements.Clear();
            var watch = Stopwatch.StartNew();
            await action();
            var taken = watch.Elapsed.TotalMilliseconds;
            watch.Restart();
            await RepeatAsync(connection, statements, cancellationToken);
            // The first warms the caches up.
            if (i > 0)
            {
                ours.Add(taken);
                raw.Add(watch.Elapsed.TotalMilliseconds);
            }
        }
        ours.Sort();
        raw.Sort();
        return new Timing(ours, raw);
    }

    private static async Task RepeatAsync(DbConnection connection, StatementLog statements, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken);
        foreach (var (sql, parameters) in statements.Taken)
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Exactly what the app sent a moment ago.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value, type) in parameters)
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.DbType, parameter.Value) = (name, type, value);
                command.Parameters.Add(parameter);
            }
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
            }
        }
        await connection.CloseAsync();
    }
}

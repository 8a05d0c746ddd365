using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LLMEval.Benchmarks;

/// <summary>Keeps the statements that EF Core sends, to be run again without it.</summary>
internal sealed class StatementLog : DbCommandInterceptor
{
    private readonly List<(string Sql, IReadOnlyList<(string Name, object? Value, DbType Type)> Parameters)> _taken = [];

    public IReadOnlyList<(string Sql, IReadOnlyList<(string Name, object? Value, DbType Type)> Parameters)> Taken => _taken;

    public void Clear() => _taken.Clear();

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        _taken.Add((command.CommandText, [.. command.Parameters.Cast<DbParameter>().Select(p => (p.ParameterName, p.Value, p.DbType))]));
        return ValueTask.FromResult(result);
    }
}

using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace LLMEval.Core.Data;

/// <summary>Inserts many rows of one entity by a prepared statement, past EF's change tracker, which costs four to six times as much. Tables, columns and converters come from the EF model.</summary>
/// <remarks>SQLite takes one row a statement: a call costs it nothing, while each parameter is looked up by name among all. MySQL takes many: each statement is a round trip.</remarks>
internal static class BulkWriter
{
    private const int MySqlRows = 200;

    // Well under the server's smallest usual max_allowed_packet (4 MiB), whatever the rows hold.
    private const int MySqlBytes = 1 << 20;

    private static readonly ConditionalWeakTable<IEntityType, Plan> Plans = [];

    /// <summary>Inserts the rows in the context's current transaction. Keys that the database makes are not read back.</summary>
    public static async Task<int> InsertAsync<T>(LLMEvalDbContext db, IEnumerable<T> rows, CancellationToken cancellationToken) where T : class
    {
        var transaction = db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException("A bulk insert needs a transaction.");
        var entity = db.Model.FindEntityType(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T).Name} is not in the model.");
        var plan = Plans.GetValue(entity, type => new Plan(type, db.GetService<ISqlGenerationHelper>()));
        return db.Database.IsSqlite()
            ? await OneByOneAsync(transaction, plan, rows, cancellationToken)
            : await ManyAtOnceAsync(transaction, plan, rows, cancellationToken);
    }

    private static async Task<int> OneByOneAsync<T>(DbTransaction transaction, Plan plan, IEnumerable<T> rows, CancellationToken cancellationToken) where T : class
    {
        await using var command = plan.Command(transaction, 1);
        var count = 0;
        foreach (var row in rows)
        {
            plan.Fill(command, 0, row);
            if (count++ == 0)
            {
                await command.PrepareAsync(cancellationToken);
            }
            cancellationToken.ThrowIfCancellationRequested();
            // Microsoft.Data.Sqlite has no asynchronous path; its Async methods only add a task a row.
#pragma warning disable CA1849
            command.ExecuteNonQuery();
#pragma warning restore CA1849
        }
        return count;
    }

    private static async Task<int> ManyAtOnceAsync<T>(DbTransaction transaction, Plan plan, IEnumerable<T> rows, CancellationToken cancellationToken) where T : class
    {
        var chunk = new List<T>(MySqlRows);
        var count = 0;
        var bytes = 0L;
        DbCommand? full = null;
        try
        {
            foreach (var row in rows)
            {
                var size = plan.SizeOf(row);
                if (chunk.Count > 0 && bytes + size > MySqlBytes)
                {
                    await FlushAsync();
                }
                chunk.Add(row);
                bytes += size;
                if (chunk.Count == MySqlRows)
                {
                    await FlushAsync();
                }
            }
            if (chunk.Count > 0)
            {
                await FlushAsync();
            }
            return count;
        }
        finally
        {
            if (full is not null)
            {
                await full.DisposeAsync();
            }
        }

        async Task FlushAsync()
        {
            var isFull = chunk.Count == MySqlRows;
            var command = isFull && full is not null ? full : plan.Command(transaction, chunk.Count);
            try
            {
                for (var i = 0; i < chunk.Count; i++)
                {
                    plan.Fill(command, i, chunk[i]);
                }
                if (isFull && full is null)
                {
                    await command.PrepareAsync(cancellationToken);
                    full = command;
                }
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            finally
            {
                if (command != full)
                {
                    await command.DisposeAsync();
                }
            }
            count += chunk.Count;
            chunk.Clear();
            bytes = 0;
        }
    }

    private sealed class Plan
    {
        private readonly string _head;
        private readonly Column[] _columns;

        public Plan(IEntityType entity, ISqlGenerationHelper sql)
        {
            var table = StoreObjectIdentifier.Create(entity, StoreObjectType.Table) ?? throw new InvalidOperationException($"{entity.Name} has no table.");
            _columns = [.. entity.GetProperties()
                .Where(p => !(p.IsPrimaryKey() && p.ValueGenerated == ValueGenerated.OnAdd))
                .Select(p => new Column(p.GetColumnName(table)!, p.GetGetter(), p.GetRelationalTypeMapping(), p.IsNullable))];
            _head = $"INSERT INTO {sql.DelimitIdentifier(table.Name, table.Schema)} ({string.Join(", ", _columns.Select(c => sql.DelimitIdentifier(c.Name)))}) VALUES ";
        }

        public DbCommand Command(DbTransaction transaction, int rows)
        {
            var command = transaction.Connection!.CreateCommand();
            command.Transaction = transaction;
            var text = new StringBuilder(_head);
            for (var row = 0; row < rows; row++)
            {
                text.Append(row == 0 ? "(" : ", (");
                for (var i = 0; i < _columns.Length; i++)
                {
                    var name = $"@p{(row * _columns.Length) + i}";
                    text.Append(i == 0 ? "" : ", ").Append(name);
                    command.Parameters.Add(_columns[i].Mapping.CreateParameter(command, name, null, _columns[i].IsNullable));
                }
                text.Append(')');
            }
            // The text is made of the model's names and of parameter names alone.
#pragma warning disable CA2100
            command.CommandText = text.ToString();
#pragma warning restore CA2100
            return command;
        }

        public void Fill(DbCommand command, int index, object row)
        {
            for (var i = 0; i < _columns.Length; i++)
            {
                command.Parameters[(index * _columns.Length) + i].Value = _columns[i].Value(row) ?? DBNull.Value;
            }
        }

        /// <summary>An upper estimate of the row's bytes on the wire.</summary>
        public long SizeOf(object row)
        {
            long size = 0;
            foreach (var column in _columns)
            {
                size += column.Getter.GetClrValue(row) switch
                {
                    string text => 8 + (text.Length * 3L),
                    byte[] bytes => 8 + bytes.Length,
                    _ => 12,
                };
            }
            return size;
        }
    }

    private sealed class Column(string name, IClrPropertyGetter getter, RelationalTypeMapping mapping, bool isNullable)
    {
        private readonly Func<object?, object?>? _convert = mapping.Converter?.ConvertToProvider;

        public string Name => name;
        public IClrPropertyGetter Getter => getter;
        public RelationalTypeMapping Mapping => mapping;
        public bool IsNullable => isNullable;

        public object? Value(object row)
        {
            var value = getter.GetClrValue(row);
            return value is null || _convert is null ? value : _convert(value);
        }
    }
}

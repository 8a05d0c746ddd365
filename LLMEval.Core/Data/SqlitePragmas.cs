using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LLMEval.Core.Data;

/// <summary>Settings that SQLite keeps per connection. With a write-ahead log, synchronous=NORMAL survives a killed process; only a power cut may lose the last commits.</summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    internal const string Statements = "PRAGMA busy_timeout=30000; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Statements;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Statements;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

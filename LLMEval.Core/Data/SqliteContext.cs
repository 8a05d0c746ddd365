using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace LLMEval.Core.Data;

/// <summary>Instants are stored as microseconds since the Unix epoch: eight bytes instead of 27 characters in every time index, and the same precision as MySQL's datetime(6).</summary>
public sealed class SqliteContext(DbContextOptions<SqliteContext> options) : LLMEvalDbContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTime>().HaveConversion<MicrosecondsConverter>();
    }
}

/// <summary>UTC instants as microseconds since the Unix epoch; finer fractions are cut.</summary>
public sealed class MicrosecondsConverter() : ValueConverter<DateTime, long>(
    utc => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
    stored => new DateTime((stored * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks, DateTimeKind.Utc));

internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteContext>
{
    public SqliteContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteContext>().UseSqlite("Data Source=design.db").Options);
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace LLMEval.Core.Data;

/// <summary>MySQL and MariaDB. Text compares by code point (utf8mb4_bin), as SQLite compares it.</summary>
public sealed class MySqlContext(DbContextOptions<MySqlContext> options) : LLMEvalDbContext(options)
{
    /// <summary>The oldest server we support; SQL is written for it whatever the server is, so that nodes never differ.</summary>
    internal static ServerVersion OldestServer { get; } = new MariaDbServerVersion(new Version(10, 6));

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.UseCollation("utf8mb4_bin");
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
    }
}

/// <summary>MySQL's datetime has no zone: what is written is UTC, what is read is marked as UTC. Finer fractions than microseconds are cut, where MySQL would round.</summary>
public sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
    utc => new DateTime(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc),
    stored => DateTime.SpecifyKind(stored, DateTimeKind.Utc));

internal sealed class MySqlDesignTimeFactory : IDesignTimeDbContextFactory<MySqlContext>
{
    public MySqlContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<MySqlContext>().UseMySql("Server=localhost;Database=design", MySqlContext.OldestServer).Options);
}

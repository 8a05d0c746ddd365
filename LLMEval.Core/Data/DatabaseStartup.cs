using LLMEval.Core.Access;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MySqlConnector;

namespace LLMEval.Core.Data;

/// <summary>Brings the database to this version's shape and makes sure that the built-in roles exist. Safe to run on several nodes at once and any number of times.</summary>
public sealed class DatabaseStartup(IDbContextFactory<LLMEvalDbContext> contexts, DatabaseOptions options, ILogger<DatabaseStartup> logger)
{
    /// <summary>Ends with a <see cref="ConfigurationException"/> when the database cannot be reached or written.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        try
        {
            if (options.Provider == DatabaseProvider.Sqlite)
            {
                Directory.CreateDirectory(options.DataDirectory);
                await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;", cancellationToken);
            }
            var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            if (pending > 0)
            {
                await db.Database.MigrateAsync(cancellationToken);
                logger.LogInformation("Database brought up to date: {Count} migrations applied", pending);
            }
        }
        // Pomelo wraps what its server check meets in other exceptions.
        catch (Exception e) when (InChain<MySqlException>(e) is { } cause)
        {
            throw new ConfigurationException("ConnectionStrings:LLMEval", $"leads to no usable MySQL server: {cause.Message.TrimEnd('.')}");
        }
        catch (SqliteException e)
        {
            throw new ConfigurationException("ConnectionStrings:LLMEval", $"leads to no usable SQLite file: {e.Message.TrimEnd('.')}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException("DataDirectory", $"cannot be used: {e.Message.TrimEnd('.')}");
        }
        await SeedRolesAsync(db, cancellationToken);
    }

    private static TException? InChain<TException>(Exception error) where TException : Exception
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is TException found)
            {
                return found;
            }
        }
        return null;
    }

    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Database.CanConnectAsync(cancellationToken);
    }

    private static async Task SeedRolesAsync(LLMEvalDbContext db, CancellationToken cancellationToken)
    {
        foreach (var (name, permissions) in RoleNames.Defaults)
        {
            if (await db.Roles.AnyAsync(r => r.Name == name, cancellationToken))
            {
                continue;
            }
            var role = new Role { Name = name, NormalizedName = name.ToUpperInvariant() };
            role.Permissions.AddRange(permissions.Select(p => new RolePermission { Permission = p }));
            db.Roles.Add(role);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException) when (db.Roles.AsNoTracking().Any(r => r.Name == name))
            {
                // Another node that started at the same moment made it.
                db.ChangeTracker.Clear();
            }
        }
    }
}

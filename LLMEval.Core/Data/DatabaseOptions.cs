using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using MySqlConnector;

namespace LLMEval.Core.Data;

public enum DatabaseProvider { Sqlite, MySql }

/// <summary>Which database, and where the installation keeps its files.</summary>
public sealed class DatabaseOptions
{
    public DatabaseProvider Provider { get; init; }
    public required string ConnectionString { get; init; }
    public required string DataDirectory { get; init; }

    /// <summary>Reads <c>Database:Provider</c>, <c>ConnectionStrings:LLMEval</c> and <c>DataDirectory</c>; a value that cannot be used ends with a <see cref="ConfigurationException"/> that names its key.</summary>
    public static DatabaseOptions From(IConfiguration configuration)
    {
        var providerText = configuration["Database:Provider"];
        var provider = DatabaseProvider.Sqlite;
        if (!string.IsNullOrWhiteSpace(providerText) && (!Enum.TryParse(providerText, ignoreCase: true, out provider) || !Enum.IsDefined(provider) || char.IsDigit(providerText[0])))
        {
            throw new ConfigurationException("Database:Provider", $"is '{providerText}'; expected Sqlite or MySql");
        }
        var directory = configuration["DataDirectory"];
        if (string.IsNullOrWhiteSpace(directory))
        {
            directory = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "LLMEval");
        }
        directory = Path.GetFullPath(directory);
        var connection = configuration.GetConnectionString("LLMEval");
        return new DatabaseOptions
        {
            Provider = provider,
            DataDirectory = directory,
            ConnectionString = provider == DatabaseProvider.Sqlite ? Sqlite(connection, directory) : MySql(connection),
        };
    }

    private static string Sqlite(string? connection, string directory)
    {
        try
        {
            var builder = new SqliteConnectionStringBuilder(connection);
            if (string.IsNullOrEmpty(builder.DataSource))
            {
                builder.DataSource = Path.Combine(directory, "llmeval.db");
            }
            builder.ForeignKeys = true;
            return builder.ToString();
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException("ConnectionStrings:LLMEval", $"cannot be read as a SQLite connection string: {e.Message}");
        }
    }

    private static string MySql(string? connection)
    {
        if (string.IsNullOrWhiteSpace(connection))
        {
            throw new ConfigurationException("ConnectionStrings:LLMEval", "is missing; with Database:Provider = MySql it must be like 'Server=…;Database=llmeval;User ID=…;Password=…'");
        }
        try
        {
            var builder = new MySqlConnectionStringBuilder(connection)
            {
                // Conditional updates count the rows they matched, as on SQLite; EF and our state changes rely on it.
                UseAffectedRows = false,
            };
            if (string.IsNullOrEmpty(builder.Database))
            {
                throw new ConfigurationException("ConnectionStrings:LLMEval", "names no Database");
            }
            return builder.ToString();
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException("ConnectionStrings:LLMEval", $"cannot be read as a MySQL connection string: {e.Message}");
        }
    }
}

/// <summary>A setting that stops the start. Its message is one sentence for the person who wrote the setting.</summary>
public sealed class ConfigurationException(string key, string problem) : Exception($"Configuration: '{key}' {problem}.")
{
    public string Key { get; } = key;
}

using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace LLMEval.Core.Data;

/// <summary>Which errors of the databases mean "somebody else was quicker": the same work, begun again, may well succeed.</summary>
internal static class DatabaseErrors
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteConstraintUnique = 2067;
    private const int SqliteConstraintPrimaryKey = 1555;

    public static bool IsWorthRepeating(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is SqliteException sqlite)
            {
                return sqlite.SqliteErrorCode is SqliteBusy or SqliteLocked || sqlite.SqliteExtendedErrorCode is SqliteConstraintUnique or SqliteConstraintPrimaryKey;
            }
            if (e is MySqlException mySql)
            {
                return mySql.ErrorCode is MySqlErrorCode.DuplicateKeyEntry or MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout;
            }
        }
        return false;
    }
}

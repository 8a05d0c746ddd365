namespace LLMEval.Core.Data.Migrations;

/// <summary>What the migration "Labelling" fills in for labels and roles that are there already; a new database has neither.</summary>
internal static class LabellingBackfill
{
    public const string Verdicts = """
        INSERT INTO MessageVerdicts (MessageId, SessionId, BizCode, GoodCount, BadCount, Verdict, Source, IsDisputed, ChangedAt, SettledVersion)
        SELECT c.MessageId, c.SessionId, c.BizCode, c.Good, c.Bad, CASE WHEN c.Good > c.Bad THEN 'Good' WHEN c.Bad > c.Good THEN 'Bad' END, 'Majority', c.Good > 0 AND c.Bad > 0, c.ChangedAt, 0
        FROM (
            SELECT l.MessageId, m.SessionId, m.BizCode, SUM(CASE l.Verdict WHEN 'Good' THEN 1 ELSE 0 END) AS Good, SUM(CASE l.Verdict WHEN 'Bad' THEN 1 ELSE 0 END) AS Bad, MAX(l.UpdatedAt) AS ChangedAt
            FROM Labels l JOIN Messages m ON m.Id = l.MessageId GROUP BY l.MessageId, m.SessionId, m.BizCode
        ) c;
        """;

    public const string NewPermissions = """
        INSERT INTO RolePermissions (RoleId, Permission)
        SELECT r.Id, p.Permission FROM AspNetRoles r JOIN (SELECT 'labels.manage' AS Permission UNION ALL SELECT 'labels.adjudicate') p ON r.Name IN ('Admin', 'Manager');
        """;

    /// <summary>Annotators see what their queues give them, and nothing else.</summary>
    public const string OnlyLabelling = """
        DELETE FROM RolePermissions WHERE Permission IN ('sessions.view', 'sets.view') AND RoleId IN (SELECT Id FROM AspNetRoles WHERE Name = 'Annotator');
        """;
}

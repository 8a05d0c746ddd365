namespace LLMEval.Core.Data.Migrations;

/// <summary>What the migrations <c>Reproduction</c> and <c>ReproductionCases</c> make of tasks that had one target version each; the same on both databases.</summary>
internal static class ReproductionBackfill
{
    /// <summary>The stored case held the plan too, and is read as either. The verdict is the sequential rule's for a minor fault: increments ln 6 and ln(0.70/0.95), bounds ±ln 19.</summary>
    public const string Arms = """
        INSERT INTO ReproductionArms (TaskId, `Index`, TargetVersionId, TargetName, TargetNumber, PlanJson, Times, Bad, Graded, Rate, Low, High, Verdict, IsEnded, EndedEarly)
        SELECT Id, 0, TargetVersionId, TargetName, TargetNumber, CaseJson, Times, Bad, Graded, Rate, Low, High,
            CASE WHEN Bad * 1.791759469228055 - (Graded - Bad) * 0.3053816495511819 >= 2.944438979165 THEN 'StillHappens'
                 WHEN Bad * 1.791759469228055 - (Graded - Bad) * 0.3053816495511819 <= -2.944438979165 THEN 'Fixed'
                 ELSE 'Undecided' END,
            CASE WHEN State IN ('Completed', 'Failed') THEN 1 ELSE 0 END, 0
        FROM ReproductionTasks;
        """;

    public const string SqliteKeys = "UPDATE ReproductionTasks SET CaseKey = 'message:' || MessageId, Verdict = (SELECT a.Verdict FROM ReproductionArms a WHERE a.TaskId = ReproductionTasks.Id);";

    public const string MySqlKeys = "UPDATE ReproductionTasks SET CaseKey = CONCAT('message:', MessageId), Verdict = (SELECT a.Verdict FROM ReproductionArms a WHERE a.TaskId = ReproductionTasks.Id);";
}

namespace LLMEval.Core.Data.Migrations;

/// <summary>What the migration <c>SamplePool</c> fills in of samples and versions that were there before; the same on both databases. Languages and near duplicates are looked for in the background.</summary>
internal static class SamplePoolBackfill
{
    public const string People = "UPDATE Samples SET CreatedByName = COALESCE((SELECT u.UserName FROM AspNetUsers u WHERE u.Id = Samples.CreatedById), '');";

    /// <summary>Which item of the set a version's item was. One that was gone gets a number that no item has.</summary>
    public const string Items = """
        UPDATE SetVersionItems SET ItemId = COALESCE(
            (SELECT MIN(i.Id) FROM SetItems i JOIN SetVersions v ON v.SetId = i.SetId WHERE v.Id = SetVersionItems.SetVersionId AND i.SampleId = SetVersionItems.SampleId),
            -SetVersionItems.SampleId);
        """;
}

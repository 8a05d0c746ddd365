using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;

namespace LLMEval.Tests.Core.Data;

public sealed class LabellingMigrationTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Database_OfTheVersionBefore_KeepsItsLabelsAndSaysWhatCountsOfThem(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await new DatabaseStartup(database.Contexts, database.Options, NullLogger<DatabaseStartup>.Instance).MigrateAsync(default);
        var (_, messages) = await database.SessionAsync(contents: ["1", "2", "3", "4", "5", "6"]);
        await using (var before = database.Open())
        {
            // The roles as they were, then the schema as it was.
            await before.RolePermissions.Where(p => p.Permission == Permissions.LabelsManage || p.Permission == Permissions.LabelsAdjudicate).ExecuteDeleteAsync();
            var annotator = await before.Roles.SingleAsync(r => r.Name == RoleNames.Annotator);
            before.RolePermissions.AddRange(new RolePermission { RoleId = annotator.Id, Permission = Permissions.SessionsView }, new RolePermission { RoleId = annotator.Id, Permission = Permissions.SetsView });
            await before.SaveChangesAsync();
            await before.GetService<IMigrator>().MigrateAsync("Initial");
            foreach (var (message, annotatorId, verdict) in new[] { (1, 1, "Bad"), (1, 2, "Good"), (3, 1, "Bad"), (3, 2, "Bad"), (3, 3, "Good"), (5, 1, "Good") })
            {
                await before.Database.ExecuteSqlRawAsync(
                    "INSERT INTO Labels (MessageId, SessionId, AnnotatorId, AnnotatorName, Verdict, Score, CreatedAt, UpdatedAt, Version) SELECT Id, SessionId, {1}, 'x', {2}, 7, SentAt, SentAt, 1 FROM Messages WHERE Id = {0}",
                    messages[message].Id, annotatorId, verdict);
            }
        }
        await new DatabaseStartup(database.Contexts, database.Options, NullLogger<DatabaseStartup>.Instance).MigrateAsync(default);

        await using var db = database.Open();
        var verdicts = await db.MessageVerdicts.OrderBy(v => v.MessageId).ToListAsync();
        Assert.Equal(
            [(messages[1].Id, (Verdict?)null, true), (messages[3].Id, Verdict.Bad, true), (messages[5].Id, Verdict.Good, false)], verdicts.Select(v => (v.MessageId, v.Verdict, v.IsDisputed)));
        Assert.All(verdicts, v => Assert.Equal(("companion", messages[1].SessionId), (v.BizCode, v.SessionId)));
        Assert.Equal(messages[1].SentAt, verdicts[0].ChangedAt);
        Assert.All(await db.Labels.ToListAsync(), l => Assert.Equal(ScoreScale.ZeroToTen, l.Scale));
        foreach (var name in new[] { RoleNames.Admin, RoleNames.Manager, RoleNames.Annotator })
        {
            var role = await db.Roles.Include(r => r.Permissions).SingleAsync(r => r.Name == name);
            Assert.Equal(RoleNames.Defaults[name].Order(StringComparer.Ordinal), role.Permissions.Select(p => p.Permission).Order(StringComparer.Ordinal));
        }
    }
}

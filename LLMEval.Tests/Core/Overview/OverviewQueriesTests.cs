using LLMEval.Core.Access;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Overview;
using LLMEval.Core.Runs;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Overview;

public sealed class OverviewQueriesTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Count_StaysInsideTheActorsBusinessLines(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (_, messages) = await database.SessionAsync("s-1", biz: "companion");
        await database.SessionAsync("s-2", biz: "social");
        await database.LabelAsync(messages[1], Verdict.Bad);
        await using (var db = database.Open())
        {
            db.Runs.Add(new Run { Name = "planned", State = RunState.Planning, CreatedAt = database.Clock.GetUtcNow().UtcDateTime });
            db.Runs.Add(new Run { Name = "shown", State = RunState.Completed, CreatedAt = database.Clock.GetUtcNow().UtcDateTime });
            await db.SaveChangesAsync();
        }
        var queries = new OverviewQueries(database.Contexts);

        Assert.Equal(new OverviewCounts(2, 4, 1, 0, 1, 0), await queries.CountAsync(database.Admin, default));
        Assert.Equal(new OverviewCounts(1, 2, 0, 0, 1, 0), await queries.CountAsync(database.Scoped("social"), default));
        Assert.Equal(new OverviewCounts(null, null, null, 0, 1, 0), await queries.CountAsync(database.Without(Permissions.SessionsView), default));
        Assert.Equal(["shown"], (await queries.RunsAsync(database.Scoped("social"), default)).Select(r => r.Name));
        Assert.Empty(await queries.ReproductionsAsync(database.Scoped("social"), default));
        Assert.Empty(await queries.RunsAsync(database.Without(Permissions.RunsView), default));
    }
}

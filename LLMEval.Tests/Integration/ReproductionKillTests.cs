using LLMEval.Core.Data;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Targets;
using LLMEval.Tests.Core.Reproduction;
using LLMEval.Tests.Core.Runs;
using LLMEval.Tests.Core.Targets;
using LLMEval.Tests.Support;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Tests.Integration;

/// <summary>The real app, killed with SIGKILL while it asks for a bad answer again.</summary>
public sealed class ReproductionKillTests
{
    private const int Times = 40;
    private const int Parallel = 2;

    [Theory, OnSqlite, OnMySql]
    public async Task App_KilledInTheMiddleOfATask_TheNextStartKeepsWhatWasStoredAndAsksTheRest(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var endpoint = await FakeOpenAI.StartAsync();
        var (places, released) = (15, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        endpoint.Otherwise = async context =>
        {
            await Task.Delay(20, context.RequestAborted);
            if (Interlocked.Decrement(ref places) < 0)
            {
                await released.Task.WaitAsync(context.RequestAborted);
            }
            await FakeOpenAI.Answer("guess yourself")(context);
        };
        var message = await database.BadMessageAsync();
        var add = new AddTarget(database.Contexts, new SecretBox(new EphemeralDataProtectionProvider()), database.Clock);
        var versions = new List<long>();
        foreach (var name in new[] { "before", "after" })
        {
            versions.Add((await add.ExecuteAsync(new TargetRequest(name, null, Connector.OpenAI, new TargetVersionRequest(new Uri(endpoint.Url, "v1").ToString(), "m", MaxParallel: Parallel)), database.Admin, default)).Value);
        }
        await using var planner = RunHost.Idle(database, new Script());
        var request = new ReproductionRequest(ReproductionSource.OfMessage(message.Id), versions, Criterion.Contains("guess")) { Times = Times, StopsEarly = false };
        var id = (await planner.Get<StartReproduction>().ExecuteAsync(request, database.Admin, default)).Value;

        List<(int Arm, int Index, DateTime At)> stored;
        await using (var first = await StartAsync(database))
        {
            await UntilAsync(async () => await CountAsync(database, id) >= 8, first);
            await first.KillAsync();
            stored = await StoredAsync(database, id);
        }
        Assert.InRange(stored.Count, 8, 15);
        released.SetResult();
        await using var second = await StartAsync(database);
        await UntilAsync(async () => (await planner.Get<ReproductionQueries>().RowAsync(id, database.Admin, default))!.IsEnded, second);

        var task = (await planner.Get<ReproductionQueries>().DetailAsync(id, database.Admin, default))!;
        Assert.Equal(ReproductionState.Completed, task.Row.State);
        Assert.All(task.Arms, arm => Assert.Equal((ReproductionVerdict.StillHappens, Times, Times), (arm.Row.Verdict, arm.Row.Bad, arm.Row.Graded)));
        Assert.All(task.Arms, arm => Assert.Equal(Enumerable.Range(0, Times), arm.Generations.Select(g => g.Index)));
        // What had been stored is as it was, and only what was in flight was asked twice.
        Assert.Empty(stored.Except(await StoredAsync(database, id)));
        Assert.InRange(endpoint.Bodies.Count, 2 * Times, (2 * Times) + (2 * Parallel) + 1);
    }

    private static Task<AppProcess> StartAsync(TestDatabase database) => AppProcess.StartAsync(database, ("Scheduler:CheckinSeconds", "1"));

    private static async Task<int> CountAsync(TestDatabase database, long id)
    {
        await using var db = database.Open();
        return await db.ReproductionGenerations.CountAsync(g => g.TaskId == id);
    }

    private static async Task<List<(int Arm, int Index, DateTime At)>> StoredAsync(TestDatabase database, long id)
    {
        await using var db = database.Open();
        return [.. (await db.ReproductionGenerations.AsNoTracking().Where(g => g.TaskId == id).ToListAsync()).Select(g => (g.ArmIndex, g.Index, g.At))];
    }

    private static Task UntilAsync(Func<Task<bool>> isSo, AppProcess app) => Eventually.IsSoAsync(isSo, () => $"it did not happen; the app said:\n{app.Said}");
}

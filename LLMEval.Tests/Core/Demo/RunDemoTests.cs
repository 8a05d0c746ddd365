using LLMEval.Core.Data;
using LLMEval.Core.Demo;
using LLMEval.Tests.Support;

namespace LLMEval.Tests.Core.Demo;

public sealed class RunDemoTests
{
    [Theory, OnSqlite, OnMySql]
    public async Task Execute_ShippedCorpus_ReproducesItsBadCaseSometimesAndASecondTimeChangesNothing(DatabaseProvider provider)
    {
        var report = await TwiceAsync(provider, null);

        Assert.InRange(report.Sessions, 150, 1000);
        Assert.InRange(report.Reproduction.Last.Bad, 1, 9);
    }

    [RealDataTheory]
    [OnSqlite("memory-zh.jsonl")]
    [OnSqlite("companion-zh.jsonl")]
    public async Task Execute_RealData_WalksTheWholeJourney(DatabaseProvider provider, string file)
    {
        var report = await TwiceAsync(provider, Path.Combine(Tools.SharedData!, file));

        Assert.InRange(report.BadLabels, 1, report.Labels - 1);
    }

    private static async Task<DemoReport> TwiceAsync(DatabaseProvider provider, string? file)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var app = await TestApp.StartAsync(database);
        var first = await app.Get<RunDemo>().ExecuteAsync(new DemoRequest(file), database.Admin, null, CancellationToken.None);
        var second = await app.Get<RunDemo>().ExecuteAsync(new DemoRequest(file), database.Admin, null, CancellationToken.None);

        Assert.Null(first.Failure);
        var report = first.Value!;
        Assert.NotNull(report.Import);
        Assert.Null(second.Value!.Import);
        Assert.Equal(
            (report.Sessions, report.Messages, report.Labels, report.BadLabels, report.SetVersion, report.Items, report.Run.Id, report.Reproduction.Id),
            (second.Value.Sessions, second.Value.Messages, second.Value.Labels, second.Value.BadLabels, second.Value.SetVersion, second.Value.Items, second.Value.Run.Id, second.Value.Reproduction.Id));
        Assert.Equal((report.Run.TrialCount, 10), (report.Run.Done, report.Reproduction.Done));
        return report;
    }
}

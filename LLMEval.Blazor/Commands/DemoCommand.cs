using System.CommandLine;
using LLMEval.Core.Demo;
using Spectre.Console;

namespace LLMEval.Blazor.Commands;

/// <summary>The first journey without hands: collect, look, label, sample, run, reproduce, then a table of what came out.</summary>
internal static class DemoCommand
{
    // Nobody needs to know the address of a server that only lives as long as the command.
    private const string AnyLoopbackPort = "http://127.0.0.1:0";

    public static Command Create(CommandHost host)
    {
        var serve = new Option<bool>("--serve") { Description = "Go on serving afterwards, to see it all in the browser." };
        var corpus = new Option<string?>("--corpus") { Description = "A file in the shape sessions-jsonl to use in place of the shipped corpus." };
        var command = new Command("demo", "Load the demo corpus, label, make a set, run it on two versions of the built-in bot, reproduce a bad case. A second time it changes nothing.") { serve, corpus };
        command.SetAction((parsed, cancellationToken) => CommandHost.GuardAsync(parsed, async () =>
        {
            if (parsed.GetValue(corpus) is { } file && !File.Exists(file))
            {
                Console.Error.WriteLine($"error: --corpus is '{file}'; there is no such file");
                return CommandHost.BadUsage;
            }
            var goesOn = parsed.GetValue(serve);
            await using var app = host.Build(builder =>
            {
                CommandHost.LogToStderr(builder, parsed);
                if (parsed.GetValue(ServeCommand.Addresses) is { Length: > 0 } urls)
                {
                    builder.WebHost.UseUrls(urls);
                }
                else if (!goesOn)
                {
                    builder.WebHost.UseUrls(AnyLoopbackPort);
                }
            });
            await ServeCommand.StartQuietlyAsync(app, cancellationToken);
            var result = await WithBarsAsync(progress => app.Services.GetRequiredService<RunDemo>()
                .ExecuteAsync(new DemoRequest(parsed.GetValue(corpus)), CommandHost.Operator, progress, cancellationToken));
            if (result is not { Value: { } report })
            {
                return CommandHost.Refuse(app.Services, result.Failure!);
            }
            Print(report);
            if (goesOn)
            {
                await ServeCommand.TellWhereAsync(app, cancellationToken);
                await app.WaitForShutdownAsync(cancellationToken);
            }
            else
            {
                await app.StopAsync(CancellationToken.None);
            }
            return 0;
        }));
        return command;
    }

    private static async Task<Core.Common.Result<DemoReport>> WithBarsAsync(Func<IProgress<DemoProgress>?, Task<Core.Common.Result<DemoReport>>> work)
    {
        if (Console.IsErrorRedirected)
        {
            DemoStep? last = null;
            return await work(new Report(p =>
            {
                if (p.Step != last)
                {
                    last = p.Step;
                    Console.Error.WriteLine($"{p.Step}…");
                }
            }));
        }
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bars = Enum.GetValues<DemoStep>().ToDictionary(step => step, step => context.AddTask(step.ToString(), autoStart: false, maxValue: 1));
                var result = await work(new Report(p =>
                {
                    foreach (var earlier in bars.Where(b => b.Key < p.Step))
                    {
                        earlier.Value.Value = earlier.Value.MaxValue;
                        earlier.Value.StopTask();
                    }
                    bars[p.Step].StartTask();
                    bars[p.Step].MaxValue = Math.Max(1, p.Of);
                    bars[p.Step].Value = p.Done;
                }));
                if (result.IsOk)
                {
                    foreach (var bar in bars.Values)
                    {
                        bar.Value = bar.MaxValue;
                        bar.StopTask();
                    }
                }
                return result;
            });
    }

    private static void Print(DemoReport report)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 140;
        }
        var imported = report.Import is { } counts
            ? Text($"{counts.New} new, {counts.Updated} updated, {counts.Unchanged} unchanged, {counts.Rejected} rejected")
            : "nothing to do: sessions were there before";
        var run = report.Run;
        var task = report.Reproduction;
        var steps = new Table().Border(TableBorder.Rounded).AddColumn("Step").AddColumn("What there is").AddColumn("Where");
        steps.AddRow("1 Collect", imported, Urls.Import);
        steps.AddRow("2 Look", Text($"{report.Sessions} sessions, {report.Messages} messages"), Urls.Sessions);
        steps.AddRow("3 Label", Text($"{report.Labels} labels, {report.BadLabels} of them bad"), Urls.Sessions);
        steps.AddRow("4 Sample", Text($"set '{Markup.Escape(report.SetName)}' version {report.SetVersion}, {report.Items} items"), Urls.Set(report.SetId));
        steps.AddRow("5 Run", Text($"{run.State}: {run.Done} of {run.TrialCount} trials, {run.Failed} failed"), Urls.Run(run.Id));
        steps.AddRow("6 Reproduce", Text($"bad in {task.Last.Bad} of {task.Last.Graded}{Interval(task.Last.Rate, task.Last.Low, task.Last.High, percent: true)}"), Urls.Reproduction(task.Id));
        console.Write(steps);

        var targets = report.Summary.Select(r => (r.TargetIndex, r.Target)).Distinct().OrderBy(t => t.TargetIndex).ToList();
        var metrics = new Table().Border(TableBorder.Rounded).Title("Mean with 95 % interval (scored + unscored)").AddColumn("Metric");
        foreach (var (_, target) in targets)
        {
            metrics.AddColumn(Markup.Escape(target));
        }
        foreach (var metric in report.Summary.GroupBy(r => (r.Scorer, r.Metric)))
        {
            metrics.AddRow([metric.Key.Metric, .. targets.Select(t => metric.FirstOrDefault(r => r.TargetIndex == t.TargetIndex) is { } row
                ? Markup.Escape(Text($"{(row.Mean is { } mean ? Text($"{mean:0.###}") : "no value")}{Interval(null, row.Low, row.High, percent: false)} ({row.Scored} + {row.Unscored})"))
                : "")]);
        }
        console.Write(metrics);
    }

    private static string Interval(double? rate, double? low, double? high, bool percent) =>
        low is null || high is null ? ""
        : percent ? Markup.Escape(Text($" = {rate * 100:0} % [{low * 100:0} %, {high * 100:0} %]"))
        : Text($" [{low:0.###}, {high:0.###}]");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private sealed class Report(Action<DemoProgress> show) : IProgress<DemoProgress>
    {
        void IProgress<DemoProgress>.Report(DemoProgress value) => show(value);
    }
}

using LLMEval.Benchmarks;
using Spectre.Console;

// One benchmark a name; further words are its own. Each prints its figure beside the machine's own limit.
var benchmarks = new Dictionary<string, Func<Arguments, CancellationToken, Task>>(StringComparer.OrdinalIgnoreCase)
{
    ["import"] = ImportBenchmark.RunAsync,
    ["sessions"] = SessionsBenchmark.RunAsync,
    ["search"] = SearchBenchmark.RunAsync,
    ["labelling"] = LabellingBenchmark.RunAsync,
    ["sets"] = SetsBenchmark.RunAsync,
    ["reproductions"] = ReproductionsBenchmark.RunAsync,
};
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
if (args.Length > 0 && !benchmarks.ContainsKey(args[0]))
{
    Console.Error.WriteLine($"error: there is no benchmark '{args[0]}'; expected {string.Join(", ", benchmarks.Keys)}, or nothing for all");
    return 2;
}
AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 160);
var arguments = new Arguments([.. args.Skip(1)]);
foreach (var (name, run) in benchmarks.Where(b => args.Length == 0 || string.Equals(b.Key, args[0], StringComparison.OrdinalIgnoreCase)))
{
    AnsiConsole.MarkupLine($"[bold]{name}[/]");
    await run(arguments, stop.Token);
}
return 0;

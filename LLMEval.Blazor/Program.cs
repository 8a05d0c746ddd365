using System.CommandLine;
using System.CommandLine.Help;
using LLMEval.Blazor.Commands;
using LLMEval.Blazor.Infrastructure;

// Settings such as --Database:Provider=MySql may stand anywhere; the rest is the command line proper.
var (settings, rest) = Settings.Split(args);
var host = new CommandHost(settings);
var serve = new ServeCommand(host);
var root = new RootCommand("LLMEval: collect, label, evaluate and reproduce what chatbots said. Without a command it serves the web app.")
{
    CommandHost.Verbose,
    ServeCommand.Addresses,
    DemoCommand.Create(host),
    ImportCommand.Create(host),
    ExportCommand.Create(host),
    ReproduceCommand.Create(host),
    MigrateCommand.Create(host),
    UserCommands.Create(host),
    KeyCommands.Create(host),
};
root.SetAction(serve.ExecuteAsync);

var parsed = root.Parse(rest);
if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
{
    Console.Error.WriteLine($"error: {parsed.Errors[0].Message} (see --help)");
    return CommandHost.BadUsage;
}
// Errors are told by CommandHost in one line; the library's own handler would print a stack trace.
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

/// <summary>Named so that tests can find the entry point.</summary>
public partial class Program;

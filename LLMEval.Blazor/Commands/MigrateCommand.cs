using System.CommandLine;
using LLMEval.Core.Data;

namespace LLMEval.Blazor.Commands;

internal static class MigrateCommand
{
    public static Command Create(CommandHost host)
    {
        var command = new Command("migrate", "Bring the database to this version's shape, then end.");
        command.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, (services, _) =>
        {
            Console.WriteLine($"The {services.GetRequiredService<DatabaseOptions>().Provider} database is up to date.");
            return Task.FromResult(0);
        }, cancellationToken));
        return command;
    }
}

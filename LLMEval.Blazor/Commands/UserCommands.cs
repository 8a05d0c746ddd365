using System.CommandLine;
using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;

namespace LLMEval.Blazor.Commands;

internal static class UserCommands
{
    public static Command Create(CommandHost host) => new("user", "Accounts: add one, or reset its password.") { Add(host), Reset(host) };

    private static Command Add(CommandHost host)
    {
        var email = new Argument<string>("EMAIL") { Description = "The account's e-mail address." };
        var role = new Option<string>("--role") { Description = $"One of {string.Join(", ", RoleNames.Defaults.Keys)}.", Required = true };
        var name = new Option<string?>("--name") { Description = "The name shown to others." };
        var biz = new Option<string[]>("--biz") { Description = "Business line the account may see; repeat for more. Without it: all.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("add", "Add an account and print a one-time link to set its password.") { email, role, name, biz };
        command.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            var codes = parsed.GetValue(biz) is { Length: > 0 } given ? given : null;
            var request = new AddUserRequest(parsed.GetRequiredValue(email), parsed.GetRequiredValue(role), parsed.GetValue(name), codes);
            return Print(services, await services.GetRequiredService<AddUser>().ExecuteAsync(request, CommandHost.Operator, token), "added");
        }, cancellationToken));
        return command;
    }

    private static Command Reset(CommandHost host)
    {
        var email = new Argument<string>("EMAIL") { Description = "The account's e-mail address." };
        var command = new Command("reset", "Remove an account's password and lock, and print a one-time link to set a new one.") { email };
        command.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
            Print(services, await services.GetRequiredService<ResetPassword>().ExecuteAsync(parsed.GetRequiredValue(email), CommandHost.Operator, token), "reset"), cancellationToken));
        return command;
    }

    private static int Print(IServiceProvider services, Result<PasswordToken> result, string done)
    {
        if (result is not { Value: { } made })
        {
            return CommandHost.Refuse(services, result.Failure!);
        }
        Console.WriteLine($"{made.Email} {done}. The password is set here (works once, for 24 hours):");
        Console.WriteLine($"  {services.GetRequiredService<ServerAddress>().Url}{Urls.SetPassword(made.Token)}");
        return 0;
    }
}

using System.CommandLine;
using LLMEval.Core.Access;

namespace LLMEval.Blazor.Commands;

internal static class KeyCommands
{
    public static Command Create(CommandHost host)
    {
        var name = new Option<string>("--name") { Description = "What the key is called; unique.", Required = true };
        var scope = new Option<string[]>("--scope") { Description = "What it may do: permissions such as sessions.view, or all; repeat for more.", Required = true, AllowMultipleArgumentsPerToken = true };
        var biz = new Option<string[]>("--biz") { Description = "Business line it may see; repeat for more. Without it: all.", AllowMultipleArgumentsPerToken = true };
        var days = new Option<int?>("--days") { Description = "Days until it expires. Without it: never." };
        var create = new Command("create", "Make a key for the HTTP API; its secret is printed once and kept nowhere.") { name, scope, biz, days };
        create.SetAction((parsed, cancellationToken) => host.RunAsync(parsed, async (services, token) =>
        {
            var lifetime = parsed.GetValue(days) is { } count ? TimeSpan.FromDays(count) : (TimeSpan?)null;
            var request = new CreateApiKeyRequest(parsed.GetRequiredValue(name), parsed.GetRequiredValue(scope), parsed.GetValue(biz) ?? [], lifetime);
            var result = await services.GetRequiredService<CreateApiKey>().ExecuteAsync(request, CommandHost.Operator, token);
            if (result is not { Value: { } key })
            {
                return CommandHost.Refuse(services, result.Failure!);
            }
            Console.WriteLine(key.Secret);
            Console.Error.WriteLine($"Key '{key.Name}' made for {string.Join(", ", key.Scopes)}. The secret above is shown this once only.");
            return 0;
        }, cancellationToken));
        return new Command("key", "Keys for the HTTP API.") { create };
    }
}

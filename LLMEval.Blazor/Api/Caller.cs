using LLMEval.Blazor.Infrastructure;
using LLMEval.Core.Access;
using LLMEval.Core.Common;

namespace LLMEval.Blazor.Api;

/// <summary>Who calls an endpoint; take it as a parameter: <c>(Caller caller, …) => queries.PageAsync(…, caller.Actor, …)</c>.</summary>
public sealed record Caller(Actor Actor)
{
    public static async ValueTask<Caller?> BindAsync(HttpContext context)
    {
        var actor = ApiKeyHandler.ActorOf(context.User)
            ?? (context.User.AccountId() is { } id ? await context.RequestServices.GetRequiredService<ActorQueries>().OfUserAsync(id, context.RequestAborted) : Actor.Nobody);
        return new Caller(actor);
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Targets.Replay;

/// <summary>An answer in the shape of the OpenAI API: one body, or the events of a stream (each to be sent as one <c>data:</c> line).</summary>
public sealed record CompatReply(int Status, JsonNode? Body, IAsyncEnumerable<string>? Events = null);

/// <summary>The built-in bot behind the OpenAI API's chat completions.</summary>
public sealed class OpenAICompat(RetrievalBot bot, TimeProvider clock)
{
    public static JsonObject Models() => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. RetrievalBot.Models.Select(model => (JsonNode)new JsonObject { ["id"] = model, ["object"] = "model", ["created"] = 0, ["owned_by"] = "llmeval" })]),
    };

    /// <param name="actor">Only replies of the business lines that they may see are given.</param>
    public async Task<CompatReply> CompleteAsync(Stream body, Actor actor, CancellationToken cancellationToken)
    {
        // What the bot says is recorded traffic: whoever may neither read it nor start anything over it must not ask.
        if (!actor.May(Permissions.SessionsView) && !actor.May(Permissions.RunsStart) && !actor.May(Permissions.DemoLoad))
        {
            return Refusal(403, $"This needs the permission {Permissions.RunsStart} or {Permissions.SessionsView}.", "forbidden", null);
        }
        JsonElement request;
        try
        {
            request = (await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken)).RootElement;
        }
        catch (JsonException e)
        {
            return Refusal(400, "We could not parse the JSON body of your request: " + e.Message, null, null);
        }
        var read = CompatRequest.Read(request);
        if (read.Refusal is { } refusal)
        {
            return refusal;
        }
        if (actor.BizCodes is { } bizCodes)
        {
            read.Options.AdditionalProperties![RetrievalBot.BizCodes] = bizCodes;
        }
        try
        {
            var response = await bot.GetResponseAsync(read.Messages, read.Options, cancellationToken);
            return read.IsStream ? new CompatReply(200, null, EventsAsync(response, read.WantsUsage, cancellationToken)) : new CompatReply(200, Completion(response));
        }
        catch (EmptyCorpusException e)
        {
            // Not a 5xx: asking again will not help.
            return Refusal(409, e.Message, "empty_corpus", null);
        }
    }

    public static CompatReply Refusal(int status, string message, string? code, string? parameter) => new(status, new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = status >= 500 ? "server_error" : "invalid_request_error", ["param"] = parameter, ["code"] = code },
    });

    private JsonObject Completion(ChatResponse response) => Envelope(response, "chat.completion", new JsonObject
    {
        ["index"] = 0,
        ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = response.Text },
        ["finish_reason"] = response.FinishReason?.Value,
    }, Usage(response));

    private async IAsyncEnumerable<string> EventsAsync(ChatResponse response, bool wantsUsage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Chunk(response, new JsonObject { ["role"] = "assistant", ["content"] = "" }, null);
        var elements = System.Globalization.StringInfo.GetTextElementEnumerator(response.Text);
        while (elements.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Chunk(response, new JsonObject { ["content"] = elements.GetTextElement() }, null);
            await Task.Yield();
        }
        yield return Chunk(response, [], response.FinishReason?.Value);
        if (wantsUsage)
        {
            yield return Text(Envelope(response, "chat.completion.chunk", null, Usage(response)));
        }
        yield return "[DONE]";
    }

    private string Chunk(ChatResponse response, JsonObject delta, string? reason) =>
        Text(Envelope(response, "chat.completion.chunk", new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = reason }, null));

    private JsonObject Envelope(ChatResponse response, string kind, JsonObject? choice, JsonObject? usage)
    {
        var envelope = new JsonObject
        {
            ["id"] = response.ResponseId,
            ["object"] = kind,
            ["created"] = (response.CreatedAt ?? clock.GetUtcNow()).ToUnixTimeSeconds(),
            ["model"] = response.ModelId,
            ["choices"] = choice is null ? [] : new JsonArray(choice),
        };
        if (usage is not null)
        {
            envelope["usage"] = usage;
        }
        return envelope;
    }

    private static JsonObject Usage(ChatResponse response) => new()
    {
        ["prompt_tokens"] = response.Usage?.InputTokenCount,
        ["completion_tokens"] = response.Usage?.OutputTokenCount,
        ["total_tokens"] = response.Usage?.TotalTokenCount,
    };

    private static string Text(JsonObject node) => node.ToJsonString(Json.Stored);
}

using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LLMEval.Core.Targets.Replay;

/// <summary>A chat completion request as the built-in bot understands it, or the refusal to send back. Fields it has no use for are accepted and ignored, as OpenAI-compatible servers do.</summary>
internal sealed record CompatRequest(List<ChatMessage> Messages, ChatOptions Options, bool IsStream, bool WantsUsage, CompatReply? Refusal)
{
    private static readonly HashSet<string> Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    public static CompatRequest Read(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object)
        {
            return Refuse(400, "The body must be a JSON object.", null);
        }
        if (Text(request, "model") is not { } model)
        {
            return Refuse(400, "You must provide a model parameter.", "model");
        }
        if (!RetrievalBot.Models.Contains(model))
        {
            return Refuse(404, $"The model '{model}' does not exist; there are {string.Join(" and ", RetrievalBot.Models)}.", "model", "model_not_found");
        }
        if (!request.TryGetProperty("messages", out var array) || array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
        {
            return Refuse(400, "'messages' must be an array of at least one message.", "messages");
        }
        var messages = new List<ChatMessage>();
        foreach (var item in array.EnumerateArray())
        {
            if (Message(item) is not { } message)
            {
                return Refuse(400, $"messages[{messages.Count}] needs a role of {string.Join(", ", Roles)} and a text as its content.", "messages");
            }
            messages.Add(message);
        }
        var (options, bad) = OptionsOf(request, model);
        return bad is not null ? Refuse(400, $"Invalid value for '{bad}'.", bad) : new CompatRequest(
            messages, options,
            request.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True,
            request.TryGetProperty("stream_options", out var streaming) && streaming.ValueKind == JsonValueKind.Object
                && streaming.TryGetProperty("include_usage", out var usage) && usage.ValueKind == JsonValueKind.True,
            null);
    }

    private static (ChatOptions Options, string? Bad) OptionsOf(JsonElement request, string model)
    {
        var options = new ChatOptions { ModelId = model, AdditionalProperties = [] };
        foreach (var field in request.EnumerateObject().Where(f => f.Value.ValueKind != JsonValueKind.Null))
        {
            var value = field.Value;
            var isNumber = value.ValueKind == JsonValueKind.Number;
            var fits = field.Name switch
            {
                "temperature" => isNumber && value.GetDouble() is >= 0 and <= 2,
                "top_p" => isNumber && value.GetDouble() is > 0 and <= 1,
                "frequency_penalty" or "presence_penalty" => isNumber && value.GetDouble() is >= -2 and <= 2,
                "max_tokens" or "max_completion_tokens" => isNumber && value.TryGetInt32(out var most) && most > 0,
                "seed" => isNumber && value.TryGetInt64(out _),
                "n" => isNumber && value.TryGetInt32(out var n) && n == 1,
                "stop" => value.ValueKind == JsonValueKind.String || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(s => s.ValueKind == JsonValueKind.String)),
                "stream" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
                _ => true,
            };
            if (!fits)
            {
                return (options, field.Name);
            }
            switch (field.Name)
            {
                case "temperature": options.Temperature = value.GetSingle(); break;
                case "top_p": options.TopP = value.GetSingle(); break;
                case "max_tokens" or "max_completion_tokens": options.MaxOutputTokens = value.GetInt32(); break;
                case "seed": options.Seed = value.GetInt64(); break;
                case "stop": options.StopSequences = value.ValueKind == JsonValueKind.String ? [value.GetString()!] : [.. value.EnumerateArray().Select(s => s.GetString()!)]; break;
                case "metadata" when value.ValueKind == JsonValueKind.Object:
                    options.AdditionalProperties[RetrievalBot.SourceMessageId] = Text(value, RetrievalBot.SourceMessageId);
                    options.AdditionalProperties[RetrievalBot.RobotId] = Text(value, RetrievalBot.RobotId);
                    break;
                default: break;
            }
        }
        return (options, null);
    }

    private static ChatMessage? Message(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || Text(item, "role") is not { } role || !Roles.Contains(role))
        {
            return null;
        }
        if (!item.TryGetProperty("content", out var content))
        {
            return null;
        }
        var text = content.ValueKind switch
        {
            JsonValueKind.String => content.GetString(),
            JsonValueKind.Null => "",
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object).Select(part => Text(part, "text"))),
            _ => null,
        };
        return text is null ? null : new ChatMessage(role is "developer" ? ChatRole.System : new ChatRole(role), text);
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static CompatRequest Refuse(int status, string message, string? parameter, string? code = null) =>
        new([], new ChatOptions(), false, false, OpenAICompat.Refusal(status, message, code, parameter));
}

using System.ClientModel;
using System.Text.Json;
using LLMEval.Core.Targets.Clients;
using LLMEval.Core.Targets.Replay;

namespace LLMEval.Core.Targets;

/// <summary>What went wrong with one try, and whether another may go better.</summary>
public sealed record Fault(ReplyStatus Status, string ErrorType, string? Detail, bool IsWorthRetrying);

/// <summary>Maps what endpoints and the network do to the few statuses that people act on.</summary>
public static class ErrorClassifier
{
    public static Fault TimedOut(TimeSpan limit) => new(ReplyStatus.TimedOut, "timeout", FormattableString.Invariant($"no answer within {limit.TotalSeconds:0.#} s"), true);

    /// <summary>Null for something that is no endpoint's doing: a defect that must travel on.</summary>
    public static Fault? Of(Exception exception, HttpExchange exchange)
    {
        if (exchange.StatusCode is { } status && status is < 200 or > 299)
        {
            return OfStatus(status, exchange.ResponseJson);
        }
        return exception switch
        {
            EmptyCorpusException => new Fault(ReplyStatus.Misconfigured, "empty_corpus", exception.Message, false),
            UnreachableTargetException unreachable => new Fault(ReplyStatus.Misconfigured, unreachable.ErrorType, exception.Message, false),
            // The endpoint said yes but what it sent cannot be read.
            _ when exchange.StatusCode is not null => new Fault(ReplyStatus.Failed, "malformed_response", exception.Message, false),
            ClientResultException or HttpRequestException or IOException => new Fault(ReplyStatus.Failed, "connection", (exception.InnerException ?? exception).Message, true),
            _ => null,
        };
    }

    public static Fault OfStatus(int status, string? body)
    {
        var (code, message) = Read(body);
        var detail = message ?? body;
        return status switch
        {
            _ when code is "content_filter" or "content_policy_violation" => new Fault(ReplyStatus.Filtered, "content_filter", detail, false),
            429 when code is "insufficient_quota" => new Fault(ReplyStatus.RateLimited, "insufficient_quota", detail, false),
            429 => new Fault(ReplyStatus.RateLimited, "rate_limited", detail, true),
            401 => new Fault(ReplyStatus.Misconfigured, "unauthorized", detail, false),
            403 => new Fault(ReplyStatus.Misconfigured, "forbidden", detail, false),
            404 => new Fault(ReplyStatus.Misconfigured, "not_found", detail, false),
            408 => new Fault(ReplyStatus.TimedOut, "timeout", detail, true),
            >= 500 => new Fault(ReplyStatus.Failed, "server_error", detail, true),
            >= 300 and < 400 => new Fault(ReplyStatus.Misconfigured, "redirected", detail, false),
            _ => new Fault(ReplyStatus.Misconfigured, "bad_request", detail, false),
        };
    }

    private static (string? Code, string? Message) Read(string? body)
    {
        try
        {
            using var document = JsonDocument.Parse(body ?? "");
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            {
                return (Text(error, "code"), Text(error, "message"));
            }
        }
        catch (JsonException)
        {
            // Proxies answer in HTML: the body itself is the detail then.
        }
        return (null, null);
    }

    private static string? Text(JsonElement error, string name) => error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>A target version that cannot be asked at all, because of how it or the installation is set up.</summary>
public sealed class UnreachableTargetException(string errorType, string message) : Exception(message)
{
    public string ErrorType { get; } = errorType;
}

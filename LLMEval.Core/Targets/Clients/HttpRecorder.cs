using System.Net.Http.Headers;

namespace LLMEval.Core.Targets.Clients;

/// <summary>One HTTP try as it went over the wire, without headers.</summary>
public sealed class HttpExchange
{
    public string? RequestJson { get; set; }
    public string? ResponseJson { get; set; }

    /// <summary>Null while no answer has begun.</summary>
    public int? StatusCode { get; set; }

    internal RetryConditionHeaderValue? AskedPatience { get; set; }

    public TimeSpan? RetryAfter(DateTimeOffset now)
    {
        var wait = AskedPatience?.Delta ?? AskedPatience?.Date - now;
        return wait is { } known && known < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}

/// <summary>Keeps the bodies of the current question's try. The exchange travels with the asynchronous flow, so that the handler itself may be pooled and shared.</summary>
public sealed class HttpRecorder : DelegatingHandler
{
    private static readonly AsyncLocal<HttpExchange?> Current = new();

    /// <summary>Call in the method that asks; what its callees send is recorded here.</summary>
    public static HttpExchange Begin() => Current.Value = new HttpExchange();

    /// <summary>For clients inside this process, which send nothing: notes what they were asked.</summary>
    public static void Note(string requestJson)
    {
        if (Current.Value is { } exchange)
        {
            exchange.RequestJson = requestJson;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Current.Value is not { } exchange)
        {
            return await base.SendAsync(request, cancellationToken);
        }
        if (request.Content is not null)
        {
            // Buffered, so that what is sent is what was read.
            await request.Content.LoadIntoBufferAsync(cancellationToken);
            exchange.RequestJson = await request.Content.ReadAsStringAsync(cancellationToken);
        }
        var response = await base.SendAsync(request, cancellationToken);
        exchange.StatusCode = (int)response.StatusCode;
        exchange.AskedPatience = response.Headers.RetryAfter;
        await response.Content.LoadIntoBufferAsync(MaxResponseBytes, cancellationToken);
        exchange.ResponseJson = await response.Content.ReadAsStringAsync(cancellationToken);
        return response;
    }

    private const long MaxResponseBytes = 16 * 1024 * 1024;
}

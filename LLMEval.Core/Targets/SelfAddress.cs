namespace LLMEval.Core.Targets;

/// <summary>Where this process itself answers, so that a target may name the built-in bot by a path such as <c>/demo/v1</c>. The host sets it when it listens.</summary>
public sealed class SelfAddress
{
    /// <summary>This server's own loopback address, such as <c>http://127.0.0.1:5000</c>; null while nothing listens.</summary>
    public Uri? Url { get; set; }

    public static bool IsRelative(string endpoint) => endpoint.StartsWith('/');

    /// <summary>An endpoint's full address; null when it is relative and nothing listens.</summary>
    public Uri? Resolve(string endpoint)
    {
        if (!IsRelative(endpoint))
        {
            return new Uri(endpoint, UriKind.Absolute);
        }
        return Url is null ? null : new Uri(Url, endpoint);
    }
}

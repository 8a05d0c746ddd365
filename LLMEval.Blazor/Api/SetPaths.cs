using Microsoft.AspNetCore.Http.Features;

namespace LLMEval.Blazor.Api;

/// <summary>The addresses of sets. A name may hold any character.</summary>
internal static class SetPaths
{
    public const string All = "/api/v1/sets";
    public const string One = All + "/{name}";

    public static string Of(string name) => $"{All}/{Uri.EscapeDataString(name)}";

    /// <summary>The set's name as the caller wrote it: the server leaves an escaped slash as it is, so that it cannot be told from one that was meant so.</summary>
    public static string Name(HttpContext context, string routed)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var before = target.IndexOf(All + "/", StringComparison.OrdinalIgnoreCase);
        if (before < 0)
        {
            return routed.Trim();
        }
        var rest = target[(before + All.Length + 1)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        return Uri.UnescapeDataString(end < 0 ? rest : rest[..end]).Trim();
    }
}

namespace LLMEval.Blazor.Infrastructure;

/// <summary>The addresses that speak JSON to programs: keys instead of cookies, problem details instead of pages.</summary>
internal static class ApiPaths
{
    private static readonly string[] Prefixes = ["/api", "/v1", "/demo/v1"];

    public static bool Covers(HttpContext context) => Covers(context.Request.Path);

    public static bool Covers(PathString path) => Prefixes.Any(prefix => path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase));
}

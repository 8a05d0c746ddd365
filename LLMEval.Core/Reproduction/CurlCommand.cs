using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

/// <summary>The command that asks the same question by hand, for a POSIX shell. The key is never in it.</summary>
internal static class CurlCommand
{
    /// <summary>Null where nothing was sent over HTTP.</summary>
    public static string? Of(TargetSnapshot target, string? requestJson, SelfAddress self)
    {
        if (requestJson is null || target is not { Connector: Connector.OpenAI, Endpoint: { } endpoint })
        {
            return null;
        }
        var address = self.Resolve(endpoint)?.ToString() ?? endpoint;
        return string.Join(" \\\n  ", $"curl {Quoted(address.TrimEnd('/') + "/chat/completions")}", "-H 'Content-Type: application/json'", "-H \"Authorization: Bearer $API_KEY\"", $"--data-raw {Quoted(requestJson)}");
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}

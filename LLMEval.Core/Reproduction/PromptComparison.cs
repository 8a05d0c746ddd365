using System.Text.Json;

namespace LLMEval.Core.Reproduction;

public sealed record PromptMessage(string Role, string Content);

/// <summary>The conversation as it was sent beside the one that production recorded.</summary>
/// <param name="Sent">Empty until something was sent.</param>
/// <param name="Recorded">Null where production recorded no request.</param>
public sealed record PromptComparison(IReadOnlyList<PromptMessage> Sent, IReadOnlyList<PromptMessage>? Recorded)
{
    /// <summary>Null where there is nothing to compare.</summary>
    public bool? IsEqual => Recorded is null || Sent.Count == 0 ? null : Sent.SequenceEqual(Recorded);

    internal static PromptComparison Of(string? sentJson, string? recordedJson) => new(Messages(sentJson) ?? [], Messages(recordedJson));

    private static List<PromptMessage>? Messages(string? requestJson)
    {
        if (!ReproductionParameters.Members(ReproductionParameters.Parsed(requestJson)).TryGetValue("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        return [.. messages.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object).Select(m => new PromptMessage(Text(m, "role"), Text(m, "content")))];
    }

    // A content is a text, or parts of which some are texts.
    private static string Text(JsonElement message, string name) => !message.TryGetProperty(name, out var value) ? "" : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Concat(value.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : "")),
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}

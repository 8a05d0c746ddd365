namespace LLMEval.Core.Samples;

/// <summary>The one place that says how long the context of an answer is: of samples, of a target version that takes less of it, of reproductions.</summary>
public static class ContextCut
{
    /// <summary>How many messages before the answer are kept: always the last one, since without it there is nothing to answer.</summary>
    public static int Kept(int length) => Math.Max(1, length);

    /// <summary>The last messages by position. System messages at the beginning are no context and stay.</summary>
    public static IReadOnlyList<SampleMessage> Of(IReadOnlyList<SampleMessage> messages, int length)
    {
        var kept = Kept(length);
        var head = messages.TakeWhile(m => m.Role == "system").ToList();
        return messages.Count - head.Count <= kept ? messages : [.. head, .. messages.Skip(messages.Count - kept)];
    }
}

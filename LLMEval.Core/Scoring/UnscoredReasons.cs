namespace LLMEval.Core.Scoring;

/// <summary>Why a metric has no value; stored as it stands, translated where it is shown.</summary>
public static class UnscoredReasons
{
    public const string NoReference = "no_reference";
    public const string EmptyAnswer = "empty_answer";

    /// <summary>Fewer characters or words than the metric counts at a time.</summary>
    public const string TooShort = "too_short";

    /// <summary>The context holds no earlier message of the bot.</summary>
    public const string NoEarlierReply = "no_earlier_reply";

    public static IReadOnlyList<string> All { get; } = [NoReference, EmptyAnswer, TooShort, NoEarlierReply];
}

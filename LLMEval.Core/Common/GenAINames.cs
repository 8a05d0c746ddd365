namespace LLMEval.Core.Common;

/// <summary>Attribute names of the OpenTelemetry semantic conventions for generative AI, as of version 1.41.</summary>
public static class GenAINames
{
    public const string ConversationId = "gen_ai.conversation.id";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string ProviderName = "gen_ai.provider.name";
    public const string EvaluationName = "gen_ai.evaluation.name";
    public const string EvaluationScoreValue = "gen_ai.evaluation.score.value";
}

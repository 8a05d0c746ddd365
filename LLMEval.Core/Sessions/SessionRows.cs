using LLMEval.Core.Common;

namespace LLMEval.Core.Sessions;

/// <summary>Rows made of a source's records.</summary>
internal static class SessionRows
{
    public static Message Message(SessionRecord session, string hash, long sessionId, int index, int ordinal, DateTime sentAt, DateTime now)
    {
        var source = session.Messages[index];
        return new Message
        {
            SessionId = sessionId,
            Ordinal = ordinal,
            ExternalId = source.MessageId,
            BizCode = session.BizCode,
            RobotId = session.RobotId,
            UserId = session.UserId,
            SenderType = source.SenderType,
            Content = source.Content,
            Preview = Preview.Of(source.Content),
            SentAt = sentAt,
            IsTimeInferred = source.SentAt is null,
            UpdatedAt = now,
            ContentHash = hash,
            ExtraJson = source.ExtraJson,
        };
    }

    public static Generation Generation(GenerationRecord source, long messageId) => new()
    {
        MessageId = messageId,
        Model = source.Model,
        PromptVersion = source.PromptVersion,
        ParametersJson = source.ParametersJson,
        MemoryIdsJson = source.MemoryIdsJson,
        LatencyMs = source.LatencyMs,
        InputTokens = source.InputTokens,
        OutputTokens = source.OutputTokens,
        RequestJson = source.RequestJson,
        TraceJson = source.TraceJson,
    };

    public static MemoryPoint MemoryPoint(MemoryRecord source, long sessionId, int ordinal) => new()
    {
        SessionId = sessionId,
        ExternalId = source.MemoryId,
        Content = source.Content,
        CreatedAt = source.CreatedAt,
        ChangedAt = source.ChangedAt,
        Ordinal = ordinal,
        ExtraJson = source.ExtraJson,
    };
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="SessionId">Null where the message is gone since.</param>
public sealed record SampleDetail(
    long Id, string BizCode, string RobotId, string UserId, long? MessageId, long? SessionId, DateTime? AnsweredAt, int ContextLength,
    IReadOnlyList<SampleMessage> Context, string? SystemPrompt, IReadOnlyList<SampleMemory> Memory, string? RecordedAnswer, string? RecordedModel, string? RecordedPromptVersion,
    string? RecordedParametersJson, int? RecordedLatencyMs, IReadOnlyList<string> References, string? ExpectedBehaviour, IReadOnlyList<string> Tags)
{
    public SampleOrigin Origin { get; init; }
    public string? OriginName { get; init; }
    public string? ExternalId { get; init; }
    public bool IsScript { get; init; }
    public string? MetadataJson { get; init; }
    public long? DuplicateOfId { get; init; }
    public double? Similarity { get; init; }
    public DateTime CreatedAt { get; init; }
    public string CreatedByName { get; init; } = "";
}

public sealed class SampleQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    public async Task<SampleDetail?> DetailAsync(long sampleId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await DetailAsync(db, sampleId, actor, cancellationToken);
    }

    /// <summary>For a query that checked its own permission.</summary>
    internal static async Task<SampleDetail?> DetailAsync(LLMEvalDbContext db, long sampleId, Actor actor, CancellationToken cancellationToken)
    {
        var sample = await db.VisibleSamplesEvenRemoved(actor).AsNoTracking().FirstOrDefaultAsync(s => s.Id == sampleId, cancellationToken);
        if (sample is null)
        {
            return null;
        }
        var sessionId = await db.Messages.AsNoTracking().Where(m => m.Id == sample.MessageId).Select(m => (long?)m.SessionId).FirstOrDefaultAsync(cancellationToken);
        var tags = await db.SampleTags.AsNoTracking().Where(t => t.SampleId == sampleId).OrderBy(t => t.Name).Select(t => t.Name).ToListAsync(cancellationToken);
        return new SampleDetail(
            sample.Id, sample.BizCode, sample.RobotId, sample.UserId, sessionId is null ? null : sample.MessageId, sessionId, sample.AnsweredAt, sample.ContextLength,
            Json.Read<List<SampleMessage>>(sample.InputJson), sample.SystemPrompt, Json.Read<List<SampleMemory>>(sample.MemoryJson), sample.RecordedAnswer, sample.RecordedModel, sample.RecordedPromptVersion,
            sample.RecordedParametersJson, sample.RecordedLatencyMs, Json.Read<List<string>>(sample.ReferencesJson), sample.ExpectedBehaviour, tags)
        {
            Origin = sample.Origin,
            OriginName = sample.OriginName,
            ExternalId = sample.ExternalId,
            IsScript = sample.IsScript,
            MetadataJson = sample.MetadataJson,
            DuplicateOfId = sample.DuplicateOfId,
            Similarity = sample.Similarity,
            CreatedAt = sample.CreatedAt,
            CreatedByName = sample.CreatedByName,
        };
    }

    /// <summary>What was said before the answer that a sample was made of, as the conversation has it now; null where it is gone, or the actor may not read conversations.</summary>
    public async Task<IReadOnlyList<SampleMessage>?> ConversationAsync(long sampleId, int length, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView) || !actor.May(Permissions.SessionsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var messageId = await db.VisibleSamplesEvenRemoved(actor).AsNoTracking().Where(s => s.Id == sampleId).Select(s => s.MessageId).FirstOrDefaultAsync(cancellationToken);
        return messageId is { } id && await RecordedTurns.OfAsync(db, [id], Math.Clamp(length, 0, CreateSet.MaxContextLength), actor, cancellationToken) is [var turn] ? turn.Context : null;
    }
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>A bot message as it was: what had been said before, what was known of the user, and how the answer was made.</summary>
public sealed record RecordedTurn(
    long MessageId, string MessageExternalId, long SessionId, string SessionExternalId, string BizCode, string RobotId, string UserId, DateTime SentAt,
    IReadOnlyList<SampleMessage> Context, string? SystemPrompt, IReadOnlyList<SampleMemory> Memory, string Answer,
    string? Model, string? PromptVersion, string? ParametersJson, int? LatencyMs, string? RequestJson);

/// <summary>Cuts recorded turns out of their sessions. The one place that says what a bot message's context and memory are, so that samples and reproductions agree.</summary>
internal static class RecordedTurns
{
    /// <summary>The turns of those messages that the actor may see and a bot sent; the others are left out. The context is what <see cref="ContextCut"/> says; the memory is every point whose date is unknown or not after the answer.</summary>
    public static async Task<IReadOnlyList<RecordedTurn>> OfAsync(LLMEvalDbContext db, IReadOnlyCollection<long> messageIds, int contextLength, Actor actor, CancellationToken cancellationToken)
    {
        var answers = await db.Messages.AsNoTracking().Visible(actor)
            .Where(m => messageIds.Contains(m.Id) && m.SenderType == SenderType.Bot)
            .Join(db.Sessions, m => m.SessionId, s => s.Id, (m, s) => new { m, s.ExternalId, s.SystemPrompt })
            .Select(x => new { x.m.Id, x.m.ExternalId, x.m.SessionId, SessionExternalId = x.ExternalId, x.m.BizCode, x.m.RobotId, x.m.UserId, x.m.SentAt, x.m.Ordinal, x.m.Content, x.SystemPrompt })
            .ToListAsync(cancellationToken);
        var ids = answers.Select(a => a.Id).ToList();
        var sessionIds = answers.Select(a => a.SessionId).Distinct().ToList();
        var generations = await db.Generations.AsNoTracking().Where(g => ids.Contains(g.MessageId)).ToDictionaryAsync(g => g.MessageId, cancellationToken);
        var memory = (await db.MemoryPoints.AsNoTracking().Where(p => sessionIds.Contains(p.SessionId)).OrderBy(p => p.Ordinal).ThenBy(p => p.Id)
                .Select(p => new { p.SessionId, p.ExternalId, p.Content, p.CreatedAt }).ToListAsync(cancellationToken))
            .ToLookup(p => p.SessionId, p => new SampleMemory(p.ExternalId, p.Content, p.CreatedAt));
        var turns = new List<RecordedTurn>(answers.Count);
        foreach (var answer in answers.OrderBy(a => a.Id))
        {
            var context = await db.Messages.AsNoTracking()
                .Where(m => m.SessionId == answer.SessionId && m.Ordinal < answer.Ordinal)
                .OrderByDescending(m => m.Ordinal).Take(ContextCut.Kept(contextLength))
                .Select(m => new { m.SenderType, m.Content, m.ExternalId, m.SentAt }).ToListAsync(cancellationToken);
            context.Reverse();
            var generation = generations.GetValueOrDefault(answer.Id);
            turns.Add(new RecordedTurn(
                answer.Id, answer.ExternalId, answer.SessionId, answer.SessionExternalId, answer.BizCode, answer.RobotId, answer.UserId, answer.SentAt,
                [.. context.Select(m => new SampleMessage(RoleOf(m.SenderType), m.Content, m.ExternalId, m.SentAt))],
                answer.SystemPrompt,
                [.. memory[answer.SessionId].Where(p => p.CreatedAt is null || p.CreatedAt <= answer.SentAt).OrderBy(p => p.CreatedAt ?? DateTime.MinValue)],
                answer.Content,
                generation?.Model, generation?.PromptVersion, generation?.ParametersJson, generation?.LatencyMs, generation?.RequestJson));
        }
        return turns;
    }

    private static string RoleOf(SenderType sender) => sender switch
    {
        SenderType.User => "user",
        SenderType.Bot => "assistant",
        SenderType.System => "system",
        SenderType.Tool => "tool",
        _ => throw new InvalidOperationException($"Unknown sender type {sender}."),
    };
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="ContextLength">How many messages before the answer to keep, 0 to <see cref="CreateSet.MaxContextLength"/>.</param>
public sealed record TakeSampleRequest(long MessageId, int ContextLength = CreateSet.DefaultContextLength);

/// <summary>Freezes a bot message with its context, memory and references into the pool. Taking the same turn again gives the same sample.</summary>
public sealed class TakeSample(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>The sample's id.</summary>
    public async Task<Result<long>> ExecuteAsync(TakeSampleRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        if (request.ContextLength is < 0 or > CreateSet.MaxContextLength)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.ContextLength), 0, CreateSet.MaxContextLength);
        }
        return await Repeating.Async<Result<long>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var taken = await FromMessagesAsync(db, [request.MessageId], request.ContextLength, actor, clock.GetUtcNow().UtcDateTime, cancellationToken);
            if (taken.Count == 0)
            {
                return Failure.NotFound("BotMessageNotFound");
            }
            if (taken[0].IsNew)
            {
                db.AuditEntries.Add(AuditEntry.Of(actor, clock.GetUtcNow().UtcDateTime, "sample.take", "sample", taken[0].SampleId, new { request.MessageId }));
                await db.SaveChangesAsync(cancellationToken);
            }
            await transaction.CommitAsync(cancellationToken);
            return taken[0].SampleId;
        });
    }

    /// <summary>Takes each message that the actor may see and a bot sent, in the current transaction; the others are left out.</summary>
    internal static async Task<IReadOnlyList<TakenSample>> FromMessagesAsync(
        LLMEvalDbContext db, IReadOnlyCollection<long> messageIds, int contextLength, Actor actor, DateTime utcNow, CancellationToken cancellationToken)
    {
        var turns = await RecordedTurns.OfAsync(db, messageIds, contextLength, actor, cancellationToken);
        var ids = turns.Select(t => t.MessageId).ToList();
        var sessionIds = turns.Select(t => t.SessionId).Distinct().ToList();
        var truths = await ReferencesAsync(db, ids, cancellationToken);
        var labelTags = (await db.Labels.AsNoTracking().Where(l => ids.Contains(l.MessageId))
            .Join(db.LabelTags, l => l.Id, t => t.LabelId, (l, t) => new { l.MessageId, t.Name }).ToListAsync(cancellationToken)).ToLookup(t => t.MessageId, t => t.Name);
        var sessionTags = (await db.SessionTags.AsNoTracking().Where(t => sessionIds.Contains(t.SessionId)).ToListAsync(cancellationToken)).ToLookup(t => t.SessionId, t => t.Name);

        var samples = turns.Select(turn => new NewSample(
            Freeze(turn, [.. truths[turn.MessageId].Distinct(StringComparer.Ordinal)], contextLength, actor, utcNow),
            [.. sessionTags[turn.SessionId], .. labelTags[turn.MessageId]])).ToList();
        var stored = await SampleStore.AddAsync(db, samples, cancellationToken);
        return [.. turns.Zip(stored, (turn, sample) => new TakenSample(sample.Id, turn.MessageId, sample.BizCode, sample.IsNew))];
    }

    /// <summary>Those of the samples that a person edited since they were taken from their message: taking the message again must not undo that.</summary>
    internal static async Task<HashSet<long>> EditedAsync(LLMEvalDbContext db, IReadOnlyCollection<long> sampleIds, CancellationToken cancellationToken)
    {
        var held = sampleIds.Count == 0 ? [] : await db.Samples.AsNoTracking().Where(s => sampleIds.Contains(s.Id)).Join(db.Messages, s => s.MessageId, m => m.Id, (s, m) => new { Sample = s, m.ExternalId }).ToListAsync(cancellationToken);
        return held.Where(h => h.Sample.ExpectedBehaviour is not null || h.Sample.Fingerprint != FingerprintOf(
                h.Sample.ClusterKey, h.ExternalId, h.Sample.SystemPrompt, h.Sample.InputJson, h.Sample.MemoryJson, h.Sample.RecordedAnswer, h.Sample.RecordedModel, h.Sample.RecordedPromptVersion,
                h.Sample.RecordedParametersJson, h.Sample.ReferencesJson))
            .Select(h => h.Sample.Id).ToHashSet();
    }

    // Equal words said in two conversations are two observations, so the turn's identity is part of it.
    private static string FingerprintOf(params ReadOnlySpan<string?> parts) => Fingerprint.Of(parts);

    /// <summary>The reference answers of messages: the settled one where somebody settled one, else each that a person gave.</summary>
    internal static async Task<ILookup<long, string>> ReferencesAsync(LLMEvalDbContext db, IReadOnlyList<long> messageIds, CancellationToken cancellationToken)
    {
        var settled = await db.MessageVerdicts.AsNoTracking().Where(v => messageIds.Contains(v.MessageId) && v.SettledGroundTruth != null)
            .Select(v => new { v.MessageId, Text = v.SettledGroundTruth! }).ToListAsync(cancellationToken);
        var given = await db.Labels.AsNoTracking().Where(l => messageIds.Contains(l.MessageId) && l.GroundTruth != null && l.GroundTruth != "").OrderBy(l => l.Id)
            .Select(l => new { l.MessageId, Text = l.GroundTruth! }).ToListAsync(cancellationToken);
        var decided = settled.Select(s => s.MessageId).ToHashSet();
        return settled.Concat(given.Where(g => !decided.Contains(g.MessageId))).ToLookup(t => t.MessageId, t => t.Text);
    }

    private static Sample Freeze(RecordedTurn turn, IReadOnlyList<string> references, int contextLength, Actor actor, DateTime utcNow)
    {
        var input = Json.Write(turn.Context);
        var memory = Json.Write(turn.Memory);
        var referencesJson = Json.Write(references);
        var cluster = $"{turn.BizCode}/{turn.UserId}/{turn.SessionExternalId}";
        return new Sample
        {
            BizCode = turn.BizCode,
            RobotId = turn.RobotId,
            UserId = turn.UserId,
            Fingerprint = FingerprintOf(cluster, turn.MessageExternalId, turn.SystemPrompt, input, memory, turn.Answer, turn.Model, turn.PromptVersion, turn.ParametersJson, referencesJson),
            InputJson = input,
            InputPreview = Preview.Of(turn.Context.LastOrDefault(m => m.Role == "user")?.Content ?? ""),
            SystemPrompt = turn.SystemPrompt,
            MemoryJson = memory,
            RecordedAnswer = turn.Answer,
            AnswerPreview = Preview.Of(turn.Answer),
            RecordedModel = turn.Model,
            RecordedPromptVersion = turn.PromptVersion,
            RecordedParametersJson = turn.ParametersJson,
            RecordedLatencyMs = turn.LatencyMs,
            ReferencesJson = referencesJson,
            ReferenceCount = references.Count,
            ContextLength = contextLength,
            ClusterKey = cluster,
            MessageId = turn.MessageId,
            AnsweredAt = turn.SentAt,
            CreatedAt = utcNow,
            CreatedById = actor.UserId,
            CreatedByName = actor.Name,
            Origin = SampleOrigin.Message,
        };
    }
}

/// <param name="IsNew">False where the same turn had been taken before.</param>
internal sealed record TakenSample(long SampleId, long MessageId, string BizCode, bool IsNew);

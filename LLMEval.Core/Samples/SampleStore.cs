using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>A sample on its way into the pool.</summary>
/// <param name="Tags">Paths; given only when the sample is new, so that adding it again undoes nobody's editing.</param>
internal sealed record NewSample(Sample Sample, IReadOnlyList<string> Tags);

/// <param name="IsNew">False where the same sample had been added before.</param>
internal sealed record StoredSample(long Id, string BizCode, bool IsNew);

/// <summary>Makes samples of drafts and puts samples into the pool, each once.</summary>
internal static class SampleStore
{
    // Many at once in one statement, but not more than a packet takes.
    private const int Chunk = 500;

    /// <summary>In the order given, in the current transaction. One that was taken out of the pool comes back.</summary>
    /// <param name="isHidden">Leaves new ones out of the pool, and those that were taken out of it, until <see cref="ShowAsync"/>.</param>
    public static async Task<IReadOnlyList<StoredSample>> AddAsync(LLMEvalDbContext db, IReadOnlyList<NewSample> samples, CancellationToken cancellationToken, bool isHidden = false)
    {
        var known = await KnownAsync(db, [.. samples.Select(s => s.Sample.Fingerprint).Distinct()], cancellationToken);
        var back = known.Values.Where(k => k.IsRemoved).Select(k => k.Id).ToHashSet();
        if (!isHidden)
        {
            await ShowAsync(db, [.. back], cancellationToken);
        }
        var fresh = samples.Where(s => !known.ContainsKey(s.Sample.Fingerprint)).DistinctBy(s => s.Sample.Fingerprint).ToDictionary(s => s.Sample.Fingerprint);
        foreach (var sample in fresh.Values)
        {
            SampleTexts.Measure(sample.Sample);
            sample.Sample.RemovedAt = isHidden ? sample.Sample.CreatedAt : null;
        }
        await BulkWriter.InsertAsync(db, fresh.Values.Select(f => f.Sample), cancellationToken);
        foreach (var (fingerprint, stored) in await KnownAsync(db, [.. fresh.Keys], cancellationToken))
        {
            fresh[fingerprint].Sample.Id = stored.Id;
        }
        await BulkWriter.InsertAsync(
            db,
            fresh.Values.SelectMany(f => f.Tags.Select(TagPath.Clean).Where(t => t.Length is > 0 and <= SampleTag.MaxLength).Distinct(StringComparer.Ordinal).Select(name => new SampleTag { SampleId = f.Sample.Id, Name = name })),
            cancellationToken);
        return
        [
            .. samples.Select(s => known.TryGetValue(s.Sample.Fingerprint, out var k)
                ? new StoredSample(k.Id, s.Sample.BizCode, back.Contains(k.Id))
                : new StoredSample(fresh[s.Sample.Fingerprint].Sample.Id, s.Sample.BizCode, ReferenceEquals(fresh[s.Sample.Fingerprint], s))),
        ];
    }

    /// <summary>Brings into the pool what is not in it, in the current transaction.</summary>
    public static async Task ShowAsync(LLMEvalDbContext db, IReadOnlyList<long> sampleIds, CancellationToken cancellationToken)
    {
        foreach (var chunk in sampleIds.Chunk(Chunk))
        {
            await db.Samples.Where(s => chunk.Contains(s.Id) && s.RemovedAt != null)
                .ExecuteUpdateAsync(u => u.SetProperty(s => s.RemovedAt, (DateTime?)null).SetProperty(s => s.IsCompared, false), cancellationToken);
        }
    }

    /// <summary>Gives samples the tags that they do not have yet, in the current transaction.</summary>
    public static async Task AddTagsAsync(LLMEvalDbContext db, IReadOnlyCollection<(long SampleId, string Tag)> tags, CancellationToken cancellationToken)
    {
        foreach (var chunk in tags.GroupBy(t => t.SampleId).Chunk(Chunk))
        {
            var ids = chunk.Select(g => g.Key).ToList();
            var there = (await db.SampleTags.AsNoTracking().Where(t => ids.Contains(t.SampleId)).ToListAsync(cancellationToken)).Select(t => (t.SampleId, t.Name)).ToHashSet();
            await BulkWriter.InsertAsync(db, chunk.SelectMany(g => g).Where(t => !there.Contains(t)).Select(t => new SampleTag { SampleId = t.SampleId, Name = t.Tag }), cancellationToken);
        }
    }

    private static async Task<Dictionary<string, (long Id, bool IsRemoved)>> KnownAsync(LLMEvalDbContext db, IReadOnlyList<string> fingerprints, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, (long, bool)>(StringComparer.Ordinal);
        foreach (var chunk in fingerprints.Chunk(Chunk))
        {
            foreach (var sample in await db.Samples.AsNoTracking().Where(s => chunk.Contains(s.Fingerprint)).Select(s => new { s.Fingerprint, s.Id, IsRemoved = s.RemovedAt != null }).ToListAsync(cancellationToken))
            {
                known[sample.Fingerprint] = (sample.Id, sample.IsRemoved);
            }
        }
        return known;
    }

    /// <summary>Equal drafts of one business line are one sample, whoever adds them.</summary>
    public static NewSample FromDraft(SampleDraft draft, SampleOrigin origin, string? originName, int contextLength, Actor actor, DateTime utcNow)
    {
        var sample = new Sample
        {
            BizCode = draft.BizCode ?? "",
            RobotId = draft.RobotId ?? "",
            UserId = draft.UserId ?? "",
            SystemPrompt = draft.SystemPrompt,
            MemoryJson = Json.Write(draft.Memory),
            RecordedAnswer = draft.RecordedAnswer,
            AnswerPreview = Preview.Of(draft.RecordedAnswer ?? ""),
            Origin = origin,
            OriginName = originName,
            ExternalId = draft.ExternalId,
            IsScript = draft.IsScript,
            MetadataJson = draft.MetadataJson,
        };
        Fill(sample, draft with { ContextLength = draft.ContextLength ?? contextLength }, actor, utcNow);
        // Nobody's conversation: each is a unit of its own.
        sample.ClusterKey = $"draft/{sample.Fingerprint}";
        return new NewSample(sample, draft.Tags);
    }

    /// <summary>A sample like another one, with the draft's input, references and expected behaviour. Where it came from stays: it is the same turn for statistics.</summary>
    public static Sample Edited(Sample original, SampleDraft draft, Actor actor, DateTime utcNow)
    {
        var sample = new Sample
        {
            BizCode = original.BizCode,
            RobotId = original.RobotId,
            UserId = original.UserId,
            SystemPrompt = original.SystemPrompt,
            MemoryJson = original.MemoryJson,
            RecordedAnswer = original.RecordedAnswer,
            AnswerPreview = original.AnswerPreview,
            RecordedModel = original.RecordedModel,
            RecordedPromptVersion = original.RecordedPromptVersion,
            RecordedParametersJson = original.RecordedParametersJson,
            RecordedLatencyMs = original.RecordedLatencyMs,
            ClusterKey = original.ClusterKey,
            MessageId = original.MessageId,
            AnsweredAt = original.AnsweredAt,
            Origin = original.Origin,
            OriginName = original.OriginName,
            ExternalId = original.ExternalId,
            IsScript = original.IsScript,
            MetadataJson = original.MetadataJson,
        };
        Fill(sample, draft, actor, utcNow);
        return sample;
    }

    private static void Fill(Sample sample, SampleDraft draft, Actor actor, DateTime utcNow)
    {
        var length = draft.ContextLength ?? CreateSet.DefaultContextLength;
        var messages = draft.IsScript ? draft.Input : ContextCut.Of(draft.Input, length);
        var references = draft.References.Where(r => !string.IsNullOrWhiteSpace(r)).Distinct(StringComparer.Ordinal).ToList();
        sample.InputJson = Json.Write(messages);
        sample.InputPreview = Preview.Of(SampleTexts.QuestionOf(messages, draft.IsScript));
        sample.ReferencesJson = Json.Write(references);
        sample.ReferenceCount = references.Count;
        sample.ExpectedBehaviour = CreateSet.Trimmed(draft.ExpectedBehaviour);
        sample.ContextLength = length;
        (sample.CreatedAt, sample.CreatedById, sample.CreatedByName) = (utcNow, actor.UserId, actor.Name);
        sample.Fingerprint = Fingerprint.Of(
            "draft", sample.ClusterKey, sample.MessageId?.ToString(System.Globalization.CultureInfo.InvariantCulture), sample.BizCode, sample.RobotId, sample.UserId, sample.SystemPrompt, sample.InputJson,
            sample.MemoryJson, sample.RecordedAnswer, sample.RecordedModel, sample.RecordedPromptVersion, sample.RecordedParametersJson, sample.ReferencesJson, sample.ExpectedBehaviour,
            sample.IsScript ? "script" : "", sample.MetadataJson);
    }

    /// <summary>The draft that would make the sample again.</summary>
    public static SampleDraft DraftOf(Sample sample, IReadOnlyList<string> tags) => new(Json.Read<List<SampleMessage>>(sample.InputJson))
    {
        ExternalId = sample.ExternalId,
        BizCode = NullIfEmpty(sample.BizCode),
        RobotId = NullIfEmpty(sample.RobotId),
        UserId = NullIfEmpty(sample.UserId),
        SystemPrompt = sample.SystemPrompt,
        Memory = Json.Read<List<SampleMemory>>(sample.MemoryJson),
        RecordedAnswer = sample.RecordedAnswer,
        References = Json.Read<List<string>>(sample.ReferencesJson),
        ExpectedBehaviour = sample.ExpectedBehaviour,
        Tags = tags,
        ContextLength = sample.ContextLength,
        IsScript = sample.IsScript,
        MetadataJson = sample.MetadataJson,
    };

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}

using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>
/// Looks for the near duplicates of new samples, some at a time and in order of ids, so that the first of those that say the same stays the first. Only first ones are kept by their keys: a
/// greeting that comes ten thousand times costs no more than one that comes twice.
/// </summary>
public sealed class CompareSamples(IDbContextFactory<LLMEvalDbContext> contexts)
{
    private const int Batch = 200;
    private const int MostCandidates = 2000;

    /// <summary>How many were compared; the work of a killed process is done again without harm.</summary>
    public async Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        var compared = 0;
        int batch;
        do
        {
            batch = await Repeating.Async(() => BatchAsync(cancellationToken));
            compared += batch;
        }
        while (batch == Batch);
        return compared;
    }

    private async Task<int> BatchAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var samples = await db.Samples.Where(s => !s.IsCompared && s.RemovedAt == null).OrderBy(s => s.Id).Take(Batch).ToListAsync(cancellationToken);
        var texts = samples.Select(s => new Compared(s.Id, SampleTexts.Of(s))).ToList();
        var known = await KnownAsync(db, texts, cancellationToken);
        foreach (var (sample, text) in samples.Zip(texts))
        {
            SampleTexts.Measure(sample);
            sample.IsCompared = true;
            (sample.DuplicateOfId, sample.Similarity) = (null, null);
            var nearest = text.Keys.SelectMany(key => known.GetValueOrDefault(key, [])).Where(k => k.Id != sample.Id).Distinct()
                .Select(k => (k.Id, Similarity: NearDuplicates.Similarity(k.Grams, text.Grams)))
                .Where(k => k.Similarity >= NearDuplicates.Threshold).OrderByDescending(k => k.Similarity).ThenBy(k => k.Id).Take(1).ToList();
            if (nearest is [var (id, similarity)])
            {
                (sample.DuplicateOfId, sample.Similarity) = (id, similarity);
                continue;
            }
            var own = text.Keys.Distinct().ToList();
            var stored = await db.SampleBands.Where(b => own.Contains(b.Hash) && b.SampleId == sample.Id).Select(b => b.Hash).ToListAsync(cancellationToken);
            db.SampleBands.AddRange(own.Except(stored).Select(hash => new SampleBand { Hash = hash, SampleId = sample.Id }));
            foreach (var key in own)
            {
                known[key] = [.. known.GetValueOrDefault(key, []), text];
            }
        }
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return samples.Count;
    }

    /// <summary>The first ones that share a key with any of the texts, by key.</summary>
    private static async Task<Dictionary<long, List<Compared>>> KnownAsync(LLMEvalDbContext db, List<Compared> texts, CancellationToken cancellationToken)
    {
        var known = new Dictionary<long, List<Compared>>();
        foreach (var keys in texts.SelectMany(t => t.Keys).Distinct().Chunk(500))
        {
            var bands = await db.SampleBands.AsNoTracking().Where(b => keys.Contains(b.Hash)).Join(db.Samples.Where(s => s.RemovedAt == null), b => b.SampleId, s => s.Id, (b, s) => b)
                .OrderBy(b => b.SampleId).Take(MostCandidates).ToListAsync(cancellationToken);
            var ids = bands.Select(b => b.SampleId).Distinct().ToList();
            var candidates = (await db.Samples.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(cancellationToken)).ToDictionary(s => s.Id, s => new Compared(s.Id, SampleTexts.Of(s)));
            foreach (var band in bands)
            {
                known[band.Hash] = [.. known.GetValueOrDefault(band.Hash, []), candidates[band.SampleId]];
            }
        }
        return known;
    }

    private sealed class Compared(long id, string text)
    {
        public long Id { get; } = id;
        public IReadOnlySet<ulong> Grams { get; } = NearDuplicates.Grams(text);
        public IReadOnlyList<long> Keys => field ??= NearDuplicates.Keys(Grams);
    }
}

/// <summary>What of a sample is compared and measured.</summary>
internal static class SampleTexts
{
    /// <summary>The question and the recorded answer: what was said before may be the same in many samples of one conversation.</summary>
    public static string Of(Sample sample) => QuestionOf(Json.Read<List<SampleMessage>>(sample.InputJson), sample.IsScript) + "\n" + sample.RecordedAnswer;

    /// <summary>The last user message, or all of a script.</summary>
    public static string QuestionOf(IReadOnlyList<SampleMessage> input, bool isScript) =>
        isScript ? string.Join('\n', input.Where(m => m.Role == "user").Select(m => m.Content)) : input.LastOrDefault(m => m.Role == "user")?.Content ?? "";

    public static void Measure(Sample sample)
    {
        var question = QuestionOf(Json.Read<List<SampleMessage>>(sample.InputJson), sample.IsScript);
        sample.QuestionLength = question.EnumerateRunes().Count();
        sample.Language = Languages.Of(question.Length > 0 ? question : sample.RecordedAnswer ?? "");
    }
}

using LLMEval.Core.Data;
using LLMEval.Core.Scoring;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labelling;

/// <summary>Which messages people, or judges, or both disagree about. A judge is a metric of a run that passes or fails an answer, where the answer was the message itself.</summary>
internal sealed class Disagreements(IDbContextFactory<LLMEvalDbContext> contexts, ScorerCatalog scorers)
{
    public const string People = "people";
    public const string JudgePeople = "judge-people";
    public const string Judges = "judges";
    private const int Chunk = 500;

    /// <summary>Only those about which there is any disagreement.</summary>
    public async Task<IReadOnlyDictionary<long, Uncertainty>> OfAsync(IEnumerable<long> messageIds, CancellationToken cancellationToken)
    {
        var judges = scorers.All.SelectMany(s => s.Metrics.Where(m => m.PassAt is not null).Select(m => (Scorer: s.Kind, Metric: m))).ToList();
        var metrics = judges.Select(j => j.Metric.Name).Distinct().ToList();
        var found = new Dictionary<long, Uncertainty>();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var ids in messageIds.Chunk(Chunk))
        {
            var people = await db.MessageVerdicts.AsNoTracking().Where(v => ids.Contains(v.MessageId) && v.SettledAt == null)
                .Select(v => new { v.MessageId, v.GoodCount, v.BadCount }).ToDictionaryAsync(v => v.MessageId, cancellationToken);
            var scores = metrics.Count == 0 ? [] : await db.Samples.AsNoTracking().Where(s => s.MessageId != null && ids.Contains(s.MessageId.Value))
                .Join(db.Trials, s => s.Id, t => t.SampleId, (s, t) => new { s, t }).Where(x => x.t.Answer == x.s.RecordedAnswer)
                .Join(db.TrialScores.Where(v => v.Value != null && metrics.Contains(v.Metric)), x => x.t.Id, v => v.TrialId, (x, v) => new { MessageId = x.s.MessageId!.Value, v.Scorer, v.Metric, v.Value })
                .ToListAsync(cancellationToken);
            var byMessage = scores.ToLookup(s => s.MessageId);
            foreach (var id in ids)
            {
                var votes = byMessage[id].GroupBy(s => (s.Scorer, s.Metric)).Select(g => judges.Find(j => j.Scorer == g.Key.Scorer && j.Metric.Name == g.Key.Metric).Metric is { } metric
                    ? g.Average(s => Passes(metric, s.Value!.Value) ? 1.0 : 0) : (double?)null).OfType<double>().ToList();
                var labels = people.GetValueOrDefault(id);
                if (Of(labels is null ? null : labels.GoodCount / (double)(labels.GoodCount + labels.BadCount), votes) is { } uncertainty)
                {
                    found[id] = uncertainty;
                }
            }
        }
        return found;
    }

    /// <param name="people">Share of the people who say good; null without any.</param>
    /// <param name="judges">The same of each judge's judgings.</param>
    internal static Uncertainty? Of(double? people, IReadOnlyList<double> judges)
    {
        List<double> raters = [.. judges];
        if (people is { } share)
        {
            raters.Add(share);
        }
        var good = raters.Count == 0 ? 0 : raters.Average();
        if (good is <= 0 or >= 1)
        {
            return null;
        }
        var reason = people is > 0 and < 1 ? People : people is not null && judges.Any(j => Math.Abs(j - people.Value) > 0.5) ? JudgePeople : Judges;
        return new Uncertainty(-(good * Math.Log2(good)) - ((1 - good) * Math.Log2(1 - good)), reason);
    }

    private static bool Passes(MetricDefinition metric, double value) => metric.HigherIsBetter == false ? value <= metric.PassAt : value >= metric.PassAt;
}

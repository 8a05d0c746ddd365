using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using LLMEval.Core.Scoring;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sampling;

/// <param name="Set">Name, purpose and the like; its rule and source are not looked at.</param>
/// <param name="From">What is drawn from.</param>
public sealed record DrawSetRequest(CreateSetRequest Set, SampleFilter From, SetDraw Draw);

/// <param name="Drawn">Fewer than asked for where there are no more.</param>
public sealed record DrawnSet(long SetId, int Drawn, int PoolSize);

/// <summary>Makes a set of some of the pool, chosen by a rule. The same seed on the same samples chooses the same ones; how it was drawn is kept with the set.</summary>
public sealed class DrawSet(CreateSet create, ScorerCatalog scorers, IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MaxSize = 100_000;

    /// <summary>A draw looks at so many samples at most, the newest: more would not fit into memory beside others' draws.</summary>
    public const int MaxPool = 1_000_000;

    public async Task<Result<DrawnSet>> ExecuteAsync(DrawSetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var draw = request.Draw;
        if (draw.Size is < 1 or > MaxSize)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(draw.Size), 1, MaxSize);
        }
        if (NeedsMetric(draw) && string.IsNullOrWhiteSpace(draw.Metric))
        {
            return Failure.Invalid("MetricMissing", nameof(draw.Metric));
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var pool = await PoolAsync(db, request, actor, cancellationToken);
        if (pool.Failure is { } failure)
        {
            return failure;
        }
        var drawn = SampleDrawing.Draw(draw, pool.Value!);
        if (drawn.Count == 0)
        {
            return Failure.Invalid(draw.Rule == DrawRule.WorstScored ? "NothingScored" : "NothingToDraw", nameof(request.From));
        }
        var created = await create.ExecuteAsync(
            request.Set with { Rule = null, Source = new SetSource(SetSourceKind.Draw) { Filter = request.From, Draw = draw, PoolSize = pool.Value!.Count } }, actor,
            async (own, setId) =>
            {
                await SetWriting.AppendAsync(own, setId, 0, drawn.Select(s => s.Id).ToList(), actor, clock.GetUtcNow().UtcDateTime, cancellationToken);
                await SetWriting.FinishAsync(own, setId, drawn.Select(s => s.BizCode), cancellationToken);
            },
            cancellationToken);
        return created.Failure is { } refused ? refused : new DrawnSet(created.Value, drawn.Count, pool.Value!.Count);
    }

    private static bool NeedsMetric(SetDraw draw) => draw.Rule == DrawRule.WorstScored || draw is { Rule: DrawRule.Stratified, Allocation: DrawAllocation.Neyman };

    private async Task<Result<IReadOnlyList<DrawnSample>>> PoolAsync(LLMEvalDbContext db, DrawSetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        var filtered = db.Filtered(request.From, actor, clock.GetUtcNow().UtcDateTime);
        if (filtered.Failure is { } failure)
        {
            return failure;
        }
        var samples = filtered.Value!.AsNoTracking();
        var read = await samples.OrderByDescending(s => s.Id).Take(MaxPool)
            .Select(s => new DrawnSample(s.Id, s.BizCode, s.RobotId, s.Language) { Verdict = db.MessageVerdicts.Where(v => v.MessageId == s.MessageId).Select(v => v.Verdict).FirstOrDefault() })
            .ToListAsync(cancellationToken);
        if (request.Draw is { Rule: DrawRule.Stratified, Strata: DrawStrata.Tag })
        {
            var node = TagPath.Clean(request.Draw.StrataTag ?? "");
            var (from, to) = TagPath.Below(node);
            var tags = node.Length == 0 ? db.SampleTags.AsNoTracking() : db.SampleTags.AsNoTracking().Where(TagPath.Between(from, to));
            var tagOf = (await samples.Join(tags, s => s.Id, t => t.SampleId, (s, t) => t).ToListAsync(cancellationToken)).ToLookup(t => t.SampleId, t => t.Name);
            // With several branches the first by name decides: a stratum must not overlap another one.
            read = read.ConvertAll(s => s with { Tag = tagOf[s.Id].Select(t => SampleDrawing.Branch(t, node)).Order(StringComparer.Ordinal).FirstOrDefault() });
        }
        if (NeedsMetric(request.Draw))
        {
            var scores = await ScoresAsync(db, samples, request.Draw.Metric!.Trim(), cancellationToken);
            read = read.ConvertAll(s => s with { Score = scores.TryGetValue(s.Id, out var score) ? score : null });
        }
        return read;
    }

    /// <summary>Of each sample, the mean of the metric in the newest run that scored it; of metrics whose high values are bad, with the sign turned, so that low is bad always.</summary>
    private async Task<Dictionary<long, double>> ScoresAsync(LLMEvalDbContext db, IQueryable<Sample> samples, string metric, CancellationToken cancellationToken)
    {
        var scored = await db.Trials.AsNoTracking().Where(t => samples.Any(s => s.Id == t.SampleId))
            .Join(db.TrialScores.Where(s => s.Metric == metric && s.Value != null), t => t.Id, s => s.TrialId, (t, s) => new { t.SampleId, t.RunId, s.Scorer, s.Value })
            .GroupBy(x => new { x.SampleId, x.RunId, x.Scorer }).Select(g => new { g.Key.SampleId, g.Key.RunId, g.Key.Scorer, Mean = g.Average(x => x.Value!.Value) }).ToListAsync(cancellationToken);
        return scored.GroupBy(s => s.SampleId).ToDictionary(g => g.Key, g =>
        {
            var newest = g.MaxBy(s => s.RunId)!;
            return scorers.Metric(newest.Scorer, metric)?.HigherIsBetter == false ? -newest.Mean : newest.Mean;
        });
    }
}

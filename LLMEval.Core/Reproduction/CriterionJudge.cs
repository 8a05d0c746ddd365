using System.Text.RegularExpressions;
using LLMEval.Core.Common;
using LLMEval.Core.Runs;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

internal sealed record Judgement(GenerationVerdict Verdict, double? Score = null, IReadOnlyList<GenerationScore>? Scores = null, JudgeTrace? Judge = null);

/// <summary>Tells whether a new answer has the old badness. Undecided where a person decides, where nothing was answered, and where the metric has no value.</summary>
internal sealed class CriterionJudge
{
    private readonly Criterion _criterion;
    private readonly ReproductionCase _case;
    private readonly TrialExecutor _executor;
    private readonly NamedScorer? _scorer;
    private readonly MetricDefinition? _metric;
    private readonly Regex? _pattern;
    private readonly ModelJudge? _judge;

    /// <param name="judge">Of <see cref="CriterionKind.Judge"/>: what is asked.</param>
    public CriterionJudge(Criterion criterion, ReproductionCase frozen, ScorerCatalog scorers, TrialExecutor executor, IChatTarget? judge)
    {
        (_criterion, _case, _executor) = (criterion, frozen, executor);
        if (criterion is { Kind: CriterionKind.SimilarToRecorded or CriterionKind.Scorer, Metric: { } kind })
        {
            var spec = scorers.Specify(kind, criterion.Options).Value ?? throw new InvalidOperationException($"The criterion's scorer {kind} cannot be made.");
            _scorer = new NamedScorer(kind, scorers.Create(spec).Value!);
            var metrics = _scorer.Scorer.Descriptor.Metrics;
            _metric = metrics.FirstOrDefault(m => m.Name == criterion.MetricName) ?? metrics[0];
        }
        _pattern = criterion.Pattern is { } pattern ? Criterion.Compile(pattern) : null;
        _judge = judge is null ? null : new ModelJudge(judge, executor);
    }

    public async Task<Judgement> JudgeAsync(TargetReply reply, int seed, CancellationToken cancellationToken)
    {
        if (reply.Status != ReplyStatus.Answered)
        {
            return new Judgement(GenerationVerdict.Undecided);
        }
        var text = reply.Text ?? "";
        switch (_criterion.Kind)
        {
            case CriterionKind.SimilarToRecorded:
                return await ScoreAsync([_case.Turn.Recorded?.Text ?? ""], text, value => value >= _criterion.Threshold, cancellationToken);
            case CriterionKind.Scorer:
                return await ScoreAsync(_case.References, text, IsBad, cancellationToken);
            case CriterionKind.Contains:
                return new Judgement(Of(_criterion.Any!.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase))));
            case CriterionKind.Regex:
                return new Judgement(Of(_pattern!.IsMatch(text)));
            case CriterionKind.Judge:
                var (verdict, trace) = await _judge!.JudgeAsync(_case, _criterion.Rubric!, text, seed, cancellationToken);
                return new Judgement(verdict, Judge: trace);
            default:
                return new Judgement(GenerationVerdict.Undecided);
        }
    }

    private bool IsBad(double value) => _metric!.HigherIsBetter switch
    {
        true => value < _criterion.Threshold,
        false => value > _criterion.Threshold,
        null => value >= _criterion.Threshold,
    };

    private async Task<Judgement> ScoreAsync(IReadOnlyList<string> references, string text, Func<double, bool> isBad, CancellationToken cancellationToken)
    {
        var scores = await _executor.ScoreAsync([_scorer!], TrialExecutor.CaseOf(_case.Turn, references, text), cancellationToken);
        var stored = scores.Select(s => new GenerationScore(s.Scorer, s.Score.Metric, s.Score.Value, s.Score.Explanation is { } said ? Preview.Of(said) : null, s.Score.UnscoredBecause)).ToList();
        var value = scores.First(s => s.Score.Metric == _metric!.Name).Score.Value;
        return new Judgement(value is { } known ? Of(isBad(known)) : GenerationVerdict.Undecided, value, stored);
    }

    private static GenerationVerdict Of(bool isBad) => isBad ? GenerationVerdict.Bad : GenerationVerdict.Good;
}

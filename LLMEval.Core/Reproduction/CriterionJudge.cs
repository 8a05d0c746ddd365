using LLMEval.Core.Runs;
using LLMEval.Core.Scoring;
using LLMEval.Core.Targets;

namespace LLMEval.Core.Reproduction;

/// <summary>Tells whether a new answer has the old badness. Undecided where a person decides, where nothing was answered, and where the metric has no value.</summary>
internal sealed class CriterionJudge
{
    private readonly Criterion _criterion;
    private readonly Turn _turn;
    private readonly TrialExecutor _executor;
    private readonly List<NamedScorer> _scorer = [];

    public CriterionJudge(Criterion criterion, Turn turn, ScorerCatalog scorers, TrialExecutor executor)
    {
        (_criterion, _turn, _executor) = (criterion, turn, executor);
        if (criterion is { Kind: CriterionKind.SimilarToRecorded, Metric: { } metric })
        {
            var spec = scorers.Specify(metric, null).Value ?? throw new InvalidOperationException($"The criterion's scorer {metric} cannot be made.");
            _scorer.Add(new NamedScorer(metric, scorers.Create(spec).Value!));
        }
    }

    public async Task<(GenerationVerdict Verdict, double? Score)> JudgeAsync(TargetReply reply, CancellationToken cancellationToken)
    {
        if (reply.Status != ReplyStatus.Answered)
        {
            return (GenerationVerdict.Undecided, null);
        }
        var text = reply.Text ?? "";
        switch (_criterion.Kind)
        {
            case CriterionKind.SimilarToRecorded:
                var scores = await _executor.ScoreAsync(_scorer, TrialExecutor.CaseOf(_turn, [_turn.Recorded?.Text ?? ""], text), cancellationToken);
                var score = scores[0].Score.Value;
                return (score is null ? GenerationVerdict.Undecided : Of(score >= _criterion.Threshold), score);
            case CriterionKind.Contains:
                return (Of(_criterion.Any!.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase))), null);
            default:
                return (GenerationVerdict.Undecided, null);
        }
    }

    private static GenerationVerdict Of(bool isBad) => isBad ? GenerationVerdict.Bad : GenerationVerdict.Good;
}

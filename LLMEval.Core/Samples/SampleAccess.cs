using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;

namespace LLMEval.Core.Samples;

/// <summary>Which samples an actor may see: those of their business lines, and those of none.</summary>
public static class SampleAccess
{
    /// <summary>Also those that were taken out of the pool: what was made with them outlives it.</summary>
    public static IQueryable<Sample> VisibleSamplesEvenRemoved(this LLMEvalDbContext db, Actor actor) =>
        actor.BizCodes is { } codes ? db.Samples.Where(s => s.BizCode == "" || codes.Contains(s.BizCode)) : db.Samples;

    public static IQueryable<Sample> VisibleSamples(this LLMEvalDbContext db, Actor actor) => db.VisibleSamplesEvenRemoved(actor).Where(s => s.RemovedAt == null);

    /// <summary>The visible samples that the filter finds; a refusal where its tags cannot be read.</summary>
    internal static Result<IQueryable<Sample>> Filtered(this LLMEvalDbContext db, SampleFilter filter, Actor actor, DateTime utcNow)
    {
        var parsed = TagExpression.Parse(filter.Tags);
        if (parsed.Failure is { } failure)
        {
            return failure;
        }
        var samples = db.VisibleSamples(actor);
        samples = parsed.Value is { } tags ? samples.Where(tags.Predicate(db)) : samples;
        samples = filter.BizCodes.Count > 0 ? samples.Where(s => filter.BizCodes.Contains(s.BizCode)) : samples;
        samples = filter.RobotIds.Count > 0 ? samples.Where(s => filter.RobotIds.Contains(s.RobotId)) : samples;
        samples = filter.Origins.Count > 0 ? samples.Where(s => filter.Origins.Contains(s.Origin)) : samples;
        samples = filter.Languages.Count > 0 ? samples.Where(s => filter.Languages.Contains(s.Language)) : samples;
        samples = filter.HasReference is { } has ? samples.Where(s => s.ReferenceCount > 0 == has) : samples;
        samples = filter.MinLength is { } min ? samples.Where(s => s.QuestionLength >= min) : samples;
        samples = filter.MaxLength is { } max ? samples.Where(s => s.QuestionLength <= max) : samples;
        samples = filter.AddedBy.Count > 0 ? samples.Where(s => filter.AddedBy.Contains(s.CreatedByName)) : samples;
        samples = filter.SetId is { } setId ? samples.Where(s => db.SetItems.Any(i => i.SetId == setId && i.SampleId == s.Id)) : samples;
        if (filter.Added != TimeRange.Everything)
        {
            var (from, to) = filter.Added.Resolve(utcNow);
            samples = samples.Where(s => s.CreatedAt >= from && s.CreatedAt < to);
        }
        if (filter.Text?.Trim() is { Length: > 0 } text)
        {
            samples = samples.Where(s => s.InputPreview.Contains(text) || s.AnswerPreview.Contains(text));
        }
        samples = filter.Duplicates switch
        {
            DuplicateState.OnlyFirst => samples.Where(s => s.DuplicateOfId == null),
            DuplicateState.OnlyDuplicates => samples.Where(s => s.DuplicateOfId != null),
            _ => samples,
        };
        samples = filter.Label switch
        {
            LabelState.Unlabelled => samples.Where(s => !db.MessageVerdicts.Any(v => v.MessageId == s.MessageId)),
            LabelState.Good => samples.Where(s => db.MessageVerdicts.Any(v => v.MessageId == s.MessageId && v.Verdict == Labels.Verdict.Good)),
            LabelState.Bad => samples.Where(s => db.MessageVerdicts.Any(v => v.MessageId == s.MessageId && v.Verdict == Labels.Verdict.Bad)),
            LabelState.Disputed => samples.Where(s => db.MessageVerdicts.Any(v => v.MessageId == s.MessageId && v.IsDisputed)),
            _ => samples,
        };
        return new Result<IQueryable<Sample>>(samples, null);
    }
}

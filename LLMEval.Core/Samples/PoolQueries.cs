using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="DuplicateOfId">The first sample that says nearly the same, with <paramref name="Similarity"/> 0 to 1.</param>
/// <param name="Verdict">What counts of its labels; null also where it has none or people disagree.</param>
public sealed record PoolRow(
    long Id, string BizCode, string RobotId, SampleOrigin Origin, string? OriginName, long? MessageId, string InputPreview, string AnswerPreview, int ReferenceCount, bool HasExpectedBehaviour, bool IsScript,
    string Language, int QuestionLength, long? DuplicateOfId, double? Similarity, DateTime CreatedAt, string CreatedByName, Verdict? Verdict, IReadOnlyList<string> Tags, int SetCount);

/// <summary>A tag with how many samples carry exactly it.</summary>
public sealed record TagCount(string Name, int Count);

/// <summary>What filters of the pool offer to choose from.</summary>
public sealed record PoolFacets(IReadOnlyList<string> RobotIds, IReadOnlyList<string> BizCodes, IReadOnlyList<string> People, IReadOnlyList<TagCount> Tags);

/// <summary>The pool of samples, newest first.</summary>
public sealed class PoolQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    private const int MostFacets = 500;
    private const int MostTags = 5000;

    public async Task<Result<Page<PoolRow>>> PageAsync(SampleFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return Page<PoolRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var filtered = db.Filtered(filter, actor, clock.GetUtcNow().UtcDateTime);
        if (filtered.Failure is { } failure)
        {
            return failure;
        }
        var samples = filtered.Value!.AsNoTracking();
        var descending = page.Descending != page.IsBackward;
        if ((page.Before ?? page.After) is { Id: var edge })
        {
            samples = descending ? samples.Where(s => s.Id < edge) : samples.Where(s => s.Id > edge);
        }
        var ordered = descending ? samples.OrderByDescending(s => s.Id) : samples.OrderBy(s => s.Id);
        var read = await ordered.Take(page.Limit + 1).Select(s => new PoolRow(
                s.Id, s.BizCode, s.RobotId, s.Origin, s.OriginName, s.MessageId, s.InputPreview, s.AnswerPreview, s.ReferenceCount, s.ExpectedBehaviour != null, s.IsScript, s.Language, s.QuestionLength,
                s.DuplicateOfId, s.Similarity, s.CreatedAt, s.CreatedByName, null, new List<string>(), 0))
            .ToListAsync(cancellationToken);
        var ids = read.ConvertAll(r => r.Id);
        var messageIds = read.Where(r => r.MessageId != null).Select(r => r.MessageId!.Value).ToList();
        var tags = (await db.SampleTags.AsNoTracking().Where(t => ids.Contains(t.SampleId)).OrderBy(t => t.Name).ToListAsync(cancellationToken)).ToLookup(t => t.SampleId, t => t.Name);
        var verdicts = await db.MessageVerdicts.AsNoTracking().Where(v => messageIds.Contains(v.MessageId)).ToDictionaryAsync(v => v.MessageId, v => v.Verdict, cancellationToken);
        var sets = (await db.SetItems.AsNoTracking().Where(i => ids.Contains(i.SampleId) && db.VisibleSets(actor).Any(s => s.Id == i.SetId))
            .GroupBy(i => i.SampleId).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken)).ToDictionary(g => g.Key, g => g.Count);
        var rows = read.ConvertAll(r => r with
        {
            Tags = [.. tags[r.Id]],
            Verdict = r.MessageId is { } messageId ? verdicts.GetValueOrDefault(messageId) : null,
            SetCount = sets.GetValueOrDefault(r.Id),
        });
        return Page.Of(rows, page, row => Cursor.At(row.Id, row.Id));
    }

    /// <summary>Counted up to one more than <see cref="Page.CountCap"/>, unless all are asked for.</summary>
    public async Task<Result<int>> CountAsync(SampleFilter filter, Actor actor, CancellationToken cancellationToken, bool all = false)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return 0;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var filtered = db.Filtered(filter, actor, clock.GetUtcNow().UtcDateTime);
        return filtered.Failure is { } failure ? failure : await (all ? filtered.Value! : filtered.Value!.Take(Page.CountCap + 1)).CountAsync(cancellationToken);
    }

    public async Task<PoolFacets> FacetsAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return new PoolFacets([], [], [], []);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var samples = db.VisibleSamples(actor).AsNoTracking();
        return new PoolFacets(
            await samples.Where(s => s.RobotId != "").Select(s => s.RobotId).Distinct().OrderBy(r => r).Take(MostFacets).ToListAsync(cancellationToken),
            await samples.Where(s => s.BizCode != "").Select(s => s.BizCode).Distinct().OrderBy(c => c).Take(MostFacets).ToListAsync(cancellationToken),
            await samples.Where(s => s.CreatedByName != "").Select(s => s.CreatedByName).Distinct().OrderBy(n => n).Take(MostFacets).ToListAsync(cancellationToken),
            await db.SampleTags.AsNoTracking().Where(t => samples.Any(s => s.Id == t.SampleId)).GroupBy(t => t.Name).Select(g => new { g.Key, Count = g.Count() })
                .OrderBy(g => g.Key).Take(MostTags).Select(g => new TagCount(g.Key, g.Count)).ToListAsync(cancellationToken));
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

/// <summary>A label as pages show it.</summary>
public sealed record LabelRow(
    long MessageId, long AnnotatorId, string AnnotatorName, Verdict Verdict, double? Score, string? GroundTruth, string? Prediction,
    IReadOnlyList<string> Tags, string? Comment, DateTime UpdatedAt, int Version, ScoreScale Scale = ScoreScale.ZeroToTen)
{
    internal static LabelRow Of(Label label) => new(
        label.MessageId, label.AnnotatorId, label.AnnotatorName, label.Verdict, label.Score, label.GroundTruth, label.Prediction,
        [.. label.Tags.Select(t => t.Name).Order(StringComparer.Ordinal)], label.Comment, label.UpdatedAt, label.Version, label.Scale);
}

public sealed record LabelRevisionRow(DateTime At, string ActorName, LabelRow? Before, LabelRow? After);

public sealed class LabelQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>All labels of the messages, by message, oldest first. At most <see cref="PageRequest.MaxTake"/> messages are looked at.</summary>
    public async Task<ILookup<long, LabelRow>> OfMessagesAsync(IReadOnlyList<long> messageIds, Actor actor, CancellationToken cancellationToken)
    {
        if (messageIds.Count == 0 || !actor.May(Permissions.SessionsView))
        {
            return Array.Empty<LabelRow>().ToLookup(l => l.MessageId);
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = messageIds.Take(PageRequest.MaxTake).ToList();
        var labels = await db.VisibleLabels(actor).Where(l => ids.Contains(l.MessageId)).OrderBy(l => l.CreatedAt).ThenBy(l => l.Id)
            .Include(l => l.Tags).AsSplitQuery().ToListAsync(cancellationToken);
        return labels.Select(LabelRow.Of).ToLookup(l => l.MessageId);
    }

    /// <summary>Every change of a message's labels, newest first, 100 at most.</summary>
    public async Task<IReadOnlyList<LabelRevisionRow>> HistoryAsync(long messageId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!actor.May(Permissions.SessionsView) || await db.FindOwnerAsync(messageId, actor, cancellationToken) is null)
        {
            return [];
        }
        var rows = await db.LabelRevisions.AsNoTracking().Where(r => r.MessageId == messageId)
            .OrderByDescending(r => r.At).ThenByDescending(r => r.Id).Take(100).ToListAsync(cancellationToken);
        return [.. rows.Select(r => new LabelRevisionRow(r.At, r.ActorName, Read(r.BeforeJson), Read(r.AfterJson)))];
    }

    /// <summary>The tags used on labels, most used first.</summary>
    public async Task<IReadOnlyList<string>> TagsAsync(int take, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SessionsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.LabelTags.AsNoTracking().Where(t => db.VisibleLabels(actor).Any(l => l.Id == t.LabelId))
            .GroupBy(t => t.Name).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Take(take).Select(g => g.Key).ToListAsync(cancellationToken);
    }

    private static LabelRow? Read(string? json) => json is null ? null : Json.Read<LabelRow>(json);
}

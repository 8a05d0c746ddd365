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

/// <param name="Verdict">Null on a tie.</param>
public sealed record VerdictRow(Verdict? Verdict, VerdictSource Source, int GoodCount, int BadCount, bool IsDisputed, double? SettledScore, string? SettledGroundTruth, string? SettledByName, DateTime? SettledAt);

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

    /// <summary>Our id of the message that the source calls so; null when it is not there or not for this actor.</summary>
    public async Task<long?> FindMessageAsync(string bizCode, string sessionId, string msgId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.FindMessageIdAsync(bizCode, sessionId, msgId, actor, cancellationToken);
    }

    /// <summary>What counts of a message: settled, or of the majority. Null when nobody labelled it.</summary>
    public async Task<VerdictRow?> VerdictAsync(long messageId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return !actor.May(Permissions.SessionsView) ? null : await db.MessageVerdicts.AsNoTracking().Visible(actor).Where(v => v.MessageId == messageId)
            .Select(v => new VerdictRow(v.Verdict, v.Source, v.GoodCount, v.BadCount, v.IsDisputed, v.SettledScore, v.SettledGroundTruth, v.SettledByName, v.SettledAt)).FirstOrDefaultAsync(cancellationToken);
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

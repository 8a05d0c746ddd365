using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Exports;

/// <summary>A label with what names its message and its annotator outside. A file line of the shape <see cref="LabelFormat.Jsonl"/>, as it stands.</summary>
/// <param name="CreatedAt">Of tools that tell both times.</param>
/// <param name="Scale">Null without a score, since it says nothing then.</param>
/// <param name="Settled">What an adjudicator said of the message.</param>
internal sealed record ExportedLabel(
    string BizCode, string SessionId, string MsgId, string Annotator, string Verdict, double? Score, string? Scale, string? GroundTruth, string? Prediction,
    IReadOnlyList<string> Tags, string? Comment, [property: JsonIgnore] DateTimeOffset CreatedAt, DateTimeOffset LabelledAt, string? Settled);

/// <summary>Reads the labels of an export page by page: what it holds does not grow with what there is.</summary>
internal sealed class ExportedLabels(IDbContextFactory<LLMEvalDbContext> contexts, LabelExport export, Actor actor)
{
    private const int PageOfMessages = 100;

    /// <summary>In the order in which they were first stored.</summary>
    public async IAsyncEnumerable<ExportedLabel> OneByOneAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        while (true)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var labels = await Of(db).Where(l => l.Id > after).OrderBy(l => l.Id).Take(PageRequest.MaxTake).Include(l => l.Tags).AsSplitQuery().ToListAsync(cancellationToken);
            if (labels.Count == 0)
            {
                yield break;
            }
            foreach (var label in await NamedAsync(db, labels, cancellationToken))
            {
                yield return label;
            }
            after = labels[^1].Id;
        }
    }

    /// <summary>The labelled messages in the order of their ids, each page with the labels of each message, oldest first.</summary>
    public async IAsyncEnumerable<IReadOnlyList<(long MessageId, IReadOnlyList<ExportedLabel> Labels)>> ByMessageAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        while (true)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var ids = await Of(db).Where(l => l.MessageId > after).Select(l => l.MessageId).Distinct().OrderBy(id => id).Take(PageOfMessages).ToListAsync(cancellationToken);
            if (ids.Count == 0)
            {
                yield break;
            }
            var labels = await Of(db).Where(l => ids.Contains(l.MessageId)).OrderBy(l => l.MessageId).ThenBy(l => l.Id).Include(l => l.Tags).AsSplitQuery().ToListAsync(cancellationToken);
            var named = await NamedAsync(db, labels, cancellationToken);
            yield return [.. labels.Zip(named).GroupBy(p => p.First.MessageId, p => p.Second).Select(g => (g.Key, (IReadOnlyList<ExportedLabel>)[.. g]))];
            after = ids[^1];
        }
    }

    private IQueryable<Label> Of(LLMEvalDbContext db) => export.QueueId is { } queueId
        ? db.VisibleLabels(actor).Where(l => db.QueueItems.Any(i => i.QueueId == queueId && i.MessageId == l.MessageId))
        : db.VisibleLabels(actor);

    private async Task<List<ExportedLabel>> NamedAsync(LLMEvalDbContext db, List<Label> labels, CancellationToken cancellationToken)
    {
        var ids = labels.Select(l => l.MessageId).Distinct().ToList();
        var messages = await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).Join(db.Sessions, m => m.SessionId, s => s.Id, (m, s) => new { m.Id, m.BizCode, SessionId = s.ExternalId, MsgId = m.ExternalId })
            .ToDictionaryAsync(m => m.Id, cancellationToken);
        var settled = await db.MessageVerdicts.AsNoTracking().Where(v => ids.Contains(v.MessageId) && v.SettledAt != null).ToDictionaryAsync(v => v.MessageId, v => v.Verdict, cancellationToken);
        var names = await AnnotatorNames.OfAsync(db, labels, cancellationToken);
        return [.. labels.Select(l =>
        {
            var message = messages[l.MessageId];
            return new ExportedLabel(
                message.BizCode, message.SessionId, message.MsgId, names.Of(l), l.Verdict.Word(), l.Score, l.Score is null ? null : l.Scale.Word(), l.GroundTruth, l.Prediction,
                [.. l.Tags.Select(t => t.Name).Order(StringComparer.Ordinal)], l.Comment, InZone(l.CreatedAt), InZone(l.UpdatedAt), settled.GetValueOrDefault(l.MessageId)?.Word());
        })];
    }

    private DateTimeOffset InZone(DateTime utc) => TimeZoneInfo.ConvertTime(new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)), export.Zone);
}

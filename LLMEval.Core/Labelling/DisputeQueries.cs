using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labelling;

/// <summary>Open: people say both and nobody has settled it.</summary>
public enum DisputeState { Open, Settled }

public sealed record DisputeFilter(DisputeState State = DisputeState.Open, long? QueueId = null);

/// <param name="ChangedAt">When the latest label was given, or when it was settled.</param>
public sealed record DisputeRow(
    long MessageId, long SessionId, string BizCode, string RobotId, string Preview, int GoodCount, int BadCount, Verdict? Verdict, SettlementReason? Reason, string? SettledByName, DateTime ChangedAt);

/// <param name="Version">To be named when settling.</param>
public sealed record DisputeDetail(
    JudgedMessage Message, IReadOnlyList<LabelRow> Labels, LabelForm Form, Verdict? Verdict, VerdictSource Source, double? Confidence, double? SettledScore, string? SettledGroundTruth, SettlementReason? Reason, string? SettledComment,
    string? SettledByName, DateTime? SettledAt, int Version);

/// <summary>Messages that people judged differently.</summary>
public sealed class DisputeQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>Latest first.</summary>
    public async Task<Page<DisputeRow>> PageAsync(DisputeFilter filter, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.LabelsAdjudicate))
        {
            return Page<DisputeRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var verdicts = db.MessageVerdicts.AsNoTracking().Visible(actor);
        verdicts = filter.State == DisputeState.Open ? verdicts.Where(v => v.IsDisputed) : verdicts.Where(v => v.SettledAt != null);
        if (filter.QueueId is { } queueId)
        {
            verdicts = verdicts.Where(v => db.QueueItems.Any(i => i.QueueId == queueId && i.MessageId == v.MessageId));
        }
        var total = await verdicts.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var isOpen = filter.State == DisputeState.Open;
        var descending = !page.IsBackward;
        if ((page.Before ?? page.After) is { Instant: { } instant, Id: var id })
        {
            verdicts = isOpen ? verdicts.Past(v => v.ChangedAt, v => v.MessageId, instant, id, descending) : verdicts.Past(v => v.SettledAt!.Value, v => v.MessageId, instant, id, descending);
        }
        var ordered = isOpen ? verdicts.InOrder(v => v.ChangedAt, v => v.MessageId, descending) : verdicts.InOrder(v => v.SettledAt!.Value, v => v.MessageId, descending);
        var read = await ordered.Take(page.Limit + 1)
            .Select(v => new { v.MessageId, v.SessionId, v.BizCode, v.GoodCount, v.BadCount, v.Verdict, v.Reason, v.SettledByName, At = isOpen ? v.ChangedAt : v.SettledAt!.Value }).ToListAsync(cancellationToken);
        var ids = read.Select(v => v.MessageId).ToList();
        var messages = await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).Select(m => new { m.Id, m.RobotId, m.Preview }).ToDictionaryAsync(m => m.Id, cancellationToken);
        var rows = read.ConvertAll(v => new DisputeRow(v.MessageId, v.SessionId, v.BizCode, messages[v.MessageId].RobotId, messages[v.MessageId].Preview, v.GoodCount, v.BadCount, v.Verdict, v.Reason, v.SettledByName, v.At));
        return Page.Of(rows, page, row => Cursor.At(row.ChangedAt, row.MessageId), total);
    }

    /// <summary>Null when nobody labelled it, or it is not for this actor.</summary>
    public async Task<DisputeDetail?> DetailAsync(long messageId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.LabelsAdjudicate))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var verdict = await db.MessageVerdicts.AsNoTracking().Visible(actor).FirstOrDefaultAsync(v => v.MessageId == messageId, cancellationToken);
        if (verdict is null || await WorkQueries.MessageAsync(db, messageId, actor, cancellationToken) is not { } message)
        {
            return null;
        }
        var form = new LabelForm(await LabelWriting.ScaleOfAsync(db, message.BizCode, cancellationToken), await LabelSettings.IssuesAsync(db, cancellationToken), message.Answer);
        return new DisputeDetail(
            message, await WorkQueries.LabelsAsync(db, messageId, cancellationToken), form, verdict.Verdict, verdict.Source, verdict.Confidence, verdict.SettledScore, verdict.SettledGroundTruth, verdict.Reason, verdict.SettledComment,
            verdict.SettledByName, verdict.SettledAt, verdict.SettledVersion);
    }
}

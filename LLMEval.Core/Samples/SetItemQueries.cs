using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>One message of a set.</summary>
/// <param name="ItemId">0 in a frozen version, whose items cannot be removed.</param>
/// <param name="SessionId">Null where the message is gone since.</param>
public sealed record SetItemRow(
    long ItemId, long SampleId, int Position, long? MessageId, string? MessageExternalId, long? SessionId, string? SessionExternalId, string BizCode, string RobotId, string UserId,
    DateTime? AnsweredAt, string InputPreview, string AnswerPreview, int ReferenceCount, IReadOnlyList<string> Tags, DateTime? AddedAt, string? AddedByName)
{
    /// <summary>From 1, without gaps.</summary>
    public int Number { get; init; }
    public bool IsScript { get; init; }
    public bool HasExpectedBehaviour { get; init; }
}

/// <summary>Which sets a message is in.</summary>
public sealed record SetOfMessage(long SetId, string Name);

/// <summary>What is in sets, message by message.</summary>
public sealed class SetItemQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    /// <summary>In the set's own order, as it is now.</summary>
    public async Task<Page<SetItemRow>> OfSetAsync(long setId, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (!actor.May(Permissions.SetsView) || !await db.VisibleSets(actor).AnyAsync(s => s.Id == setId, cancellationToken))
        {
            return Page<SetItemRow>.Empty;
        }
        var items = db.SetItems.AsNoTracking().Where(i => i.SetId == setId);
        var total = await items.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        if ((page.Before ?? page.After) is { Number: { } position, Id: var id })
        {
            items = items.Past(i => i.Position, i => i.Id, (int)position, id, page.IsBackward);
        }
        var read = await items.InOrder(i => i.Position, i => i.Id, page.IsBackward).Take(page.Limit + 1)
            .Select(i => new ItemKey(i.Id, i.SampleId, i.Position, i.AddedAt, i.AddedByName)).ToListAsync(cancellationToken);
        var found = Page.Of(read, page, item => Cursor.At((long)item.Position, item.ItemId), total);
        var before = found.Items is [var first, ..] ? await SetNumbers.BeforeAsync(db.SetItems.Where(i => i.SetId == setId).Select(i => i.Position), first.Position, cancellationToken) : 0;
        return await FilledAsync(db, found, index => before + index + 1, cancellationToken);
    }

    /// <summary>As frozen in a version, in its order.</summary>
    public async Task<Page<SetItemRow>> OfVersionAsync(long setId, int number, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var version = await db.SetVersions.AsNoTracking().Where(v => v.SetId == setId && v.Number == number && db.VisibleSetsEvenDeleted(actor).Any(s => s.Id == v.SetId))
            .Select(v => new { v.Id, v.ItemCount }).FirstOrDefaultAsync(cancellationToken);
        if (version is null || !actor.May(Permissions.SetsView))
        {
            return Page<SetItemRow>.Empty;
        }
        var items = db.SetVersionItems.AsNoTracking().Where(i => i.SetVersionId == version.Id);
        if ((page.Before ?? page.After) is { Number: { } position })
        {
            items = page.IsBackward ? items.Where(i => i.Position < position) : items.Where(i => i.Position > position);
        }
        var ordered = page.IsBackward ? items.OrderByDescending(i => i.Position) : items.OrderBy(i => i.Position);
        var read = await ordered.Take(page.Limit + 1).Select(i => new ItemKey(0, i.SampleId, i.Position, null, null)).ToListAsync(cancellationToken);
        var found = Page.Of(read, page, item => Cursor.At((long)item.Position, 0), version.ItemCount);
        // A version has no gaps.
        return await FilledAsync(db, found, index => found.Items[index].Position + 1, cancellationToken);
    }

    /// <summary>For each of the messages that is in a visible set: those sets.</summary>
    public async Task<ILookup<long, SetOfMessage>> OfMessagesAsync(IReadOnlyCollection<long> messageIds, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.VisibleSamplesEvenRemoved(actor).AsNoTracking().Where(s => s.MessageId != null && messageIds.Contains(s.MessageId.Value))
            .Join(db.SetItems, s => s.Id, i => i.SampleId, (s, i) => new { s.MessageId, i.SetId })
            .Join(db.VisibleSets(actor), x => x.SetId, s => s.Id, (x, s) => new { x.MessageId, s.Id, s.Name })
            .OrderBy(x => x.Name).ThenBy(x => x.Id).ToListAsync(cancellationToken);
        return found.ToLookup(x => x.MessageId!.Value, x => new SetOfMessage(x.Id, x.Name));
    }

    /// <summary>The items of the set, as it is now, that hold samples of the message.</summary>
    public async Task<IReadOnlyList<long>> ItemsOfAsync(long setId, long messageId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.SetItems.AsNoTracking().Where(i => i.SetId == setId && db.Samples.Any(s => s.Id == i.SampleId && s.MessageId == messageId) && db.VisibleSets(actor).Any(s => s.Id == setId))
            .Select(i => i.Id).ToListAsync(cancellationToken);
    }

    /// <summary>The item of the set, as it is now, that holds the sample; null where none does.</summary>
    public async Task<long?> ItemOfAsync(long setId, long sampleId, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.SetItems.AsNoTracking().Where(i => i.SetId == setId && i.SampleId == sampleId && db.VisibleSets(actor).Any(s => s.Id == setId)).Select(i => (long?)i.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private sealed record ItemKey(long ItemId, long SampleId, int Position, DateTime? AddedAt, string? AddedByName);

    private static async Task<Page<SetItemRow>> FilledAsync(LLMEvalDbContext db, Page<ItemKey> keys, Func<int, int> numberOf, CancellationToken cancellationToken)
    {
        var sampleIds = keys.Items.Select(i => i.SampleId).ToList();
        var samples = await db.Samples.AsNoTracking().Where(s => sampleIds.Contains(s.Id))
            .Select(s => new { s.Id, s.MessageId, s.BizCode, s.RobotId, s.UserId, s.AnsweredAt, s.InputPreview, s.AnswerPreview, s.ReferenceCount, s.IsScript, HasExpectedBehaviour = s.ExpectedBehaviour != null })
            .ToDictionaryAsync(s => s.Id, cancellationToken);
        var messageIds = samples.Values.Where(s => s.MessageId is not null).Select(s => s.MessageId!.Value).ToList();
        var messages = await db.Messages.AsNoTracking().Where(m => messageIds.Contains(m.Id))
            .Join(db.Sessions, m => m.SessionId, s => s.Id, (m, s) => new { m.Id, m.ExternalId, m.SessionId, SessionExternalId = s.ExternalId })
            .ToDictionaryAsync(m => m.Id, cancellationToken);
        var tags = (await db.SampleTags.AsNoTracking().Where(t => sampleIds.Contains(t.SampleId)).OrderBy(t => t.Name).ToListAsync(cancellationToken)).ToLookup(t => t.SampleId, t => t.Name);
        var rows = keys.Items.Select((item, index) =>
        {
            var sample = samples[item.SampleId];
            var message = sample.MessageId is { } messageId ? messages.GetValueOrDefault(messageId) : null;
            return new SetItemRow(
                item.ItemId, item.SampleId, item.Position, message?.Id, message?.ExternalId, message?.SessionId, message?.SessionExternalId, sample.BizCode, sample.RobotId, sample.UserId,
                sample.AnsweredAt, sample.InputPreview, sample.AnswerPreview, sample.ReferenceCount,
                [.. tags[item.SampleId]], item.AddedAt, item.AddedByName)
            {
                Number = numberOf(index),
                IsScript = sample.IsScript,
                HasExpectedBehaviour = sample.HasExpectedBehaviour,
            };
        }).ToList();
        return new Page<SetItemRow>(rows, keys.Next, keys.Previous, keys.Total, keys.TotalIsCapped);
    }
}

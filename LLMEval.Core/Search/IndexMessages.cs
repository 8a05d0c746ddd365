using System.Data;
using System.Linq.Expressions;
using LLMEval.Core.Data;
using LLMEval.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace LLMEval.Core.Search;

/// <summary>
/// Takes changed messages up into the search index, a segment at a time, and joins small segments. Any number of nodes may call it at once: a segment and the end of its changes are one
/// transaction, and whoever comes second rolls back. Until then a search reads the changed messages themselves, so nothing is ever unfindable.
/// </summary>
public sealed class IndexMessages(IDbContextFactory<LLMEvalDbContext> contexts, ILogger<IndexMessages> logger)
{
    /// <summary>Fewer changed messages than these are left to the searches, which read them in a few milliseconds: a segment of each handful would cost every search more.</summary>
    public const int WorthASegment = 8192;

    private const int TooManySmall = 16;
    private const int MostChanges = 5000;

    private static readonly Expression<Func<Message, IndexedMessage>> Indexed =
        m => new IndexedMessage(m.Id, m.SessionId, m.ExternalId, m.BizCode, m.RobotId, m.UserId, m.SenderType, m.Content, m.SentAt);

    /// <summary>Indexes until less than <paramref name="leave"/> changed messages are left; answers how many messages were indexed.</summary>
    public async Task<long> ExecuteAsync(int leave, CancellationToken cancellationToken)
    {
        var indexed = 0L;
        while (await NextSegmentAsync(Math.Max(1, leave), cancellationToken) is { } count)
        {
            indexed += count;
            cancellationToken.ThrowIfCancellationRequested();
        }
        while (await JoinSmallAsync(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
        return indexed;
    }

    private async Task<int?> NextSegmentAsync(int leave, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var changes = await db.MessageChanges.AsNoTracking().OrderBy(c => c.Id).Take(MostChanges).ToListAsync(cancellationToken);
        var ranges = IdRanges.Of(changes);
        // Many changes of few messages each must not pile up either: a search reads every range by itself.
        if (changes.Count == 0 || (IdRanges.Size(ranges) < leave && ranges.Count < MostChanges / 10))
        {
            return null;
        }
        var builder = new SegmentBuilder();
        var rest = await FillAsync(db, builder, ranges, cancellationToken);

        await using var transaction = await BeginAsync(db, cancellationToken);
        if (!await MessageChanges.TakeAsync(db, [.. changes.Select(c => c.Id)], cancellationToken))
        {
            logger.LogInformation("Another node indexed the same {Count} messages first", builder.Messages);
            return null;
        }
        db.MessageChanges.AddRange(rest.Select(r => new MessageChange { FromId = r.From, ToId = r.To }));
        await StoreAsync(db, builder, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return builder.Messages;
    }

    private async Task<bool> JoinSmallAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var small = await db.SearchSegments.AsNoTracking().Where(s => s.MessageCount < SegmentBuilder.MostMessages / 2 && s.TermCount < SegmentBuilder.MostTerms / 2).OrderBy(s => s.Id).ToListAsync(cancellationToken);
        if (small.Count < TooManySmall)
        {
            return false;
        }
        // Neighbours in time, since a search of a time range passes by the segments outside it.
        var joined = new List<SearchSegment>();
        foreach (var segment in small.OrderBy(s => s.MinSentAt))
        {
            if (joined.Sum(s => s.MessageCount) + segment.MessageCount <= SegmentBuilder.MostMessages && joined.Sum(s => (long)s.TermCount) + segment.TermCount <= SegmentBuilder.MostTerms)
            {
                joined.Add(segment);
            }
        }
        var builder = new SegmentBuilder();
        var ranges = IdRanges.Merge(joined.SelectMany(s => MessageRuns.Read(s.MessageIds)).Select(r => (r.From, r.From + r.Count - 1)));
        var rest = await FillAsync(db, builder, ranges, cancellationToken);

        await using var transaction = await BeginAsync(db, cancellationToken);
        var ids = joined.ConvertAll(s => s.Id);
        if (await db.SearchSegments.Where(s => ids.Contains(s.Id)).ExecuteDeleteAsync(cancellationToken) != ids.Count)
        {
            return false;
        }
        foreach (var id in ids)
        {
            var (from, to) = (SearchBlock.IdOf(id, 0), SearchBlock.IdOf(id + 1, 0));
            await db.SearchBlocks.Where(b => b.Id >= from && b.Id < to).ExecuteDeleteAsync(cancellationToken);
        }
        db.MessageChanges.AddRange(rest.Select(r => new MessageChange { FromId = r.From, ToId = r.To }));
        await StoreAsync(db, builder, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Reads messages into the builder until it is full; answers the ranges that remain.</summary>
    private static async Task<List<IdRange>> FillAsync(LLMEvalDbContext db, SegmentBuilder builder, List<IdRange> ranges, CancellationToken cancellationToken)
    {
        for (var i = 0; i < ranges.Count; i++)
        {
            var (from, to) = ranges[i];
            await foreach (var message in db.Messages.AsNoTracking().Where(m => m.Id >= from && m.Id <= to).OrderBy(m => m.Id).Select(Indexed).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                if (builder.IsFull)
                {
                    return [new IdRange(message.Id, to), .. ranges.Skip(i + 1)];
                }
                builder.Add(message);
            }
        }
        return [];
    }

    private static async Task StoreAsync(LLMEvalDbContext db, SegmentBuilder builder, CancellationToken cancellationToken)
    {
        var segment = builder.Segment();
        if (segment.MessageCount > 0)
        {
            db.SearchSegments.Add(segment);
        }
        await db.SaveChangesAsync(cancellationToken);
        if (segment.MessageCount > 0)
        {
            await BulkWriter.InsertAsync(db, builder.Blocks(segment), cancellationToken);
        }
    }

    private static Task<Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction> BeginAsync(LLMEvalDbContext db, CancellationToken cancellationToken) =>
        db.Database.IsSqlite() ? db.Database.BeginTransactionAsync(cancellationToken) : db.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
}

/// <summary>Message ids from one to another, both included.</summary>
internal readonly record struct IdRange(long From, long To);

internal static class IdRanges
{
    public static List<IdRange> Of(IEnumerable<MessageChange> changes) => Merge(changes.Select(c => (c.FromId, c.ToId)));

    /// <summary>Ascending, without overlaps; neighbours become one.</summary>
    public static List<IdRange> Merge(IEnumerable<(long From, long To)> ranges)
    {
        var merged = new List<IdRange>();
        foreach (var (from, to) in ranges.Order())
        {
            if (merged.Count > 0 && from <= merged[^1].To + 1)
            {
                merged[^1] = merged[^1] with { To = Math.Max(to, merged[^1].To) };
            }
            else
            {
                merged.Add(new IdRange(from, to));
            }
        }
        return merged;
    }

    public static long Size(IEnumerable<IdRange> ranges) => ranges.Sum(r => r.To - r.From + 1);
}

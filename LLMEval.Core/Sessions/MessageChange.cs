using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Sessions;

/// <summary>
/// Messages that were stored or rewritten and that the search index has not taken up yet: those with ids from <see cref="FromId"/> to <see cref="ToId"/>, both included. Written in
/// the transaction that stored them, so none is ever forgotten; a range may also cover messages of others, which costs a second look and no more.
/// </summary>
/// <remarks>Ranges, not a watermark: of two importers the one that drew the lower ids may commit last.</remarks>
public sealed class MessageChange
{
    public long Id { get; set; }
    public long FromId { get; set; }
    public long ToId { get; set; }
}

internal sealed class MessageChangeConfiguration : IEntityTypeConfiguration<MessageChange>
{
    public void Configure(EntityTypeBuilder<MessageChange> builder) => builder.HasKey(c => c.Id);
}

internal static class MessageChanges
{
    /// <summary>The highest message id so far; what the same transaction inserts next lies above it.</summary>
    public static async Task<long> HighestIdAsync(LLMEvalDbContext db, CancellationToken cancellationToken) =>
        await db.Messages.AsNoTracking().OrderByDescending(m => m.Id).Select(m => m.Id).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Notes everything inserted since <see cref="HighestIdAsync"/> answered <paramref name="highestBefore"/>.</summary>
    public static async Task NoteInsertedAsync(LLMEvalDbContext db, long highestBefore, CancellationToken cancellationToken)
    {
        var highest = await HighestIdAsync(db, cancellationToken);
        if (highest > highestBefore)
        {
            db.Add(new MessageChange { FromId = highestBefore + 1, ToId = highest });
        }
    }

    /// <summary>Notes single messages, neighbours together.</summary>
    public static void Note(LLMEvalDbContext db, IEnumerable<long> messageIds)
    {
        MessageChange? last = null;
        foreach (var id in messageIds.Order())
        {
            if (last is not null && id <= last.ToId + 1)
            {
                last.ToId = id;
                continue;
            }
            db.Add(last = new MessageChange { FromId = id, ToId = id });
        }
    }

    /// <summary>Takes changes off the list in the caller's transaction; false when another node did so first.</summary>
    public static async Task<bool> TakeAsync(LLMEvalDbContext db, IReadOnlyList<long> changeIds, CancellationToken cancellationToken)
    {
        var taken = 0;
        foreach (var ids in changeIds.Chunk(500))
        {
            taken += await db.MessageChanges.Where(c => ids.Contains(c.Id)).ExecuteDeleteAsync(cancellationToken);
        }
        return taken == changeIds.Count;
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="Name">What it was called before.</param>
/// <param name="Until">When it goes for good.</param>
public sealed record DeletedSetRow(long Id, string Name, string? Purpose, int ItemCount, string OwnerName, DateTime DeletedAt, DateTime Until)
{
    /// <summary>Whole days that are left, at least one.</summary>
    public int DaysLeft(DateTime utcNow) => Math.Max(1, (int)Math.Ceiling((Until - utcNow).TotalDays));
}

/// <summary>Sets that <see cref="RestoreSet"/> can bring back, the last deleted first.</summary>
public sealed class DeletedSetQueries(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public async Task<Page<DeletedSetRow>> PageAsync(PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.SetsEdit))
        {
            return Page<DeletedSetRow>.Empty;
        }
        var since = clock.GetUtcNow().UtcDateTime - RestoreSet.UndoPeriod;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        // Deleting is a set's last change, so that the index of the list of sets serves here too.
        var sets = db.VisibleSetsEvenDeleted(actor).AsNoTracking().Where(s => s.DeletedAt != null && s.DeletedAt > since);
        var total = await sets.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var descending = page.Descending != page.IsBackward;
        if ((page.Before ?? page.After) is { Instant: { } at, Id: var id })
        {
            sets = sets.Past(s => s.UpdatedAt, s => s.Id, at, id, descending);
        }
        var read = await sets.InOrder(s => s.UpdatedAt, s => s.Id, descending).Take(page.Limit + 1).ToListAsync(cancellationToken);
        var found = Page.Of(read, page, set => Cursor.At(set.UpdatedAt, set.Id), total);
        var rows = found.Items.Select(s => new DeletedSetRow(s.Id, DeleteSet.NameOf(s), s.Purpose, s.ItemCount, s.OwnerName, s.DeletedAt!.Value, s.DeletedAt.Value + RestoreSet.UndoPeriod));
        return new Page<DeletedSetRow>([.. rows], found.Next, found.Previous, found.Total, found.TotalIsCapped);
    }
}

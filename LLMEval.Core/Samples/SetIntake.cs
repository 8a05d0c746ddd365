using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>An item that a file holds, with where in it.</summary>
internal sealed record IntakeItem(NewItem Item, string OriginName);

/// <summary>
/// Brings many items into a set, all or none, without one long transaction that would keep everybody else from writing: piece by piece they are stored out of sight, and at the end shown and put into
/// the set at once. What a stop leaves out of sight is nobody's, and found again when the same is brought in anew.
/// </summary>
internal sealed class SetIntake(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock, Actor actor, int contextLength)
{
    private readonly List<long> _sampleIds = [];
    private readonly HashSet<string> _bizCodes = new(StringComparer.Ordinal);

    // Those that samples in the pool already are to get: nobody must see them before the rest.
    private readonly HashSet<(long SampleId, string Tag)> _tags = [];

    public int Count => _sampleIds.Count;

    /// <summary>Which of the named messages are no bot's that the actor may see.</summary>
    public async Task<IReadOnlySet<MessageName>> MissingAsync(IReadOnlyCollection<MessageName> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return new HashSet<MessageName>();
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var ids = await AddItemsToSet.MessageIdsAsync(db, [.. names], cancellationToken);
        var seen = (await RecordedTurns.OfAsync(db, [.. ids.Values], 0, actor, cancellationToken)).Select(t => t.MessageId).ToHashSet();
        return names.Where(n => !ids.TryGetValue(n, out var id) || !seen.Contains(id)).ToHashSet();
    }

    /// <summary>Stores a piece out of sight, in a transaction of its own.</summary>
    public async Task StoreAsync(IReadOnlyList<IntakeItem> items, CancellationToken cancellationToken)
    {
        var stored = await Repeating.Async(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            var names = items.Select(i => i.Item.Message).OfType<MessageName>().Distinct().ToList();
            var ids = names.Count == 0 ? [] : await AddItemsToSet.MessageIdsAsync(db, names, cancellationToken);
            var taken = ids.Count == 0 ? [] : (await TakeSample.FromMessagesAsync(db, [.. ids.Values.Distinct()], contextLength, actor, now, cancellationToken)).ToDictionary(t => t.MessageId);
            db.ChangeTracker.Clear();
            var drafts = items.Where(i => i.Item.Draft is not null).ToList();
            var added = await SampleStore.AddAsync(
                db, [.. drafts.Select(i => SampleStore.FromDraft(i.Item.Draft!, SampleOrigin.File, i.OriginName, contextLength, actor, now))], cancellationToken, isHidden: true);
            await transaction.CommitAsync(cancellationToken);
            var held = new List<(long Id, string BizCode)>(items.Count);
            var tags = new HashSet<(long, string)>();
            var next = 0;
            foreach (var item in items)
            {
                if (item.Item.Draft is not null)
                {
                    held.Add((added[next].Id, added[next].BizCode));
                    if (!added[next].IsNew)
                    {
                        tags.UnionWith(item.Item.Draft.Tags.Select(tag => (added[next].Id, tag)));
                    }
                    next++;
                }
                // A message that went since it was looked for is left out.
                else if (ids.TryGetValue(item.Item.Message!, out var messageId) && taken.TryGetValue(messageId, out var turn))
                {
                    held.Add((turn.SampleId, turn.BizCode));
                }
            }
            return (Held: held, Tags: tags);
        });
        _sampleIds.AddRange(stored.Held.Select(s => s.Id));
        _bizCodes.UnionWith(stored.Held.Select(s => s.BizCode));
        _tags.UnionWith(stored.Tags);
    }

    /// <summary>Puts all that was stored at the end of the set, in its order.</summary>
    public Task<Result<AddedToSet>> FinishAsync(long setId, CancellationToken cancellationToken) => Repeating.Async<Result<AddedToSet>>(async () =>
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        var position = await SetWriting.LockAsync(db, setId, now, cancellationToken);
        var set = await db.VisibleSets(actor).AsNoTracking().Where(s => s.Id == setId).Select(s => new { s.Name, s.RuleJson, s.ItemCount }).FirstOrDefaultAsync(cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (set.RuleJson is not null)
        {
            return Failure.Conflict("SetHasRule", set.Name);
        }
        await SampleStore.ShowAsync(db, _sampleIds, cancellationToken);
        await SampleStore.AddTagsAsync(db, _tags, cancellationToken);
        var added = await SetWriting.AppendAsync(db, setId, position, _sampleIds, actor, now, cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.import", "set", setId, new { added, read = _sampleIds.Count }));
        await SetWriting.FinishAsync(db, setId, _bizCodes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AddedToSet(added, _sampleIds.Count - added, 0);
    });
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Labels;
using LLMEval.Core.Scoring;
using LLMEval.Core.Search;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labelling;

/// <param name="Size">How many messages at most; fewer where the source has fewer.</param>
/// <param name="Overlap">How many people label each.</param>
/// <param name="AssigneeIds">Accounts; empty: everybody who may label.</param>
/// <param name="Origin">The address whose filter the source is, for people to look at later.</param>
public sealed record CreateQueueRequest(
    string Name, string? Instructions, PoolSource Source, QueueRule Rule, int Size, int Overlap, IReadOnlyList<long> AssigneeIds, bool IsBlind, QueueConsensus Consensus, int Seed, string? Origin);

/// <param name="Pool">How many messages the source had, or <see cref="CreateQueue.MostInPool"/> where it had more.</param>
/// <param name="Uncertain">Of the drawn ones, those that somebody disagrees about.</param>
public sealed record QueueCreated(long QueueId, int Drawn, int Pool, bool IsPoolCut, int Uncertain);

/// <summary>Draws messages by a rule and makes a queue of them.</summary>
public sealed class CreateQueue(IDbContextFactory<LLMEvalDbContext> contexts, MessagePool pool, ScorerCatalog scorers, TimeProvider clock)
{
    public const int MostItems = 10_000;
    public const int MostOverlap = 10;

    /// <summary>A draw looks at so many messages at most, the newest of what a search finds.</summary>
    public const int MostInPool = 200_000;
    private const int Chunk = 500;
    private const int MaxStratumLength = 200;

    public async Task<Result<QueueCreated>> ExecuteAsync(CreateQueueRequest request, Actor actor, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsManage) is { } forbidden)
        {
            return forbidden;
        }
        if (actor.Lacks(Permissions.SessionsView) is { } unseen)
        {
            return unseen;
        }
        if (Problem(request) is { } problem)
        {
            return problem;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var people = await EditQueue.PeopleAsync(db, request.AssigneeIds, cancellationToken);
        if (EditQueue.Problem(request.Name, request.Instructions, request.AssigneeIds, people, request.Overlap) is { } unfit)
        {
            return unfit;
        }
        var name = request.Name.Trim();
        if (await db.LabelQueues.AnyAsync(q => q.Name == name, cancellationToken))
        {
            return Failure.Conflict("QueueNameTaken", name) with { Field = "name" };
        }
        var messages = new List<PoolMessage>();
        var isCut = false;
        try
        {
            await foreach (var message in pool.StreamAsync(request.Source, actor, cancellationToken))
            {
                if (messages.Count == MostInPool)
                {
                    isCut = true;
                    break;
                }
                messages.Add(message);
                if (messages.Count % Chunk == 0)
                {
                    progress?.Report(messages.Count);
                }
            }
        }
        catch (PoolRefusedException e)
        {
            return e.Failure;
        }
        if (messages.Count == 0)
        {
            return Failure.Invalid("NothingToDraw", "source");
        }
        var tags = request.Rule == QueueRule.ByTag ? await TagsAsync(db, messages, cancellationToken) : null;
        var uncertain = request.Rule == QueueRule.UncertainFirst ? await new Disagreements(contexts, scorers).OfAsync(messages.Select(m => m.Id), cancellationToken) : new Dictionary<long, Uncertainty>();
        var drawn = Drawing.Draw(request.Rule, messages, request.Size, request.Seed, m => tags is null ? m.RobotId : tags.GetValueOrDefault(m.SessionId, ""), uncertain);
        var queueId = await StoreAsync(db, request with { Name = name }, people, drawn, actor, cancellationToken);
        return queueId.Failure is { } failure ? failure : new QueueCreated(queueId.Value, drawn.Count, messages.Count, isCut, drawn.Count(d => uncertain.ContainsKey(d.Message.Id)));
    }

    private static Failure? Problem(CreateQueueRequest request) =>
        request.Size is < 1 or > MostItems ? Failure.Invalid("NumberOutOfRange", "size", 1, MostItems)
        : request.Overlap is < 1 or > MostOverlap ? Failure.Invalid("NumberOutOfRange", "overlap", 1, MostOverlap)
        : null;

    /// <summary>A session's tags together, in order: every message is of exactly one group.</summary>
    private static async Task<Dictionary<long, string>> TagsAsync(LLMEvalDbContext db, List<PoolMessage> messages, CancellationToken cancellationToken)
    {
        var tags = new Dictionary<long, string>();
        foreach (var ids in messages.Select(m => m.SessionId).Distinct().Chunk(Chunk))
        {
            var read = await db.SessionTags.AsNoTracking().Where(t => ids.Contains(t.SessionId)).Select(t => new { t.SessionId, t.Name }).ToListAsync(cancellationToken);
            foreach (var session in read.GroupBy(t => t.SessionId))
            {
                tags[session.Key] = string.Join(" + ", session.Select(t => t.Name).Order(StringComparer.Ordinal));
            }
        }
        return tags;
    }

    private async Task<Result<long>> StoreAsync(LLMEvalDbContext db, CreateQueueRequest request, List<QueueAssignee> people, IReadOnlyList<Drawn> drawn, Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var queue = new LabelQueue
        {
            Name = request.Name,
            Instructions = EditQueue.Trimmed(request.Instructions),
            Rule = request.Rule,
            Consensus = request.Consensus,
            Seed = request.Seed,
            ItemCount = drawn.Count,
            Overlap = request.Overlap,
            IsBlind = request.IsBlind,
            Origin = request.Origin,
            CreatedAt = now,
            CreatedById = actor.UserId,
            CreatedByName = actor.Name,
        };
        queue.Assignees.AddRange(people);
        queue.Scopes.AddRange(drawn.Select(d => d.Message.BizCode).Distinct(StringComparer.Ordinal).Select(code => new QueueScope { BizCode = code }));
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.LabelQueues.Add(queue);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsWorthRepeating(e))
        {
            return Failure.Conflict("QueueNameTaken", request.Name) with { Field = "name" };
        }
        await BulkWriter.InsertAsync(db, drawn.Select((d, i) => new QueueItem
        {
            QueueId = queue.Id,
            MessageId = d.Message.Id,
            BizCode = d.Message.BizCode,
            Position = i,
            Stratum = d.Stratum is { Length: > MaxStratumLength } s ? s[..MaxStratumLength] : d.Stratum,
        }), cancellationToken);
        var items = await db.QueueItems.AsNoTracking().Where(i => i.QueueId == queue.Id).OrderBy(i => i.Position).Select(i => new { i.Id, i.MessageId, i.BizCode, i.Position }).ToListAsync(cancellationToken);
        await BulkWriter.InsertAsync(db, items.SelectMany(i => Enumerable.Range(0, request.Overlap).Select(n => new QueueSlot
        {
            QueueId = queue.Id,
            ItemId = i.Id,
            MessageId = i.MessageId,
            BizCode = i.BizCode,
            Place = ((long)i.Position * request.Overlap) + n,
        })), cancellationToken);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "queue.create", "queue", queue.Id, new { request.Name, request.Rule, drawn.Count, request.Overlap, request.Origin }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return queue.Id;
    }
}

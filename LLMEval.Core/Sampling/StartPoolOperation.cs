using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Samples;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Sampling;

/// <summary>Begins something that is done to many samples. What is quickly done is done at once, the rest goes on in the background.</summary>
public sealed class StartPoolOperation(IDbContextFactory<LLMEvalDbContext> contexts, PoolWorker worker, TimeProvider clock)
{
    private const int DoneAtOnce = 1000;

    /// <summary>The operation's id.</summary>
    public async Task<Result<long>> ExecuteAsync(PoolOperationRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var tags = TagPath.CleanAll(request.Tags, nameof(request.Tags));
        if (tags.Failure is { } tagProblem)
        {
            return tagProblem;
        }
        var newTag = request.NewTag is { } moved ? TagPath.Clean(moved) : null;
        if (Problem(request, tags.Value!, newTag) is { } problem)
        {
            return problem;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (request.SetId is { } setId)
        {
            var set = await db.VisibleSets(actor).Where(s => s.Id == setId).Select(s => new { s.Name, s.RuleJson }).FirstOrDefaultAsync(cancellationToken);
            if (set is null)
            {
                return Failure.NotFound("SetNotFound");
            }
            if (set.RuleJson is not null)
            {
                return Failure.Conflict("SetHasRule", set.Name);
            }
        }
        var now = clock.GetUtcNow().UtcDateTime;
        var total = await TotalAsync(db, request, tags.Value!, actor, now, cancellationToken);
        if (total.Failure is { } unreadable)
        {
            return unreadable;
        }
        var operation = new PoolOperation
        {
            Work = request.Work,
            RequestJson = Json.Write(At(request, now) with { Tags = tags.Value!, NewTag = newTag, UpTo = await db.Samples.MaxAsync(s => (long?)s.Id, cancellationToken) ?? 0 }),
            BizCodesJson = actor.BizCodes is { } codes ? Json.Write(codes) : null,
            Total = total.Value,
            CreatedAt = now,
            CreatedById = actor.UserId,
            CreatedByName = actor.Name,
        };
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            db.PoolOperations.Add(operation);
            await db.SaveChangesAsync(cancellationToken);
            db.AuditEntries.Add(AuditEntry.Of(actor, now, "pool." + request.Work, "pool", operation.Id, new { total = total.Value, request.Tags, request.NewTag, request.SetId }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        if (total.Value <= DoneAtOnce && request.Work != PoolWork.TakeMessages)
        {
            await worker.RunAsync(operation.Id, cancellationToken);
        }
        return operation.Id;
    }

    /// <summary>"The last hour" means the one before it was asked for, however long the work takes.</summary>
    private static PoolOperationRequest At(PoolOperationRequest request, DateTime utcNow)
    {
        TimeRange Fixed(TimeRange range) => range.Last is { } last ? new TimeRange(null, utcNow - last, utcNow) : range;
        return request with
        {
            Filter = request.Filter is { } filter ? filter with { Added = Fixed(filter.Added) } : null,
            Messages = request.Messages is { } source
                ? source with
                {
                    Messages = source.Messages is { } messages ? messages with { Range = Fixed(messages.Range) } : null,
                    Sessions = source.Sessions is { } sessions ? sessions with { Range = Fixed(sessions.Range) } : null,
                }
                : null,
        };
    }

    private static Failure? Problem(PoolOperationRequest request, IReadOnlyList<string> tags, string? newTag) => request switch
    {
        { Work: PoolWork.AddTags or PoolWork.RemoveTags } when tags.Count == 0 => Failure.Invalid("SampleTagMissing", nameof(request.Tags)),
        { Work: PoolWork.MoveTag } when tags.Count != 1 => Failure.Invalid("SampleTagMissing", nameof(request.Tags)),
        { Work: PoolWork.MoveTag } when newTag is null or { Length: 0 or > SampleTag.MaxLength } || newTag == tags[0] => Failure.Invalid("SampleTagNew", nameof(request.NewTag), SampleTag.MaxLength),
        { Work: PoolWork.MoveTag } when newTag!.StartsWith(tags[0] + "/", StringComparison.Ordinal) => Failure.Invalid("SampleTagBelowItself", nameof(request.NewTag), tags[0]),
        { Work: PoolWork.TakeMessages, Messages: null } => Failure.Invalid("MessagesMissing", nameof(request.Messages)),
        { Work: PoolWork.AddToSet or PoolWork.CutAgain, SetId: null } => Failure.NotFound("SetNotFound"),
        { Work: PoolWork.AddTags or PoolWork.RemoveTags or PoolWork.Remove or PoolWork.AddToSet, Filter: null, SampleIds: null } => Failure.Invalid("SamplesMissing", nameof(request.SampleIds)),
        { SampleIds.Count: 0 or > PoolOperationRequest.MaxChosen } => Failure.Invalid("NumberOutOfRange", nameof(request.SampleIds), 1, PoolOperationRequest.MaxChosen),
        { ContextLength: < 0 or > CreateSet.MaxContextLength } => Failure.Invalid("NumberOutOfRange", nameof(request.ContextLength), 0, CreateSet.MaxContextLength),
        _ => null,
    };

    private static async Task<Result<int>> TotalAsync(LLMEvalDbContext db, PoolOperationRequest request, IReadOnlyList<string> tags, Actor actor, DateTime utcNow, CancellationToken cancellationToken)
    {
        if (request.Work == PoolWork.CutAgain)
        {
            return await db.SetItems.CountAsync(i => i.SetId == request.SetId, cancellationToken);
        }
        if (request.SampleIds is { } ids)
        {
            return ids.Distinct().Count();
        }
        if (request.Work == PoolWork.TakeMessages)
        {
            return 0;
        }
        var filter = request.Work == PoolWork.MoveTag ? PoolWorker.Carrying(tags[0]) : request.Filter!;
        var found = db.Filtered(filter, actor, utcNow);
        return found.Failure is { } failure ? failure : await found.Value!.CountAsync(cancellationToken);
    }
}

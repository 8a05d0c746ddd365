using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <param name="ContextLength">How many messages before an answer its items keep.</param>
public sealed record CreateSetRequest(string Name, string? Purpose = null, string? Description = null, int ContextLength = CreateSet.DefaultContextLength)
{
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Makes the set a saved query: its items are what this finds, now and at each freeze.</summary>
    public SampleFilter? Rule { get; init; }

    /// <summary>How it was made, where that is more than an empty set or a rule.</summary>
    public SetSource? Source { get; init; }
}

public sealed class CreateSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int DefaultContextLength = 10;
    public const int MaxContextLength = 200;
    public const int MaxNameLength = 80;
    private const int MaxPurposeLength = 200;
    private const int MaxDescriptionLength = 4000;

    /// <summary>The set's id.</summary>
    public Task<Result<long>> ExecuteAsync(CreateSetRequest request, Actor actor, CancellationToken cancellationToken) => ExecuteAsync(request, actor, null, cancellationToken);

    /// <summary>With its first items, in the transaction that makes it: a stop in the middle leaves neither.</summary>
    /// <param name="fill">Puts them in, given the set's id.</param>
    internal async Task<Result<long>> ExecuteAsync(CreateSetRequest request, Actor actor, Func<LLMEvalDbContext, long, Task>? fill, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var name = request.Name.Trim();
        if (Problem(request, name) is { } problem)
        {
            return problem;
        }
        var tags = TagPath.CleanAll(request.Tags, nameof(request.Tags));
        if (tags.Failure is { } tagProblem)
        {
            return tagProblem;
        }
        if (SetRules.Problem(request.Rule, actor) is { } scopeProblem)
        {
            return scopeProblem;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.EvaluationSets.AnyAsync(s => s.Name == name, cancellationToken))
        {
            return NameTaken(name);
        }
        var now = clock.GetUtcNow().UtcDateTime;
        var set = new EvaluationSet
        {
            Name = name,
            Purpose = Trimmed(request.Purpose),
            Description = Trimmed(request.Description),
            ContextLength = request.ContextLength,
            OwnerId = actor.UserId,
            OwnerName = actor.Name,
            CreatedAt = now,
            UpdatedAt = now,
            RuleJson = request.Rule is { } rule ? SetRules.Write(rule, actor) : null,
            SourceJson = (request.Source ?? (request.Rule is { } saved ? new SetSource(SetSourceKind.Rule) { Filter = saved } : null)) is { } source ? Json.Write(source) : null,
        };
        set.Tags.AddRange(tags.Value!.Select(tag => new SetTag { Name = tag }));
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.EvaluationSets.Add(set);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsWorthRepeating(e))
        {
            // Somebody made a set of that name between the look and the insert.
            return NameTaken(name);
        }
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.create", "set", set.Id, new { name }));
        await db.SaveChangesAsync(cancellationToken);
        if ((await SetRules.RefreshAsync(db, set.Id, actor, now, cancellationToken)).Failure is { } ruleProblem)
        {
            return ruleProblem;
        }
        if (fill is not null)
        {
            await fill(db, set.Id);
        }
        await transaction.CommitAsync(cancellationToken);
        return set.Id;
    }

    internal static Failure? Problem(CreateSetRequest request, string name) =>
        name.Length == 0 ? Failure.Invalid("SetNameMissing", nameof(request.Name))
        : name.Length > MaxNameLength ? Failure.Invalid("TextTooLong", nameof(request.Name), MaxNameLength)
        // Programs address sets by name, and no address can hold these.
        : name is "." or ".." || name.Any(char.IsControl) ? Failure.Invalid("SetNameUntidy", nameof(request.Name))
        : request.Purpose?.Length > MaxPurposeLength ? Failure.Invalid("TextTooLong", nameof(request.Purpose), MaxPurposeLength)
        : request.Description?.Length > MaxDescriptionLength ? Failure.Invalid("TextTooLong", nameof(request.Description), MaxDescriptionLength)
        : request.ContextLength is < 0 or > MaxContextLength ? Failure.Invalid("NumberOutOfRange", nameof(request.ContextLength), 0, MaxContextLength)
        : null;

    internal static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    internal static Failure NameTaken(string name) => Failure.Conflict("SetNameTaken", name) with { Field = nameof(CreateSetRequest.Name) };
}

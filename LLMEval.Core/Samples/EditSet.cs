using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Samples;

/// <summary>What a set is to be from now on; all of it, as the form shows it.</summary>
public sealed record EditSetRequest(long SetId, string Name, string? Purpose, string? Description, int ContextLength, IReadOnlyList<string> Tags)
{
    /// <summary>Null makes the set a list that people edit, with the items it has.</summary>
    public SampleFilter? Rule { get; init; }
}

/// <summary>Changes what a set is called and how it works. Its versions stay as they are.</summary>
public sealed class EditSet(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    /// <summary>True where the context length changed: the items made of messages are then still cut to the old one.</summary>
    public async Task<Result<bool>> ExecuteAsync(EditSetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.SetsEdit) is { } refusal)
        {
            return refusal;
        }
        var name = request.Name.Trim();
        if (CreateSet.Problem(new CreateSetRequest(name, request.Purpose, request.Description, request.ContextLength), name) is { } problem)
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
        await using var transaction = await SetWriting.BeginAsync(db, cancellationToken);
        var set = await db.VisibleSets(actor).Include(s => s.Tags).FirstOrDefaultAsync(s => s.Id == request.SetId, cancellationToken);
        if (set is null)
        {
            return Failure.NotFound("SetNotFound");
        }
        if (await db.EvaluationSets.AnyAsync(s => s.Name == name && s.Id != set.Id, cancellationToken))
        {
            return CreateSet.NameTaken(name);
        }
        var now = clock.GetUtcNow().UtcDateTime;
        var isCutDifferently = set.ContextLength != request.ContextLength;
        var before = new { set.Name, set.ContextLength, set.RuleJson };
        (set.Name, set.Purpose, set.Description) = (name, CreateSet.Trimmed(request.Purpose), CreateSet.Trimmed(request.Description));
        (set.ContextLength, set.UpdatedAt) = (request.ContextLength, now);
        set.RuleJson = request.Rule is { } rule ? SetRules.Write(rule, actor) : null;
        set.Tags.RemoveAll(t => !tags.Value!.Contains(t.Name, StringComparer.Ordinal));
        set.Tags.AddRange(tags.Value!.Except(set.Tags.Select(t => t.Name), StringComparer.Ordinal).ToList().Select(tag => new SetTag { SetId = set.Id, Name = tag }));
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "set.edit", "set", set.Id, new { before, after = new { set.Name, set.ContextLength, set.RuleJson } }));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsWorthRepeating(e))
        {
            // Somebody took the name between the look and the update.
            return CreateSet.NameTaken(name);
        }
        if ((await SetRules.RefreshAsync(db, set.Id, actor, now, cancellationToken)).Failure is { } ruleProblem)
        {
            return ruleProblem;
        }
        await transaction.CommitAsync(cancellationToken);
        return isCutDifferently;
    }
}

using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

public sealed record LabelSchemeRow(string BizCode, ScoreScale Scale);

/// <param name="Shortcut">One letter, or null.</param>
public sealed record LabelIssueRow(string Name, string? Shortcut);

/// <summary>What a form for a label offers.</summary>
/// <param name="Answer">What the message says: what the prediction is filled with.</param>
public sealed record LabelForm(ScoreScale Scale, IReadOnlyList<LabelIssueRow> Issues, string Answer);

/// <param name="Schemes">The one for "" holds for business lines that are not named.</param>
/// <param name="Issues">In the order in which they are offered.</param>
public sealed record LabelSettingsRequest(IReadOnlyList<LabelSchemeRow> Schemes, IReadOnlyList<LabelIssueRow> Issues);

/// <summary>How labels are given: the scale of each business line and the list of issues with their shortcuts.</summary>
public sealed class LabelSettings(IDbContextFactory<LLMEvalDbContext> contexts, TimeProvider clock)
{
    public const int MostIssues = 100;

    /// <summary>Letters that do something else while labelling.</summary>
    public const string TakenLetters = "bcgjkstz";

    /// <summary>For a form on the message: its scale, and the issues. Null when the actor may not see it.</summary>
    public async Task<LabelForm?> OfMessageAsync(long messageId, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.FindOwnersAsync([messageId], actor, cancellationToken) is [var (owner, content)]
            ? new LabelForm(await LabelWriting.ScaleOfAsync(db, owner.BizCode, cancellationToken), await IssuesAsync(db, cancellationToken), content)
            : null;
    }

    public async Task<LabelSettingsRequest> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var schemes = await db.LabelSchemes.AsNoTracking().OrderBy(s => s.BizCode).Select(s => new LabelSchemeRow(s.BizCode, s.Scale)).ToListAsync(cancellationToken);
        return new LabelSettingsRequest(schemes.Exists(s => s.BizCode.Length == 0) ? schemes : [new LabelSchemeRow("", ScoreScale.ZeroToTen), .. schemes], await IssuesAsync(db, cancellationToken));
    }

    /// <summary>Labels that are there already keep the scale and the issues they were given with.</summary>
    public async Task<Result<int>> SaveAsync(LabelSettingsRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.LabelsManage) is { } forbidden)
        {
            return forbidden;
        }
        var schemes = request.Schemes.Select(s => s with { BizCode = s.BizCode.Trim() }).ToList();
        var issues = request.Issues.Select(i => new LabelIssueRow(i.Name.Trim(), string.IsNullOrWhiteSpace(i.Shortcut) ? null : i.Shortcut.Trim().ToLowerInvariant())).Where(i => i.Name.Length > 0).ToList();
        if (Problem(schemes, issues) is { } problem)
        {
            return problem;
        }
        return await Repeating.Async<Result<int>>(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.LabelSchemes.ExecuteDeleteAsync(cancellationToken);
            await db.LabelIssues.ExecuteDeleteAsync(cancellationToken);
            db.LabelSchemes.AddRange(schemes.Select(s => new LabelScheme { BizCode = s.BizCode, Scale = s.Scale, UpdatedAt = now }));
            db.LabelIssues.AddRange(issues.Select((issue, i) => new LabelIssue { Name = issue.Name, Shortcut = issue.Shortcut, Position = i }));
            db.AuditEntries.Add(AuditEntry.Of(actor, now, "label.settings", "settings", null, new { schemes, issues }));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return issues.Count;
        });
    }

    private static Failure? Problem(List<LabelSchemeRow> schemes, List<LabelIssueRow> issues)
    {
        if (schemes.CountBy(s => s.BizCode, StringComparer.Ordinal).FirstOrDefault(g => g.Value > 1) is { Key: { } twice })
        {
            return Failure.Invalid("BizCodeTwice", "schemes", twice);
        }
        if (schemes.Exists(s => s.BizCode.Length > 64 || !Enum.IsDefined(s.Scale)))
        {
            return Failure.Invalid("BizCodeTooLong", "schemes", 64);
        }
        if (issues.Count > MostIssues || issues.Exists(i => i.Name.Length > LabelIssue.MaxNameLength))
        {
            return Failure.Invalid("TagsTooMany", "issues", MostIssues, LabelIssue.MaxNameLength);
        }
        if (issues.CountBy(i => i.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Value > 1) is { Key: { } again })
        {
            return Failure.Invalid("IssueTwice", "issues", again);
        }
        if (issues.Find(i => i.Shortcut is { } key && (key.Length != 1 || key[0] is < 'a' or > 'z' || TakenLetters.Contains(key[0]))) is { } unfit)
        {
            return Failure.Invalid("ShortcutUnfit", "issues", unfit.Shortcut!, string.Join(' ', TakenLetters.Order()));
        }
        return issues.Select(i => i.Shortcut).OfType<string>().CountBy(s => s).FirstOrDefault(g => g.Value > 1) is { Key: { } shared } ? Failure.Invalid("ShortcutTwice", "issues", shared) : null;
    }

    internal static async Task<IReadOnlyList<LabelIssueRow>> IssuesAsync(LLMEvalDbContext db, CancellationToken cancellationToken) =>
        await db.LabelIssues.AsNoTracking().OrderBy(i => i.Position).ThenBy(i => i.Id).Select(i => new LabelIssueRow(i.Name, i.Shortcut)).ToListAsync(cancellationToken);
}

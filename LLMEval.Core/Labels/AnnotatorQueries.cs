using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Labels;

public sealed record AnnotatorRow(long UserId, string Name, string Email);

/// <summary>Accounts that may label, to be assigned to queues.</summary>
public sealed class AnnotatorQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    private const int Most = 200;

    /// <summary>Those whose name or address contains the text, by name.</summary>
    public async Task<IReadOnlyList<AnnotatorRow>> FindAsync(string? text, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.LabelsManage))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var users = db.Users.AsNoTracking().Where(u => !u.IsDisabled && db.UserRoles.Any(r => r.UserId == u.Id && db.RolePermissions.Any(p => p.RoleId == r.RoleId && p.Permission == Permissions.LabelsWrite)));
        if (!string.IsNullOrWhiteSpace(text))
        {
            var typed = text.Trim();
            // Addresses are stored in capitals for looking up; names are found as they are typed.
            var capitals = typed.ToUpperInvariant();
            users = users.Where(u => u.NormalizedEmail!.Contains(capitals) || u.DisplayName.Contains(typed));
        }
        return await users.OrderBy(u => u.DisplayName).ThenBy(u => u.Id).Take(Most).Select(u => new AnnotatorRow(u.Id, u.DisplayName != "" ? u.DisplayName : u.Email ?? "", u.Email ?? "")).ToListAsync(cancellationToken);
    }
}

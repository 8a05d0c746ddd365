using System.Globalization;
using System.Linq.Expressions;
using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Targets;

public sealed record TargetRow(long Id, string Name, string? Description, Connector Connector, int LatestNumber, string? LatestModel, DateTime CreatedAt, string CreatedByName);

/// <param name="HasSecret">Whether an API key is stored; the key itself is never read back.</param>
public sealed record TargetVersionRow(
    long Id, int Number, string? Note, string? Endpoint, string? Model, string? SystemPrompt, string ParametersJson, MemoryPolicy MemoryPolicy, int? ContextLength,
    int MaxParallel, int TimeoutSeconds, bool HasSecret, string Fingerprint, DateTime CreatedAt, string CreatedByName);

/// <param name="Versions">Newest first, at most <see cref="TargetQueries.MaxVersions"/>.</param>
public sealed record TargetDetail(TargetRow Row, IReadOnlyList<TargetVersionRow> Versions);

/// <summary>A version that a run can ask, named as <c>name@number</c>.</summary>
public sealed record TargetChoice(long TargetVersionId, string Name, int Number, Connector Connector, string? Model, string? Note)
{
    public string Label => $"{Name}@{Number}";
}

public sealed class TargetQueries(IDbContextFactory<LLMEvalDbContext> contexts)
{
    public const int MaxVersions = 200;

    /// <summary>In order of name.</summary>
    public async Task<Page<TargetRow>> PageAsync(string? search, PageRequest page, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.TargetsView))
        {
            return Page<TargetRow>.Empty;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var matching = db.Targets.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(search))
        {
            matching = matching.Where(t => t.Name.Contains(search) || (t.Description != null && t.Description.Contains(search)));
        }
        var total = await matching.Take(Page.CountCap + 1).CountAsync(cancellationToken);
        var from = page.After ?? page.Before;
        if (from is not null)
        {
            matching = matching.Past(t => t.Name, t => t.Id, from.Key, from.Id, page.IsBackward);
        }
        var rows = await Rows(db, matching.InOrder(t => t.Name, t => t.Id, page.IsBackward).Take(page.Limit + 1)).ToListAsync(cancellationToken);
        return Page.Of(rows, page, row => new Cursor(row.Name, row.Id), total);
    }

    public Task<TargetDetail?> DetailAsync(string name, Actor actor, CancellationToken cancellationToken) => DetailAsync(t => t.Name == name, actor, cancellationToken);

    public Task<TargetDetail?> DetailAsync(long id, Actor actor, CancellationToken cancellationToken) => DetailAsync(t => t.Id == id, actor, cancellationToken);

    /// <summary>Versions whose target's name contains the text, in order of name, newest first.</summary>
    public async Task<IReadOnlyList<TargetChoice>> ChoicesAsync(string? search, int take, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.TargetsView))
        {
            return [];
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var targets = string.IsNullOrWhiteSpace(search) ? db.Targets : db.Targets.Where(t => t.Name.Contains(search));
        return await db.TargetVersions.AsNoTracking().Join(targets, v => v.TargetId, t => t.Id, (v, t) => new { v, t })
            .OrderBy(x => x.t.Name).ThenByDescending(x => x.v.Number).Take(Math.Clamp(take, 1, PageRequest.MaxTake))
            .Select(x => new TargetChoice(x.v.Id, x.t.Name, x.v.Number, x.t.Connector, x.v.Model, x.v.Note))
            .ToListAsync(cancellationToken);
    }

    /// <summary>What <c>name@2</c> names; a bare name is its newest version.</summary>
    public async Task<Result<TargetSnapshot>> FindVersionAsync(string reference, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.TargetsView) is { } refusal)
        {
            return refusal;
        }
        var parts = reference.Trim().Split('@', 2);
        var number = 0;
        if (parts.Length == 2 && !(int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0))
        {
            return Failure.Invalid("TargetReferenceInvalid", "Targets", Preview.Of(reference));
        }
        var name = parts[0];
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.TargetVersions.AsNoTracking()
            .Join(db.Targets.Where(t => t.Name == name), v => v.TargetId, t => t.Id, (v, t) => new { Version = v, Target = t })
            .Where(x => number == 0 || x.Version.Number == number)
            .OrderByDescending(x => x.Version.Number)
            .FirstOrDefaultAsync(cancellationToken);
        return found is null ? Failure.NotFound("TargetNotFound", Preview.Of(reference)) : Snapshot(found.Target, found.Version);
    }

    /// <summary>For work already allowed; null when the version does not exist.</summary>
    public async Task<TargetSnapshot?> SnapshotAsync(long targetVersionId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await db.TargetVersions.AsNoTracking().Where(v => v.Id == targetVersionId)
            .Join(db.Targets, v => v.TargetId, t => t.Id, (v, t) => new { Version = v, Target = t })
            .FirstOrDefaultAsync(cancellationToken);
        return found is null ? null : Snapshot(found.Target, found.Version);
    }

    private async Task<TargetDetail?> DetailAsync(Expression<Func<Target, bool>> isIt, Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.TargetsView))
        {
            return null;
        }
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await Rows(db, db.Targets.AsNoTracking().Where(isIt)).FirstOrDefaultAsync(cancellationToken) is not { } row)
        {
            return null;
        }
        var versions = await db.TargetVersions.AsNoTracking().Where(v => v.TargetId == row.Id).OrderByDescending(v => v.Number).Take(MaxVersions)
            .Select(v => new TargetVersionRow(v.Id, v.Number, v.Note, v.Endpoint, v.Model, v.SystemPrompt, v.ParametersJson, v.MemoryPolicy, v.ContextLength,
                v.MaxParallel, v.TimeoutSeconds, v.SecretCipher != null, v.Fingerprint, v.CreatedAt, v.CreatedByName))
            .ToListAsync(cancellationToken);
        return new TargetDetail(row, versions);
    }

    private static TargetSnapshot Snapshot(Target target, TargetVersion version) => new(
        version.Id, target.Name, version.Number, target.Connector, version.Endpoint, version.Model, version.SystemPrompt, JsonElement.Parse(version.ParametersJson),
        version.MemoryPolicy, version.ContextLength, version.MaxParallel, version.TimeoutSeconds, version.Fingerprint);

    private static IQueryable<TargetRow> Rows(LLMEvalDbContext db, IQueryable<Target> targets) => targets.Select(t => new TargetRow(
        t.Id, t.Name, t.Description, t.Connector,
        db.TargetVersions.Where(v => v.TargetId == t.Id).Max(v => v.Number),
        db.TargetVersions.Where(v => v.TargetId == t.Id).OrderByDescending(v => v.Number).Select(v => v.Model).FirstOrDefault(),
        t.CreatedAt, t.CreatedByName));
}

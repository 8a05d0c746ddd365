using System.Text.Json;
using LLMEval.Core.Access;
using LLMEval.Core.Common;
using LLMEval.Core.Data;
using LLMEval.Core.Targets.Replay;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Targets;

/// <param name="ApiKey">Null keeps the secret of the version before where scheme, host and port stay the same; empty means none.</param>
/// <param name="Parameters">Null is no parameters.</param>
public sealed record TargetVersionRequest(
    string? Endpoint = null, string? Model = null, string? ApiKey = null, string? SystemPrompt = null, JsonElement? Parameters = null, MemoryPolicy MemoryPolicy = MemoryPolicy.AsKnown,
    int? ContextLength = null, int MaxParallel = 4, int TimeoutSeconds = 120, string? Note = null);

public sealed record TargetRequest(string Name, string? Description, Connector Connector, TargetVersionRequest Version);

/// <summary>Adds a target with its version 1.</summary>
public sealed class AddTarget(IDbContextFactory<LLMEvalDbContext> contexts, SecretBox secrets, TimeProvider clock)
{
    /// <summary>The new version's id.</summary>
    public async Task<Result<long>> ExecuteAsync(TargetRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.TargetsEdit) is { } refusal)
        {
            return refusal;
        }
        var name = request.Name.Trim();
        if (name.Length is 0 or > 100 || name.Contains('@') || name.Any(char.IsControl))
        {
            return Failure.Invalid("TargetNameInvalid", nameof(request.Name), Preview.Of(name));
        }
        if (request.Description?.Length > 500)
        {
            return Failure.Invalid("TextTooLong", nameof(request.Description), 500);
        }
        if (TargetVersionRules.Check(request.Connector, request.Version) is { } failure)
        {
            return failure;
        }
        var cipher = string.IsNullOrEmpty(request.Version.ApiKey) ? null : secrets.Close(request.Version.ApiKey);
        return await Repeating.Async(() => InsertAsync(request with { Name = name }, cipher, actor, cancellationToken));
    }

    private async Task<Result<long>> InsertAsync(TargetRequest request, string? cipher, Actor actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Targets.AnyAsync(t => t.Name == request.Name, cancellationToken))
        {
            return Failure.Conflict("TargetNameTaken", request.Name);
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var target = new Target { Name = request.Name, Description = request.Description, Connector = request.Connector, CreatedAt = now, CreatedByName = actor.Name };
        db.Targets.Add(target);
        await db.SaveChangesAsync(cancellationToken);
        var version = TargetVersionRules.Make(target, 1, request.Version, cipher, actor, now);
        db.TargetVersions.Add(version);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "target.add", target.Name, target.Id, new { connector = request.Connector, version.Fingerprint }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return version.Id;
    }
}

/// <summary>Adds the next version of a target; the versions before stay as they are.</summary>
public sealed class AddTargetVersion(IDbContextFactory<LLMEvalDbContext> contexts, SecretBox secrets, TimeProvider clock)
{
    /// <summary>The new version's id.</summary>
    public async Task<Result<long>> ExecuteAsync(string name, TargetVersionRequest request, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Lacks(Permissions.TargetsEdit) is { } refusal)
        {
            return refusal;
        }
        // Two people may add a version at once: the loser takes the next number.
        return await Repeating.Async(() => InsertAsync(name, request, actor, cancellationToken));
    }

    private async Task<Result<long>> InsertAsync(string name, TargetVersionRequest request, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Targets.AsNoTracking().FirstOrDefaultAsync(t => t.Name == name, cancellationToken) is not { } target)
        {
            return Failure.NotFound("TargetNotFound", Preview.Of(name));
        }
        if (TargetVersionRules.Check(target.Connector, request) is { } failure)
        {
            return failure;
        }
        var last = await db.TargetVersions.AsNoTracking().Where(v => v.TargetId == target.Id).OrderByDescending(v => v.Number).FirstAsync(cancellationToken);
        var now = clock.GetUtcNow().UtcDateTime;
        var version = TargetVersionRules.Make(target, last.Number + 1, request, Cipher(request, last), actor, now);
        db.TargetVersions.Add(version);
        db.AuditEntries.Add(AuditEntry.Of(actor, now, "target.version.add", target.Name, target.Id, new { version.Number, version.Fingerprint }));
        await db.SaveChangesAsync(cancellationToken);
        return version.Id;
    }

    // A kept secret must not travel to another host: whoever may edit targets could then read it there.
    private string? Cipher(TargetVersionRequest request, TargetVersion last)
    {
        if (request.ApiKey is null)
        {
            return IsSamePlace(request.Endpoint, last.Endpoint) ? last.SecretCipher : null;
        }
        return request.ApiKey.Length == 0 ? null : secrets.Close(request.ApiKey);
    }

    private static bool IsSamePlace(string? one, string? other) =>
        one == other || (Uri.TryCreate(one, UriKind.Absolute, out var a) && Uri.TryCreate(other, UriKind.Absolute, out var b)
            && Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0);
}

internal static class TargetVersionRules
{
    public static Failure? Check(Connector connector, TargetVersionRequest request)
    {
        if (ChatParameters.Check(request.Parameters ?? ChatParameters.None) is { } parameters)
        {
            return parameters;
        }
        if (request.MaxParallel is < 1 or > 256)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.MaxParallel), 1, 256);
        }
        if (request.TimeoutSeconds is < 1 or > 3600)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.TimeoutSeconds), 1, 3600);
        }
        if (request.ContextLength is < 1 or > 10_000)
        {
            return Failure.Invalid("NumberOutOfRange", nameof(request.ContextLength), 1, 10_000);
        }
        if (request.Note?.Length > 200)
        {
            return Failure.Invalid("TextTooLong", nameof(request.Note), 200);
        }
        if (request.Model?.Length > 128)
        {
            return Failure.Invalid("TextTooLong", nameof(request.Model), 128);
        }
        return connector switch
        {
            Connector.OpenAI when !IsEndpoint(request.Endpoint) => Failure.Invalid("TargetEndpointInvalid", nameof(request.Endpoint), Preview.Of(request.Endpoint ?? "")),
            Connector.OpenAI when string.IsNullOrWhiteSpace(request.Model) => Failure.Invalid("TargetModelMissing", nameof(request.Model)),
            Connector.Retrieval when !RetrievalBot.Models.Contains(request.Model) => Failure.Invalid("TargetModelUnknown", nameof(request.Model), request.Model ?? "", string.Join(", ", RetrievalBot.Models)),
            _ => null,
        };
    }

    public static TargetVersion Make(Target target, int number, TargetVersionRequest request, string? cipher, Actor actor, DateTime now)
    {
        var parameters = ChatParameters.Effective(request.Parameters ?? ChatParameters.None, null).GetRawText();
        var endpoint = target.Connector == Connector.OpenAI ? request.Endpoint!.TrimEnd('/') : null;
        var prompt = string.IsNullOrWhiteSpace(request.SystemPrompt) ? null : request.SystemPrompt;
        return new TargetVersion
        {
            TargetId = target.Id,
            Number = number,
            Note = request.Note,
            Endpoint = endpoint,
            Model = request.Model,
            SecretCipher = target.Connector == Connector.OpenAI ? cipher : null,
            SystemPrompt = prompt,
            ParametersJson = parameters,
            MemoryPolicy = request.MemoryPolicy,
            ContextLength = request.ContextLength,
            MaxParallel = request.MaxParallel,
            TimeoutSeconds = request.TimeoutSeconds,
            Fingerprint = Fingerprint.Of(target.Connector.ToString(), endpoint, request.Model, prompt, parameters, request.MemoryPolicy.ToString(), request.ContextLength?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            CreatedAt = now,
            CreatedByName = actor.Name,
        };
    }

    // Credentials in an address would be stored and shown in plain text.
    private static bool IsEndpoint(string? endpoint) => endpoint is { Length: > 0 and <= 500 } && (SelfAddress.IsRelative(endpoint)
        ? !endpoint.StartsWith("//", StringComparison.Ordinal) && Uri.IsWellFormedUriString(endpoint, UriKind.Relative)
        : Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0);
}

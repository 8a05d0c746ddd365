namespace LLMEval.Core.Common;

/// <summary>On whose behalf something is read or done: what they may do, and which business lines they may see.</summary>
/// <param name="UserId">Account id; 0 for the operator at the command line.</param>
/// <param name="BizCodes">The visible business lines; null means all, an empty list means none.</param>
public sealed record Actor(long UserId, string Name, IReadOnlySet<string> Permissions, IReadOnlyList<string>? BizCodes)
{
    /// <summary>Who may start commands on the server may do everything there.</summary>
    public static Actor Operator(IEnumerable<string> permissions) => new(0, "operator", permissions.ToHashSet(StringComparer.Ordinal), null);

    public static Actor Nobody { get; } = new(0, "", new HashSet<string>(), []);

    public bool May(string permission) => Permissions.Contains(permission);

    public bool Sees(string bizCode) => BizCodes is null || BizCodes.Contains(bizCode, StringComparer.Ordinal);

    /// <summary>Null when allowed, else the refusal to return.</summary>
    public Failure? Lacks(string permission) => May(permission) ? null : Failure.Forbidden(permission);
}
